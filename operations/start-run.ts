import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { setTimeout as delay } from 'node:timers/promises';
import { TerminalError } from '../core/errors.ts';
import { exactText, intervalText, toInstant } from '../core/interval.ts';
import { pauseBeforeLook } from '../core/lease-wait.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { mustBeRunnable, resolveRequest, type Registry } from '../core/run-request.ts';
import type { runPipeline } from '../workflows/run-pipeline.ts';
import { sameRun } from './same-run.ts';
import type { Session } from './session.ts';

export type RunHandle = WorkflowHandleWithFirstExecutionRunId<typeof runPipeline> & {
  /** Another command has started it. */
  readonly joined?: boolean;
  /** What whoever started it takes the pipeline to be, with the tables that were asked for. */
  readonly definition: ResolvedPipeline;
};

/**
 * Starts a run under the id that a schedule would give it; one that already does the very same is taken as it is.
 * @param waits hears whom this waits for, where runs of the pipeline wait for one another; absent: it waits for nobody
 * @throws {InvalidInput | PipelineUnknown | TableUnknown} before anything is started
 * @throws {TerminalError} when the interval is being run already, with other inputs
 */
export async function startRun(
  session: Session,
  registry: Registry,
  input: RunPipelineInput,
  waits?: (text: string) => void,
): Promise<RunHandle> {
  const request = resolveRequest(registry, input, toInstant(new Date()));
  await mustBeRunnable(request, (filter) => session.ledger.runs(filter));
  const { definition, interval, workflowId } = request;
  const asked = { ...input, interval: exactText(interval) };
  let ended: Promise<unknown> | undefined;
  for (let looks = 1; ; looks += 1) {
    try {
      const handle = await session.temporal.workflow.start<typeof runPipeline>('runPipeline', {
        taskQueue: session.profile.temporal.taskQueue,
        workflowId,
        args: [asked],
        staticSummary: `${input.pipeline} ${intervalText(interval)}`,
      });
      return { ...handle, definition };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    const runId = await sameRun(session, workflowId, asked);
    if (runId !== undefined) {
      const handle = session.temporal.workflow.getHandle<typeof runPipeline>(workflowId, runId);
      return { ...handle, firstExecutionRunId: runId, joined: true, definition };
    }
    const held = `Interval ${intervalText(interval)} of ${input.pipeline} is already being run by ${workflowId}, with other inputs.`;
    const pause = pauseBeforeLook(looks);
    if (!waits || definition.onConflict === 'fail' || pause === undefined)
      throw new TerminalError(`${held} Wait for it, or cancel it with 'sluice cancel ${workflowId}'.`);
    if (looks === 1) waits(`${held} Waiting for it.`);
    ended ??= session.temporal.workflow
      .getHandle(workflowId)
      .result()
      .catch(() => undefined)
      .finally(() => (ended = undefined));
    await Promise.race([ended, delay(pause, undefined, { ref: false })]);
  }
}
