import type { Context } from '@temporalio/activity';
import type { LeaseHolder } from '../connectors/ledger/port.ts';

const NOT_FOUND = 5; // gRPC status code

/** Whether Temporal still runs the execution that holds a lease. One that it no longer knows is not running. */
export async function isRunOpen(client: Context['client'], holder: LeaseHolder): Promise<boolean> {
  try {
    const description = await client.workflow.getHandle(holder.workflowId, holder.runId).describe();
    return description.status.name === 'RUNNING';
  } catch (error) {
    if ((error as { name?: string; code?: number }).name === 'WorkflowNotFoundError') return false;
    if ((error as { code?: number }).code === NOT_FOUND) return false;
    throw error;
  }
}
