import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { TerminalError } from '../core/errors.ts';
import { exactText, intervalText, toInstant } from '../core/interval.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { mustBeRunnable, resolveRequest, type Registry } from '../core/run-request.ts';
import type { runPipeline } from '../workflows/run-pipeline.ts';
import { sameRun } from './same-run.ts';
import type { Session } from './session.ts';

export type RunHandle = WorkflowHandleWithFirstExecutionRunId<typeof runPipeline> & {
  /** Another command has started it. */
  readonly joined?: boolean;
};

/**
 * Starts a run under the id that a schedule would give it; one that already does the very same is taken as it is.
 * @throws {InvalidInput | PipelineUnknown | TableUnknown} before anything is started
 * @throws {TerminalError} when the interval is being run already, with other inputs
 */
export async function startRun(
  session: Session,
  registry: Registry,
  input: RunPipelineInput,
): Promise<RunHandle> {
  const request = resolveRequest(registry, input, toInstant(new Date()));
  await mustBeRunnable(request, (filter) => session.ledger.runs(filter));
  const { interval, workflowId } = request;
  const asked = { ...input, interval: exactText(interval) };
  try {
    return await session.temporal.workflow.start<typeof runPipeline>('runPipeline', {
      taskQueue: session.profile.temporal.taskQueue,
      workflowId,
      args: [asked],
      staticSummary: `${input.pipeline} ${intervalText(interval)}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const runId = await sameRun(session, workflowId, asked);
    if (runId !== undefined) {
      const handle = session.temporal.workflow.getHandle<typeof runPipeline>(workflowId, runId);
      return { ...handle, firstExecutionRunId: runId, joined: true };
    }
    throw new TerminalError(
      `Interval ${intervalText(interval)} of ${input.pipeline} is already being run by ${workflowId}, with other inputs. Wait for it, or cancel it with 'sluice cancel ${workflowId}'.`,
    );
  }
}
