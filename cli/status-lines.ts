import { Cadence } from '../core/cadence.ts';
import { decidingTables, without } from '../core/coverage.ts';
import type { DataInterval, Instant } from '../core/interval.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import type { Step } from '../core/run.ts';
import type { Ledger, RunRecord, StepRecord } from '../connectors/ledger/port.ts';

export interface StepCell {
  readonly done: number;
  readonly failed: number;
  readonly running: number;
}

/** An interval with its newest run, or a stretch of time of which rows are missing. */
export type StatusLine =
  | {
      readonly interval: DataInterval;
      readonly run: RunRecord;
      readonly steps: Readonly<Partial<Record<Step, StepCell>>>;
      readonly rows: number;
    }
  | {
      readonly interval: DataInterval;
      /** Intervals of today's cadence that lie in it, in part or whole; counted up to `MOST_COUNTED`. */
      readonly missing: number;
      /** The tables that are not loaded there. */
      readonly tables: readonly string[];
    };

export const MOST_COUNTED = 1_000; // a cron expression is slow to count by

/**
 * The newest intervals of a pipeline that were run, whatever its cadence was then, and the stretches from the oldest of them
 * until now that are not loaded; newest first. Reads no more of the ledger than it shows.
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
  const gaps = definition ? await gapsSince(ledger, definition, shown, now) : [];
  const newest = ({ interval: { start, end } }: StatusLine) => `${start} ${end}`;
  return [...lines, ...gaps].sort((a, b) => newest(b).localeCompare(newest(a)));
}

async function gapsSince(
  ledger: Ledger,
  { name, schedule, tables }: ResolvedPipeline,
  shown: readonly RunRecord[],
  now: Instant,
): Promise<StatusLine[]> {
  const oldest = shown.at(-1);
  if (schedule === 'manual' || !oldest) return [];
  const cadence = new Cadence(schedule);
  const span = { start: oldest.interval.start, end: cadence.intervalEndedAt(now).end };
  if (span.start >= span.end) return [];
  const gaps = await ledger.missing(name, decidingTables(tables), span);
  const underWay = shown.filter((run) => run.outcome === 'running').map((run) => run.interval);
  return gaps.flatMap((gap) =>
    without([gap], underWay).map((interval) => ({
      interval,
      missing: intervalsIn(cadence, interval),
      tables: gap.tables,
    })),
  );
}

function intervalsIn(cadence: Cadence, { start, end }: DataInterval): number {
  let counted = 0;
  for (let at = cadence.floor(start); at < end && counted < MOST_COUNTED; at = cadence.next(at)) counted += 1;
  return counted;
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
