import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  condition,
  continueAsNew,
  executeChild,
  ParentClosePolicy,
  setCurrentDetails,
  sleep,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { exactText, intervalText, type DataInterval } from '../core/interval.ts';
import { runWorkflowId } from '../core/run.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { looks } from './activity-options.ts';

// Of one execution, whose history stays small: another one goes on, or the schedule comes again.
const MOST_LOOKS = 20;
const MOST_RUNS = 200;
const PAUSE_MS = 10_000; // where others have all the places

/** What an execution has done. */
export interface PolledFiles {
  readonly claimed: number;
  readonly runs: number;
}

/**
 * Looks at the place of a pipeline that runs on files, and starts a run for each batch that none has taken, in order of arrival, so many
 * at a time as the pipeline says: one more whenever one has ended. It goes on looking meanwhile. What was claimed and what was run is in
 * the ledger: an execution that is lost is made good by the next.
 */
export async function pollFiles(pipeline: string): Promise<PolledFiles> {
  let claimed = 0;
  const runs = new Runs(pipeline);
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const found = await looks.takeFiles(pipeline);
    claimed += found.claimed;
    setCurrentDetails(`${found.waiting} files settle, ${found.batches.length} batches wait`);
    // A run that ended without its batch could not even begin; so it would be with the others, and again now. The schedule tries again.
    if (!runs.begin(found.batches, found.places)) return { claimed, runs: runs.ended };
    if (runs.areUnderWay) await condition(() => !runs.areUnderWay, found.everyMs);
    else if (found.batches.length) await sleep(PAUSE_MS);
    else if (found.waiting > 0) await sleep(Math.max(1_000, found.settleMs));
    else return { claimed, runs: runs.ended };
    if (runs.areEnough) break;
  }
  if (runs.wait) await continueAsNew<typeof pollFiles>(pipeline);
  return { claimed, runs: runs.ended };
}

/** The runs of an execution. */
class Runs {
  ended = 0;
  readonly #pipeline: string;
  readonly #underWay = new Set<string>();
  readonly #tried = new Set<string>();
  #started = 0;
  #places = 0;
  #queue: DataInterval[] = [];

  constructor(pipeline: string) {
    this.#pipeline = pipeline;
  }

  get areUnderWay(): boolean {
    return this.#underWay.size > 0;
  }

  get areEnough(): boolean {
    return this.#started >= MOST_RUNS;
  }

  /** Whether batches are left. */
  get wait(): boolean {
    return this.#queue.length > 0;
  }

  /**
   * Starts what there are places for, now and as they come free.
   * @param batches that no run has taken, as the last look has found them; so are those of runs that begin just now
   * @returns false where the run of one has ended: then none is started
   */
  begin(batches: readonly DataInterval[], places: number): boolean {
    this.#queue = batches.filter(({ start }) => !this.#underWay.has(start));
    this.#places = places - (batches.length - this.#queue.length);
    if (this.#queue.some(({ start }) => this.#tried.has(start))) {
      this.#queue = [];
      return false;
    }
    this.#next();
    return true;
  }

  #next(): void {
    while (this.#places > 0 && !this.areEnough) {
      const batch = this.#queue.shift();
      if (!batch) return;
      this.#places -= 1;
      this.#started += 1;
      void this.#run(batch);
    }
  }

  /** Never rejects. */
  async #run(batch: DataInterval): Promise<void> {
    this.#underWay.add(batch.start);
    this.#tried.add(batch.start);
    const end = await runOne(this.#pipeline, batch);
    if (end === 'elsewhere') this.#tried.delete(batch.start);
    else this.ended += 1;
    if (end === 'failed') this.#queue = []; // the next look says whether it has begun at all
    this.#underWay.delete(batch.start);
    this.#places += 1;
    this.#next();
  }
}

/**
 * A run that fails, or is cancelled, is recorded as any other, and is for people to run again; the files after it are run.
 * `elsewhere`: another execution has started it.
 */
async function runOne(
  pipeline: string,
  interval: DataInterval,
): Promise<'succeeded' | 'failed' | 'elsewhere'> {
  const input: RunPipelineInput = { pipeline, interval: exactText(interval), kind: 'scheduled' };
  try {
    await executeChild('runPipeline', {
      workflowId: runWorkflowId(pipeline, interval.end),
      args: [input],
      // The run goes on when this execution is ended; the ledger says that it was started.
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
      staticSummary: `${pipeline} ${intervalText(interval)}`,
    });
    return 'succeeded';
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) return 'failed';
    // Where this execution is cancelled, its next wait says so.
    await sleep(PAUSE_MS).catch(() => undefined);
    return 'elsewhere';
  }
}
