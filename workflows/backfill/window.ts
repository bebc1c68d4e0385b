import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  executeChild,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { BackfillPlan, PlannedRun } from '../../core/backfill.ts';
import { intervalText } from '../../core/interval.ts';
import { runWorkflowId, type RunSummary } from '../../core/run.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import { outcomeOf, reason } from '../failures.ts';
import { searchAttributes } from '../search-attributes.ts';
import type { BackfillControl } from './control.ts';

/**
 * Keeps as many runs going as the control allows, until none is left, as many were started as an execution may, or the
 * backfill is cancelled.
 * Every run that was started has ended when this returns.
 */
export async function runWindow(
  backfillId: string,
  plan: BackfillPlan,
  control: BackfillControl,
): Promise<void> {
  const last = control.progress.started + plan.request.runsPerExecution;
  const isDone = () => control.cancelled || control.left === 0 || control.progress.started >= last;
  let failure: Error | undefined;
  try {
    while (!isDone() && failure === undefined) {
      await condition(() => control.mayStart || isDone() || failure !== undefined);
      const next = plan.runs[control.progress.started];
      if (!control.mayStart || !next) continue;
      runOne(backfillId, plan, next, control).catch((error: unknown) => (failure = error as Error));
    }
  } finally {
    await CancellationScope.nonCancellable(() => condition(() => !control.busy));
  }
  if (failure !== undefined) throw failure;
}

/** After the last interval: what needs doing once, not once per interval. */
export async function finish(backfillId: string, plan: BackfillPlan): Promise<void> {
  if (plan.request.transform === 'each') return;
  await child(`${backfillId}/finish`, {
    pipeline: plan.request.pipeline,
    interval: intervalText(plan.range),
    tables: [...plan.onceTables],
    kind: 'backfill',
    backfillId,
  });
}

async function runOne(
  backfillId: string,
  plan: BackfillPlan,
  run: PlannedRun,
  control: BackfillControl,
): Promise<void> {
  const { pipeline, transform } = plan.request;
  const workflowId = runWorkflowId(pipeline, run.nominalTime);
  const interval = intervalText(run.interval);
  control.began(workflowId);
  let error: string | undefined;
  try {
    await control.scope.run(() =>
      child(workflowId, {
        pipeline,
        interval,
        kind: 'backfill',
        backfillId,
        ...(transform === 'once' ? { tables: [...plan.intervalTables], skip: ['transform'] } : {}),
      }),
    );
  } catch (caught) {
    error =
      caught instanceof WorkflowExecutionAlreadyStartedError
        ? `${workflowId} is already running; wait for it.`
        : reason(caught);
    if (outcomeOf(caught) === 'cancelled' && !control.cancelled) {
      control.ended(workflowId, interval, error);
      throw caught;
    }
  }
  if (control.cancelled && error !== undefined) control.dropped(workflowId);
  else control.ended(workflowId, interval, error);
  await control.record(backfillId, 'running');
}

/** Runs are abandoned, not ended, when somebody terminates the backfill: each is a whole of its own. */
function child(workflowId: string, input: RunPipelineInput): Promise<RunSummary> {
  return executeChild<(input: RunPipelineInput) => Promise<RunSummary>>('runPipeline', {
    workflowId,
    args: [input],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    staticSummary: `${input.pipeline} ${input.interval ?? ''}`,
    typedSearchAttributes: searchAttributes({
      pipeline: input.pipeline,
      kind: 'backfill',
      backfillId: input.backfillId,
    }),
  });
}
