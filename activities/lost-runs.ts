import { Context } from '@temporalio/activity';
import type { LeaseHolder } from '../connectors/ledger/port.ts';
import { messageOf } from '../core/errors.ts';
import type { Connectors } from './connectors.ts';
import { afterwards } from './report.ts';

const NOT_FOUND = 5; // gRPC status code
const LOST = 'The run was ended from outside (terminated, timed out or lost) before it could report.';

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

type Reporting = Pick<Connectors, 'ledger' | 'registry' | 'notify' | 'metrics' | 'linkTo'>;

/**
 * Closes a run as failed where Temporal runs it no longer: it can say nothing itself. It counts like any run that failed; whoever is to
 * hear of it does with the next thing told. What cannot be put down of that is said, and in nobody's way.
 * @returns `open`: it is left alone; `closed`: it had ended by itself meanwhile, and said so; `lost`
 */
export async function evictIfLost(
  connectors: Reporting,
  holder: LeaseHolder,
): Promise<'open' | 'closed' | 'lost'> {
  const { client, log } = Context.current();
  if (await isRunOpen(client, holder)) return 'open';
  // Looked at after Temporal: a run that closes itself has done so by then.
  const [known] = await connectors.ledger.runs({ id: holder.runId, limit: 1 });
  await connectors.ledger.evict(holder, LOST);
  if (known?.outcome !== 'running') return 'closed';
  const { incidents, metrics } = await afterwards(connectors, holder.runId);
  for (const put of [incidents, metrics])
    await put?.().catch((error: unknown) => {
      log.warn(`Of ${holder.workflowId}, which was ended from outside, nobody hears: ${messageOf(error)}`);
    });
  return 'lost';
}

/** Of the runs that the ledger has as running, of one pipeline or of all. May be repeated. @returns the workflows of those that were lost */
export async function evictLost(connectors: Reporting, pipeline?: string): Promise<string[]> {
  const lost: string[] = [];
  for (const run of await connectors.ledger.runs({
    ...(pipeline !== undefined && { pipeline }),
    outcomes: ['running'],
  }))
    if ((await evictIfLost(connectors, run)) === 'lost') lost.push(run.workflowId);
  return lost;
}
