import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Outcome } from '../core/run.ts';
import type { BackfillInput } from '../core/run-input.ts';
import { ending } from './activity-options.ts';
import { outcomeOf, runFailed } from './failures.ts';
import {
  BackfillControl,
  progressText,
  type BackfillProgress,
  type ProgressInHistory,
} from './backfill/control.ts';
import { openPlan } from './backfill/plan-in-ledger.ts';
import type { PlanState } from './backfill/plan.ts';
import { finish, runWindow } from './backfill/window.ts';
import { searchAttributes } from './search-attributes.ts';

/** What an execution hands to the next one when its history has grown long. */
export interface BackfillState extends PlanState {
  readonly progress: BackfillProgress | ProgressInHistory;
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
  const { workflowId } = workflowInfo();
  const plan = await openPlan(input, state);
  const { request, range } = plan.outline;
  const control = new BackfillControl(plan.outline, state?.progress);
  upsertSearchAttributes(
    searchAttributes({
      pipeline: request.pipeline,
      interval: range,
      kind: 'backfill',
      outcome: 'running',
      backfillId: workflowId,
    }),
  );
  try {
    await runWindow(workflowId, plan, control);
    if (control.outcome === 'running') await condition(allHandlersFinished);
    else if (control.outcome === 'succeeded') await finish(workflowId, plan, control);
  } catch (error) {
    await record(workflowId, control, outcomeOf(error));
    throw error;
  }
  let outcome: Outcome;
  do await record(workflowId, control, (outcome = control.outcome));
  while (control.outcome !== outcome); // cancelled while it was recorded
  if (outcome === 'running')
    return continueAsNew<typeof backfillPipeline>(input, { ...plan.handedOn, progress: control.progress });
  if (outcome === 'failed') throw intervalsFailed(control.progress);
  return control.progress;
}

async function record(backfillId: string, control: BackfillControl, outcome: Outcome): Promise<void> {
  upsertSearchAttributes(searchAttributes({ outcome }));
  setCurrentDetails(progressText(control.progress));
  const { succeeded, failed } = control.progress;
  await CancellationScope.nonCancellable(() =>
    ending.recordBackfill(backfillId, { succeeded, failed, outcome }),
  );
}

function intervalsFailed({ failed, total, lastFailures }: BackfillProgress): Error {
  const lines = lastFailures.map(({ interval, error }) => `  - ${interval}: ${error}`);
  const before = failed - lines.length;
  return runFailed(
    'IntervalsFailed',
    `${failed} of ${total} intervals failed:\n${before ? `  - … ${before} before these\n` : ''}${lines.join('\n')}\n` +
      `Mend the cause, then run the backfill again with reprocess 'failed'.`,
  );
}
