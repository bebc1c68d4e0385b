import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { BackfillPlan } from '../core/backfill.ts';
import type { BackfillInput } from '../core/run-input.ts';
import { quick } from './activity-options.ts';
import { outcomeOf, runFailed } from './failures.ts';
import { BackfillControl, progressText, type BackfillProgress } from './backfill/control.ts';
import { finish, runWindow } from './backfill/window.ts';
import { searchAttributes } from './search-attributes.ts';

/** What an execution hands to the next one when its history has grown long. */
export interface BackfillState {
  readonly plan: BackfillPlan;
  readonly progress: BackfillProgress;
}

/**
 * Runs a pipeline over past intervals, oldest first, a bounded number at a time; then snapshot tables and models once.
 * Start it with `{"pipeline":"olist","from":"2018-08-01","to":"2018-08-06"}`. Updates: `pause`, `resume`, `setConcurrency`,
 * `cancel`; query: `progress`.
 */
export async function backfillPipeline(
  input: BackfillInput,
  state?: BackfillState,
): Promise<BackfillProgress> {
  const { workflowId, startTime } = workflowInfo();
  const now = `${startTime.toISOString().slice(0, 19)}Z`;
  const plan = state?.plan ?? (await quick.planBackfill(workflowId, input, now));
  const control = new BackfillControl(plan, state?.progress);
  upsertSearchAttributes(
    searchAttributes({
      pipeline: plan.request.pipeline,
      interval: plan.range,
      kind: 'backfill',
      outcome: 'running',
      backfillId: workflowId,
    }),
  );
  try {
    await runWindow(workflowId, plan, control);
    if (control.left > 0 && !control.cancelled) {
      await condition(allHandlersFinished);
      return await continueAsNew<typeof backfillPipeline>(input, { plan, progress: control.progress });
    }
    if (!control.cancelled && control.progress.failed.length === 0) await finish(workflowId, plan);
    await close(
      workflowId,
      control,
      control.cancelled ? 'cancelled' : control.progress.failed.length ? 'failed' : 'succeeded',
    );
  } catch (error) {
    await close(workflowId, control, outcomeOf(error));
    throw error;
  }
  const { failed } = control.progress;
  if (failed.length && !control.cancelled) {
    throw runFailed(
      'IntervalsFailed',
      `${failed.length} of ${plan.runs.length} intervals failed:\n${failed
        .slice(0, 20)
        .map(({ interval, error }) => `  - ${interval}: ${error}`)
        .join('\n')}\nMend the cause, then run the backfill again with reprocess 'failed'.`,
    );
  }
  return control.progress;
}

async function close(
  backfillId: string,
  control: BackfillControl,
  outcome: 'succeeded' | 'failed' | 'cancelled',
): Promise<void> {
  upsertSearchAttributes(searchAttributes({ outcome }));
  setCurrentDetails(progressText(control.progress));
  await control.record(backfillId, outcome);
}
