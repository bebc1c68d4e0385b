import { Context } from '@temporalio/activity';
import { milliseconds } from '../core/duration.ts';
import { messageOf, TerminalError } from '../core/errors.ts';
import type { DataInterval } from '../core/interval.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import { pipelineNamed } from '../core/run-request.ts';
import type { ResolvedOnFiles } from '../core/on-files.ts';
import { onFilesOf } from '../core/schedule.ts';
import type { Connectors } from './connectors.ts';
import { evictLost } from './lost-runs.ts';

const MOST_BATCHES = 50; // of one look; the next one sees the others

/** What a look at a place has found. */
export interface TakenFiles {
  /** Files that were claimed by this look. */
  readonly claimed: number;
  /** New ones that have not stood still for long enough, or whose version of before is still being run. */
  readonly waiting: number;
  /** Batches that no run has taken, oldest first. */
  readonly batches: readonly DataInterval[];
  /** How many runs may be started now. */
  readonly places: number;
  readonly settleMs: number;
  /** Between two looks. */
  readonly everyMs: number;
}

/** Looks at the place of a pipeline, claims what has arrived, and says what is to be run. May be repeated: what is claimed stays so. */
export async function takeFiles(connectors: Connectors, pipeline: string): Promise<TakenFiles> {
  const { registry, source, ledger } = connectors;
  const definition = pipelineNamed(registry, pipeline);
  const files = onFilesOf(definition.schedule);
  if (!files)
    throw new TerminalError(`Pipeline '${pipeline}' does not run on files any more. Run 'sluice deploy'.`);
  const settleMs = milliseconds(files.settle);
  const signal = Context.current().cancellationSignal;
  // A run that was ended from outside would hold its files, and a place, for ever.
  await evictLost(connectors, pipeline);
  const look = async () => {
    const arrivals = await arrivalsOf(source, definition);
    return ledger.claimFiles({
      pipeline,
      place: files.place,
      files: await arrivals.list(files.place, files.pattern, signal),
      settleMs: arrivals.grow ? settleMs : 0,
      batch: files.batch,
    });
  };
  const { claimed, waiting } = await look().catch(async (error: unknown) => {
    signal.throwIfAborted();
    await ledger.recordLook(pipeline, { unclaimed: 0, problem: messageOf(error) });
    throw error;
  });
  await ledger.recordLook(pipeline, { unclaimed: waiting, problem: null });
  const { batches, running } = await ledger.waitingBatches(pipeline, MOST_BATCHES);
  const everyMs = milliseconds(files.every);
  return { claimed, waiting, batches, places: placesLeft(files, running), settleMs, everyMs };
}

function placesLeft({ concurrency }: ResolvedOnFiles, running: number): number {
  return Math.max(0, concurrency - running);
}

async function arrivalsOf(source: Connectors['source'], { name, source: connection = '' }: ResolvedPipeline) {
  const { arrivals } = await source(connection);
  if (arrivals) return arrivals;
  throw new TerminalError(
    `No files arrive at connection '${connection}', which pipeline '${name}' waits for them at. Name one of type 'files'.`,
  );
}
