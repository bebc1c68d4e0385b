import { WorkflowUpdateFailedError } from '@temporalio/client';
import { TerminalError, TransientError } from '../core/errors.ts';
import type { Answer, Decision } from '../workflows/approvals.ts';
import { act } from './act.ts';
import { newestRun } from './find-run.ts';
import type { Session } from './session.ts';

const PATIENCE_MS = 30_000; // for a worker to take the answer

/** Lets a step go ahead that waits for a person, or refuses it. @throws {TerminalError} it does not wait @throws {TransientError} no worker has taken the answer */
export async function answer(
  session: Session,
  id: string,
  given: Answer,
  verdict: 'approve' | 'reject',
): Promise<{ readonly workflowId: string; readonly decision: Decision }> {
  const { workflowId, runId, pipeline } = await newestRun(session, id);
  const decision = await decide(session, { workflowId, runId }, given, verdict);
  await act(session, {
    actor: given.by,
    action: verdict,
    pipeline,
    subject: `${workflowId} ${given.step}`,
    reason: given.reason ?? null,
  });
  return { workflowId, decision };
}

async function decide(
  { temporal, profile }: Session,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  given: Answer,
  verdict: 'approve' | 'reject',
): Promise<Decision> {
  const handle = temporal.workflow.getHandle(workflowId, runId);
  try {
    return await temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
      handle.executeUpdate<Decision, [Answer]>(verdict, { args: [given] }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause)
      throw new TerminalError(
        `${workflowId}: ${error.cause.message} 'sluice runs --run ${workflowId}' shows its steps.`,
      );
    if (!(error instanceof Error)) throw error;
    if (/NotFound/.test(error.name))
      throw new TerminalError(
        `Run ${workflowId} has ended: nothing waits any more. 'sluice rerun ${workflowId}' asks again.`,
      );
    if (/Timeout/.test(error.name))
      throw new TransientError(
        `No worker has taken the answer within ${PATIENCE_MS / 1000} s. Start one on queue '${profile.temporal.taskQueue}' ('sluice worker'), then look whether it has arrived: 'sluice runs --run ${workflowId}'.`,
      );
    throw error;
  }
}
