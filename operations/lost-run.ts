import { WorkflowNotFoundError } from '@temporalio/common';
import type { RunRecord } from '../connectors/ledger/port.ts';
import type { Session } from './session.ts';

/**
 * A run as it is: one that the ledger has as running, and Temporal as ended, was ended from outside (terminated, timed out or lost). It
 * could not say so itself, and has failed. Whoever looks for lost runs closes it, as does the next run of its interval.
 */
export async function asItIs(
  { ledger, temporal }: Pick<Session, 'ledger' | 'temporal'>,
  run: RunRecord,
): Promise<RunRecord> {
  if (run.outcome !== 'running' || (await isOpen(temporal, run))) return run;
  // Looked at after Temporal: a run that closes itself has done so by then.
  const [now = run] = await ledger.runs({ id: run.runId, limit: 1 });
  return now.outcome === 'running' ? { ...now, outcome: 'failed', error: 'It was ended from outside.' } : now;
}

async function isOpen(
  temporal: Session['temporal'],
  { workflowId, runId }: Pick<RunRecord, 'workflowId' | 'runId'>,
): Promise<boolean> {
  try {
    const { status } = await temporal.workflow.getHandle(workflowId, runId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
