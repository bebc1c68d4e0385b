import { WorkflowUpdateFailedError } from '@temporalio/client';
import { TerminalError, TransientError } from '../core/errors.ts';
import type { Session } from './session.ts';

const PATIENCE_MS = 30_000; // for a worker to take it

/**
 * Has a run under way take what somebody says of one of its steps.
 * @throws {TerminalError} the run refuses it, or has ended @throws {TransientError} no worker has taken it
 */
export async function askRun<Answer, Said>(
  { temporal, profile }: Pick<Session, 'temporal' | 'profile'>,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  update: string,
  said: Said,
  ended: string,
): Promise<Answer> {
  const handle = temporal.workflow.getHandle(workflowId, runId);
  try {
    return await temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
      handle.executeUpdate<Answer, [Said]>(update, { args: [said] }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause)
      throw new TerminalError(
        `${workflowId}: ${error.cause.message} 'sluice runs --run ${workflowId}' shows its steps.`,
      );
    if (!(error instanceof Error)) throw error;
    if (/NotFound/.test(error.name)) throw new TerminalError(`Run ${workflowId} has ended: ${ended}`);
    if (/Timeout/.test(error.name))
      throw new TransientError(
        `No worker has taken the answer within ${PATIENCE_MS / 1000} s. Start one on queue '${profile.temporal.taskQueue}' ('sluice worker'), then look whether it has arrived: 'sluice runs --run ${workflowId}'.`,
      );
    throw error;
  }
}
