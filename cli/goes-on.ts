import type { Session } from './session.ts';

/** What to say of a workflow to somebody who gives up following it. */
export function goesOn({ endsWithCommand }: Session, workflowId: string): string {
  return endsWithCommand
    ? `${workflowId} stands still now, and goes on when 'sluice dev' runs on this home; 'sluice cancel ${workflowId}' ends it then.`
    : `${workflowId} goes on without this command while its stack runs; 'sluice cancel ${workflowId}' ends it.`;
}
