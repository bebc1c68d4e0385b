import {
  CancellationScope,
  log,
  patched,
  setCurrentDetails,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Idle, OpenedRun } from '../activities/open-run.ts';
import { intervalText } from '../core/interval.ts';
import { pauseBeforeLook } from '../core/lease-wait.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { quick } from './activity-options.ts';
import { runFailed } from './failures.ts';
import { nominalTime } from './nominal-time.ts';
import { searchAttributes } from './search-attributes.ts';
import { untilMended } from './until-mended.ts';

/** Opens the run of this workflow, once its definition can be read and nobody else runs its interval. */
export async function openedRun(input: RunPipelineInput): Promise<OpenedRun | Idle> {
  const { workflowId, runId } = workflowInfo();
  for (let looks = 1; ; looks += 1) {
    // Not to be cancelled in between: the ledger would keep a run, and its lease, that nobody closes.
    const opened = await untilMended(() =>
      CancellationScope.nonCancellable(() =>
        quick.openRun({ input, workflowId, runId, nominalTime: nominalTime() }),
      ),
    );
    if ('nothingDue' in opened) return opened;
    if (!opened.heldBy) {
      upsertSearchAttributes(
        searchAttributes({
          pipeline: opened.run.pipeline,
          interval: opened.run.interval,
          kind: input.kind ?? 'manual',
          outcome: 'running',
          backfillId: input.backfillId,
          codeVersion: opened.codeVersion,
        }),
      );
      return opened;
    }
    const held = `Interval ${intervalText(opened.run.interval)} of ${opened.run.pipeline} is already being run by ${opened.heldBy.workflowId} (run ${opened.heldBy.runId})`;
    if (opened.definition.onConflict === 'fail') {
      throw runFailed(
        'IntervalHeld',
        `${held}. Wait for it, or cancel it with 'sluice cancel ${opened.heldBy.workflowId}'.`,
      );
    }
    setCurrentDetails(`${held}. Waiting for it.`);
    if (looks === 1) log.info(`${held}. Waiting for it.`);
    const pause = pauseBeforeLook(looks);
    if (pause === undefined && patched('waiting-has-an-end')) {
      throw runFailed(
        'IntervalHeld',
        `${held}; this one has waited a day for it. Look at that run, or cancel it with 'sluice cancel ${opened.heldBy.workflowId}', then start this one again.`,
      );
    }
    await sleep(pause ?? '1 minute');
  }
}
