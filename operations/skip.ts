import type { SkipDecision, SkipRequest } from '../workflows/skips.ts';
import { act } from './act.ts';
import { askRun } from './ask-run.ts';
import { newestRun } from './find-run.ts';
import type { Session } from './session.ts';

/** Leaves out a step of a run that waits, is tried again or works. @throws {TerminalError} it cannot be skipped @throws {TransientError} no worker has taken it */
export async function skip(
  session: Session,
  id: string,
  request: SkipRequest,
): Promise<{ readonly workflowId: string; readonly decision: SkipDecision }> {
  const { workflowId, runId, pipeline } = await newestRun(session, id);
  const ended = `there is nothing left to skip. 'sluice rerun ${workflowId}' does what failed or was skipped.`;
  const decision = await askRun<SkipDecision, SkipRequest>(
    session,
    { workflowId, runId },
    'skip',
    request,
    ended,
  );
  const { by, reason } = request;
  await act(session, {
    actor: by,
    action: 'skip',
    pipeline,
    subject: `${workflowId} ${request.step}`,
    reason,
  });
  return { workflowId, decision };
}
