import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  executeChild,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  sleep,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { exactText, intervalText, type DataInterval } from '../core/interval.ts';
import { runWorkflowId } from '../core/run.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { looks } from './activity-options.ts';

const MOST_LOOKS = 20; // of one execution, whose history stays small; the schedule comes again
const PAUSE_MS = 10_000; // where others have all the places

/** What an execution has done. */
export interface PolledFiles {
  readonly claimed: number;
  readonly runs: number;
}

/**
 * Looks at the place of a pipeline that runs on files, and starts a run for each batch that none has taken, in order of arrival, so many
 * at a time as the pipeline says. What was claimed and what was run is in the ledger: an execution that is lost is made good by the next.
 */
export async function pollFiles(pipeline: string): Promise<PolledFiles> {
  let claimed = 0;
  let runs = 0;
  for (let look = 1; look <= MOST_LOOKS; look += 1) {
    const found = await looks.takeFiles(pipeline);
    claimed += found.claimed;
    setCurrentDetails(`${found.waiting} files settle, ${found.batches.length} batches wait`);
    if (found.batches.length) {
      if (found.places > 0) runs += await runAll(pipeline, found.batches, found.places);
      else await sleep(PAUSE_MS);
    } else if (found.waiting > 0) await sleep(Math.max(1_000, found.settleMs));
    else break;
  }
  return { claimed, runs };
}

/** @returns how many runs this has started */
async function runAll(pipeline: string, batches: readonly DataInterval[], places: number): Promise<number> {
  let next = 0;
  let started = 0;
  const one = async () => {
    for (let batch = batches[next++]; batch; batch = batches[next++])
      if (await runOne(pipeline, batch)) started += 1;
  };
  await Promise.all(Array.from({ length: Math.min(places, batches.length) }, one));
  return started;
}

/** A run that fails is recorded as any other, and is for people to run again; the files after it are run. */
async function runOne(pipeline: string, interval: DataInterval): Promise<boolean> {
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
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) return true;
    await sleep(PAUSE_MS);
    return false;
  }
}
