import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  executeChild,
  ParentClosePolicy,
  patched,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { PlannedRun } from '../../core/backfill.ts';
import { exactText, intervalText } from '../../core/interval.ts';
import { runWorkflowId, type RunSummary } from '../../core/run.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import { outcomeOf, reason, runFailed } from '../failures.ts';
import { searchAttributes } from '../search-attributes.ts';
import type { BackfillControl } from './control.ts';
import type { Plan } from './plan.ts';

/**
 * Keeps as many runs going as the control allows, until none is left, as many were started as an execution may, or the
 * backfill is cancelled.
 * Every run that was started has ended when this returns.
 */
export async function runWindow(backfillId: string, plan: Plan, control: BackfillControl): Promise<void> {
  const last = control.progress.started + plan.outline.request.runsPerExecution;
  const isDone = () => control.cancelled || control.left === 0 || control.progress.started >= last;
  let failure: Error | undefined;
  try {
    while (!isDone() && failure === undefined) {
      await condition(() => control.mayStart || isDone() || failure !== undefined);
      const n = control.progress.started;
      const next = control.mayStart ? await plan.run(n) : undefined;
      if (!next || !control.mayStart) continue; // told otherwise, maybe while it was fetched
      runOne(backfillId, plan, n, next, control).catch((error: unknown) => (failure = error as Error));
    }
  } finally {
    await CancellationScope.nonCancellable(async () => {
      await condition(() => !control.busy);
      await plan.settled();
    });
  }
  if (failure !== undefined) throw failure;
}

/** After the last interval: what needs doing once, not once per interval. */
export async function finish(backfillId: string, { outline }: Plan, control: BackfillControl): Promise<void> {
  if (!outline.finish) return;
  try {
    await control.scope.run(() =>
      child(`${backfillId}/finish`, {
        pipeline: outline.request.pipeline,
        interval: exactText(outline.range),
        ...(outline.byTasks ? {} : { tables: [...outline.onceTables] }),
        // Those that do not follow the models have run with every interval.
        ...(outline.intervalTables.length || outline.byTasks ? { skip: ['tasks'] } : {}),
        kind: 'backfill',
        backfillId,
      }),
    );
  } catch (error) {
    if (outcomeOf(error) === 'failed' || isCancelled()) throw error;
    if (control.cancelled) return;
    throw runFailed(
      'FinishCancelled',
      `All intervals are done, but ${backfillId}/finish was cancelled. Run the backfill again with reprocess 'failed'.`,
    );
  }
}

/** Whether the backfill itself is cancelled from outside, and not one of its runs alone. */
function isCancelled(): boolean {
  return CancellationScope.current().consideredCancelled;
}

async function runOne(
  backfillId: string,
  plan: Plan,
  n: number,
  run: PlannedRun,
  control: BackfillControl,
): Promise<void> {
  const { request, onConflict = 'fail' } = plan.outline;
  const workflowId = runWorkflowId(request.pipeline, run.nominalTime);
  const interval = intervalText(run.interval);
  control.began(workflowId);
  let error: string | undefined;
  let cancellation: Error | undefined;
  try {
    await control.scope.run(() =>
      inTurn(workflowId, onConflict, {
        pipeline: request.pipeline,
        interval: exactText(run.interval),
        kind: 'backfill',
        backfillId,
        ...partOf(plan.outline),
      }),
    );
  } catch (caught) {
    error =
      caught instanceof WorkflowExecutionAlreadyStartedError
        ? `${workflowId} is already running; wait for it.`
        : reason(caught);
    if (outcomeOf(caught) === 'cancelled' && !control.cancelled) {
      if (!patched('cancelled-runs-are-recorded')) {
        control.ended(workflowId, interval, error);
        throw caught;
      }
      if (isCancelled() && caught instanceof Error) cancellation = caught;
      else error = `${workflowId} was cancelled.`;
    }
  }
  const dropped = error !== undefined && (control.cancelled || cancellation !== undefined);
  if (dropped) control.dropped(workflowId);
  else control.ended(workflowId, interval, error);
  const outcome = dropped ? 'cancelled' : error === undefined ? 'succeeded' : 'failed';
  const { succeeded, failed } = control.progress;
  await CancellationScope.nonCancellable(() =>
    plan.ended(n, { outcome, error: error ?? null, succeeded, failed }),
  );
  if (cancellation !== undefined) throw cancellation;
}

/** What of the pipeline the run of an interval does. */
function partOf({
  request,
  intervalTables,
  onceTables,
  keptOut,
  byTasks,
  finish,
}: Plan['outline']): Pick<RunPipelineInput, 'tables' | 'skip'> {
  if (byTasks) return finish ? { skip: ['transform'] } : {};
  if (request.transform === 'once') return { tables: [...intervalTables], skip: ['transform'] };
  return request.tables || keptOut ? { tables: [...intervalTables, ...onceTables] } : {};
}

/**
 * Two runs of one interval have one workflow id. Where the pipeline's runs wait for one another, a run whose name is taken begins under
 * another, and waits as any run does for its interval.
 * @throws {WorkflowExecutionAlreadyStartedError} where they do not
 */
async function inTurn(
  workflowId: string,
  onConflict: 'wait' | 'fail',
  input: RunPipelineInput,
): Promise<RunSummary> {
  try {
    return await child(workflowId, input);
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError) || onConflict === 'fail') throw error;
    return child(`${workflowId}~${input.backfillId ?? ''}`, input);
  }
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
