import { Cadence } from '../core/cadence.ts';
import { decidingTables, without } from '../core/coverage.ts';
import type { DataInterval, Instant } from '../core/interval.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import { isTimed } from '../core/schedule.ts';
import { foundByChecks, type Step, type StepOutcome } from '../core/run.ts';
import type { Ledger, RunRecord, StepRecord } from '../connectors/ledger/port.ts';
import { waitingFor } from './step-notes.ts';

export interface StepCell {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  readonly skipped: number;
}

/** An interval with its newest run, or a stretch of time of which rows are missing. */
export type StatusLine =
  | {
      readonly interval: DataInterval;
      readonly run: RunRecord;
      readonly steps: Readonly<Partial<Record<Step, StepCell>>>;
      /** Its tasks by name, in the order in which they began. */
      readonly tasks: Readonly<Record<string, StepOutcome>>;
      readonly rows: number;
      /** Steps that wait, with what for in words: `release waits for approval: …`. */
      readonly waiting: readonly string[];
      /** What its checks have found that is no failure. */
      readonly found: readonly string[];
    }
  | {
      readonly interval: DataInterval;
      /** Intervals of today's cadence that lie in it, in part or whole; counted up to `MOST_COUNTED`. */
      readonly missing: number;
      /** The tables that are not loaded there. */
      readonly tables: readonly string[];
      /** How many stretches the line stands for, where it is more than one: all before the oldest interval that is shown. */
      readonly stretches?: number;
    };

type GapLine = Extract<StatusLine, { missing: number }>;

export const MOST_COUNTED = 1_000; // of one line

/**
 * The newest intervals of a pipeline that were run, whatever its cadence was then, and the stretches from its start until
 * now that are not loaded; newest first. Those before the oldest interval that is shown are one line.
 * @param definition absent for a pipeline that is no longer in the registry, of which nothing is missing
 */
export async function status(
  ledger: Ledger,
  name: string,
  definition: ResolvedPipeline | undefined,
  limit: number,
  now: Instant,
): Promise<StatusLine[]> {
  const shown = await ledger.newestIntervals(name, limit);
  const steps = await ledger.steps(shown.map((run) => run.runId));
  const lines = shown.map((run) =>
    toLine(
      run,
      steps.filter((step) => step.runId === run.runId),
    ),
  );
  const gaps = definition ? await gapsOf(ledger, definition, shown, now) : [];
  const newest = ({ interval: { start, end } }: StatusLine) => `${start} ${end}`;
  return [...lines, ...gaps].sort((a, b) => newest(b).localeCompare(newest(a)));
}

async function gapsOf(
  ledger: Ledger,
  { name, schedule, start, tables }: ResolvedPipeline,
  shown: readonly RunRecord[],
  now: Instant,
): Promise<GapLine[]> {
  if (!isTimed(schedule)) return [];
  const cadence = new Cadence(schedule);
  const oldest = shown.at(-1)?.interval.start;
  const first = cadence.floor(start);
  const span = { start: oldest && oldest < first ? oldest : first, end: cadence.intervalEndedAt(now).end };
  if (span.start >= span.end) return [];
  const underWay = shown.filter((run) => run.outcome === 'running').map((run) => run.interval);
  const gaps = (await ledger.missing(name, decidingTables(tables), span))
    .flatMap((gap) => without([gap], underWay).map((interval) => ({ interval, tables: gap.tables })))
    .map((gap) => ({ ...gap, missing: cadence.count(gap.interval, MOST_COUNTED) }));
  const isBefore = ({ interval }: GapLine) => oldest !== undefined && interval.end <= oldest;
  return [...inOneLine(gaps.filter(isBefore)), ...gaps.filter((gap) => !isBefore(gap))];
}

/** Any number of gaps, oldest first, as one line at most. */
function inOneLine(gaps: readonly GapLine[]): GapLine[] {
  const [first, last] = [gaps[0], gaps.at(-1)];
  if (!first || !last || first === last) return [...gaps];
  return [
    {
      interval: { start: first.interval.start, end: last.interval.end },
      missing: Math.min(
        MOST_COUNTED,
        gaps.reduce((sum, { missing }) => sum + missing, 0),
      ),
      tables: [...new Set(gaps.flatMap((gap) => gap.tables))].sort(),
      stretches: gaps.length,
    },
  ];
}

function toLine(run: RunRecord, steps: readonly StepRecord[]): StatusLine {
  const cells: Partial<Record<Step, StepCell>> = {};
  for (const { step, outcome } of steps) {
    const cell = cells[step] ?? { done: 0, failed: 0, running: 0, skipped: 0 };
    cells[step] = {
      done: cell.done + (outcome === 'succeeded' ? 1 : 0),
      failed: cell.failed + (outcome === 'failed' || outcome === 'cancelled' ? 1 : 0),
      running: cell.running + (outcome === 'running' ? 1 : 0),
      skipped: cell.skipped + (outcome === 'skipped' ? 1 : 0),
    };
  }
  const tasks = Object.fromEntries(
    steps.flatMap(({ step, table, outcome }) => (step === 'task' && table ? [[table, outcome]] : [])),
  );
  const rows = steps.filter((step) => step.step === 'load').reduce((sum, step) => sum + (step.rows ?? 0), 0);
  const waiting = steps.flatMap((step) => {
    const what = waitingFor(step);
    return what === undefined ? [] : [`${step.table ?? step.step} waits for ${what}`];
  });
  const found = steps.flatMap((step) => foundByChecks(step));
  return { interval: run.interval, run, steps: cells, tasks, rows, waiting, found };
}
