import { Cadence } from './cadence.ts';
import { InvalidInput } from './errors.ts';
import { intervalText, type DataInterval, type Instant } from './interval.ts';
import type { Outcome } from './run.ts';
import {
  backfillInput,
  parseInput,
  type BackfillInput,
  type BackfillRequest,
  type RunPipelineInput,
} from './run-input.ts';
import { pipelineNamed, type Registry } from './run-request.ts';

/** What a plan needs to know of earlier runs. */
export interface PastRun {
  readonly interval: DataInterval;
  readonly outcome: Outcome;
  readonly input: Pick<RunPipelineInput, 'tables'>;
}

export interface PlannedRun {
  readonly interval: DataInterval;
  /** When a schedule would have started it; part of its workflow id. */
  readonly nominalTime: Instant;
}

export interface BackfillPlan {
  readonly request: BackfillRequest;
  readonly range: DataInterval;
  readonly intervals: number;
  /** Oldest first. */
  readonly runs: readonly PlannedRun[];
  /** How many intervals are left out, by the outcome of their newest run. */
  readonly leftOut: Readonly<Partial<Record<Outcome, number>>>;
  /** Tables of which an interval has rows of its own. */
  readonly intervalTables: readonly string[];
  /** The others, of which a run brings the same whatever its interval: snapshots, and what is new past the mark. */
  readonly onceTables: readonly string[];
}

/**
 * Says what a backfill would do. Changes nothing.
 * @param runsOver past runs that share a moment with the range, newest first
 * @throws {InvalidInput} the range is reversed, not on the cadence or not over yet; the pipeline has no schedule
 */
export async function planBackfill(
  registry: Registry,
  input: BackfillInput,
  now: Instant,
  runsOver: (pipeline: string, range: DataInterval) => Promise<readonly PastRun[]>,
): Promise<BackfillPlan> {
  const request = parseInput(backfillInput, input, 'The input of backfillPipeline');
  const definition = pipelineNamed(registry, request.pipeline);
  if (definition.schedule === 'manual') {
    throw new InvalidInput(`A backfill of '${request.pipeline}'`, [
      'the pipeline has no schedule, so there are no intervals to fill; run it with an interval instead.',
    ]);
  }
  const cadence = new Cadence(definition.schedule);
  const range = cadence.span(request.from, request.to);
  if (range.end > now) {
    throw new InvalidInput(`A backfill over ${intervalText(range)}`, [
      `it ends in the future (now: ${now}).`,
    ]);
  }
  const intervals = cadence.intervalsWithin(range);
  const names = (byInterval: boolean) =>
    definition.tables
      .filter((table) => (table.extract.mode === 'interval') === byInterval)
      .map((table) => table.name);
  const intervalTables = names(true);
  const runs = await runsOver(request.pipeline, range);
  const earlier = runs.filter(
    ({ input: { tables } }) => !tables || intervalTables.every((name) => tables.includes(name)),
  );
  const leftOut: Partial<Record<Outcome, number>> = {};
  const wanted = intervals.filter((candidate) => {
    const outcome = lastOutcome(earlier, candidate);
    if (isWanted(request.reprocess, outcome)) return true;
    if (outcome) leftOut[outcome] = (leftOut[outcome] ?? 0) + 1;
    return false;
  });
  return {
    request,
    range,
    intervals: intervals.length,
    runs: wanted.map((one) => ({ interval: one, nominalTime: cadence.nominalTime(one) })),
    leftOut,
    intervalTables,
    onceTables: names(false),
  };
}

/** Outcome of the newest run whose interval holds this one whole; runs come newest first. */
function lastOutcome(runs: readonly PastRun[], { start, end }: DataInterval): Outcome | undefined {
  return runs.find((run) => run.interval.start <= start && run.interval.end >= end)?.outcome;
}

function isWanted(reprocess: BackfillRequest['reprocess'], outcome: Outcome | undefined): boolean {
  if (outcome === undefined || reprocess === 'all') return true;
  return reprocess === 'failed' && (outcome === 'failed' || outcome === 'cancelled');
}
