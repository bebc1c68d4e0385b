import type { Answer, Decision } from '../workflows/approvals.ts';
import { act } from './act.ts';
import { askRun } from './ask-run.ts';
import { newestRun } from './find-run.ts';
import type { Session } from './session.ts';

/** Lets a step go ahead that waits for a person, or refuses it. @throws {TerminalError} it does not wait @throws {TransientError} no worker has taken the answer */
export async function answer(
  session: Session,
  id: string,
  given: Answer,
  verdict: 'approve' | 'reject',
): Promise<{ readonly workflowId: string; readonly decision: Decision }> {
  const { workflowId, runId, pipeline } = await newestRun(session, id);
  const ended = `nothing waits any more. 'sluice rerun ${workflowId}' asks again.`;
  const decision = await askRun<Decision, Answer>(session, { workflowId, runId }, verdict, given, ended);
  await act(session, {
    actor: given.by,
    action: verdict,
    pipeline,
    subject: `${workflowId} ${given.step}`,
    reason: given.reason ?? null,
  });
  return { workflowId, decision };
}
