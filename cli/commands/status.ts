import type { Command } from 'commander';
import { Cadence } from '../../core/cadence.ts';
import { inWords } from '../../core/duration.ts';
import { freshness, freshnessText } from '../../core/freshness.ts';
import {
  intervalText,
  millisecondsOf,
  toInstant,
  type DataInterval,
  type Instant,
} from '../../core/interval.ts';
import type { ResolvedPipeline } from '../../core/pipeline.ts';
import { STEPS, type Outcome, type Step } from '../../core/run.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { registry } from '../../pipelines/index.ts';
import type { Ledger, RunRecord, StepRecord } from '../../connectors/ledger/port.ts';
import { count, table } from '../output.ts';
import { withLedger } from '../session.ts';
import { example, invocation, wholeNumber } from './globals.ts';

interface StepCell {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
}

/** One line of the grid: an interval with its newest run, or a stretch of intervals that no run has covered. */
export type StatusLine =
  | {
      readonly interval: DataInterval;
      readonly run: RunRecord;
      readonly steps: Readonly<Partial<Record<Step, StepCell>>>;
      readonly rows: number;
    }
  | { readonly interval: DataInterval; readonly missing: number };

const MARKS: Record<Outcome, string> = { succeeded: '✓', failed: '✗', cancelled: '⊘', running: '…' };

export function statusCommand(command: Command): void {
  command
    .option('-n, --limit <intervals>', 'newest intervals to show', wholeNumber, 10)
    .addHelpText('after', example('sluice status olist'))
    .action(async (name: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ limit: number }>(command);
      const pipeline = pipelineNamed(registry, name);
      await withLedger(options, output, async ({ ledger }) => {
        const lines = await status(ledger, pipeline, options.limit, toInstant(new Date()));
        const [success] = await ledger.runs({ pipeline: name, outcomes: ['succeeded'], limit: 1 });
        const fresh = freshness(
          pipeline,
          success?.finishedAt ? new Date(success.finishedAt) : undefined,
          new Date(),
        );
        const text = lines.length ? grid(lines) : `${name}: no runs yet. 'sluice run ${name}' starts one.`;
        output.result(
          { pipeline: name, freshness: fresh ?? null, intervals: lines },
          fresh ? `${text}\n${freshnessText(pipeline, fresh)}` : text,
        );
      });
    });
}

/** Newest first. Intervals between and after those that ran are counted as missing where the pipeline has a cadence. */
export async function status(
  ledger: Ledger,
  pipeline: ResolvedPipeline,
  limit: number,
  now: Instant,
): Promise<StatusLine[]> {
  const runs = await ledger.runs({ pipeline: pipeline.name });
  const newest = new Map<string, RunRecord>();
  for (const run of runs) {
    const key = intervalText(run.interval);
    if (!newest.has(key)) newest.set(key, run);
  }
  const shown = [...newest.values()]
    .sort((a, b) => (a.interval.start < b.interval.start ? 1 : -1))
    .slice(0, limit);
  const steps = await ledger.steps(shown.map((run) => run.runId));
  const lines: StatusLine[] = shown.map((run) =>
    toLine(
      run,
      steps.filter((step) => step.runId === run.runId),
    ),
  );
  if (pipeline.schedule === 'manual' || !shown.length) return lines;
  const gaps = gapsBetween(
    shown.map((run) => run.interval),
    new Cadence(pipeline.schedule),
    now,
  );
  return [...lines, ...gaps].sort((a, b) => (a.interval.start < b.interval.start ? 1 : -1));
}

function gapsBetween(covered: readonly DataInterval[], cadence: Cadence, now: Instant): StatusLine[] {
  const ordered = [...covered].sort((a, b) => (a.start < b.start ? -1 : 1));
  const due = cadence.intervalEndedAt(now).end;
  const gaps: StatusLine[] = [];
  let reached = ordered[0]?.start ?? due;
  for (const { start, end } of [...ordered, { start: due, end: due }]) {
    if (start > reached) {
      const span = { start: reached, end: start };
      gaps.push({ interval: span, missing: cadence.intervalsWithin(span).length });
    }
    if (end > reached) reached = end;
  }
  return gaps;
}

function toLine(run: RunRecord, steps: readonly StepRecord[]): StatusLine {
  const cells: Partial<Record<Step, StepCell>> = {};
  for (const { step, outcome } of steps) {
    const cell = cells[step] ?? { done: 0, failed: 0, running: 0 };
    cells[step] = {
      done: cell.done + (outcome === 'succeeded' ? 1 : 0),
      failed: cell.failed + (outcome === 'failed' || outcome === 'cancelled' ? 1 : 0),
      running: cell.running + (outcome === 'running' ? 1 : 0),
    };
  }
  const rows = steps.filter((step) => step.step === 'load').reduce((sum, step) => sum + (step.rows ?? 0), 0);
  return { interval: run.interval, run, steps: cells, rows };
}

function grid(lines: readonly StatusLine[]): string {
  const rows = lines.map((line) => {
    if ('missing' in line) return ['·', intervalText(line.interval), `${count(line.missing)} not run`];
    const { run } = line;
    const took =
      run.finishedAt === null
        ? 'running'
        : inWords(millisecondsOf(run.finishedAt) - millisecondsOf(run.startedAt));
    return [
      MARKS[run.outcome],
      intervalText(line.interval),
      ...STEPS.map((step) => cellText(line.steps[step])),
      count(line.rows),
      took,
      run.kind,
    ];
  });
  const errors = lines.flatMap((line) =>
    'run' in line && line.run.error ? [`${line.run.workflowId}: ${line.run.error}`] : [],
  );
  return [table(['', 'interval', ...STEPS, 'rows', 'took', 'kind'], rows, [7]), ...errors].join('\n');
}

function cellText(cell: StepCell | undefined): string {
  if (!cell) return '';
  const { done, failed, running } = cell;
  const parts = [done ? `✓ ${done}` : '', failed ? `✗ ${failed}` : '', running ? `… ${running}` : ''];
  return parts.filter(Boolean).join(' ');
}
