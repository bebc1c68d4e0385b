import { Context } from '@temporalio/activity';
import type { LeaseHolder, PlaceRecord } from '../connectors/ledger/port.ts';
import { inWords } from '../core/duration.ts';
import { messageOf } from '../core/errors.ts';
import { millisecondsOf } from '../core/interval.ts';
import type { Connectors } from './connectors.ts';
import { afterwards, toldOf } from './report.ts';

const NOT_FOUND = 5; // gRPC status code
const LOST = 'The run was ended from outside (terminated, timed out or lost) before it could report.';

/** Most places are given back before they were held for so long, in milliseconds. */
const SURELY_ALIVE = 10_000;
/** The work of a run that was ended from outside may go on until a heartbeat has told it (15 seconds at most), and then takes its time to stop (7). */
const SURELY_STOPPED = 30_000;

/**
 * Whether Temporal still runs the execution that holds a lease. One that it no longer knows is not running.
 * @param since one that ended less than so many milliseconds ago counts as open
 */
export async function isRunOpen(client: Context['client'], holder: LeaseHolder, since = 0): Promise<boolean> {
  try {
    const { status, closeTime } = await client.workflow.getHandle(holder.workflowId, holder.runId).describe();
    return status.name === 'RUNNING' || (closeTime !== undefined && Date.now() - closeTime.getTime() < since);
  } catch (error) {
    if ((error as { name?: string; code?: number }).name === 'WorkflowNotFoundError') return false;
    if ((error as { code?: number }).code === NOT_FOUND) return false;
    throw error;
  }
}

type Reporting = Pick<Connectors, 'ledger' | 'registry' | 'notify' | 'metrics' | 'linkTo' | 'lineage'>;

/**
 * Closes a run as failed where Temporal runs it no longer: it can say nothing itself. It counts like any run that failed; whoever is to
 * hear of it does with the next thing told. A worker that dies meanwhile leaves it open, or with what is to be told of it; its numbers
 * and its event of lineage may be missing.
 * @returns `open`: it is left alone; `closed`: it had ended by itself meanwhile, and said so; `lost`
 */
export async function evictIfLost(
  connectors: Reporting,
  holder: LeaseHolder,
): Promise<'open' | 'closed' | 'lost'> {
  const { client, log } = Context.current();
  if (await isRunOpen(client, holder)) return 'open';
  // Looked at after Temporal: a run that closes itself has done so by then. Of several that look, one closes it.
  if (!(await connectors.ledger.evict(holder, LOST, toldOf(connectors)))) return 'closed';
  const end = { outcome: 'failed', error: LOST } as const;
  connectors.lineage?.({ runId: holder.runId, at: new Date().toISOString(), end });
  const { metrics } = await afterwards(connectors, holder.runId);
  await metrics?.().catch((error: unknown) => {
    log.warn(`${holder.workflowId}, which was ended from outside, is not counted: ${messageOf(error)}`);
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
  // Those that stand in line for a place look for themselves; where nobody does, it would seem to be held.
  const places = await connectors.ledger.places();
  await freePlaces(
    connectors,
    places.filter(({ takenAt }) => takenAt !== null),
  );
  return lost;
}

/**
 * Takes places in pools, and in the lines for them, from runs that were ended from outside: a place once the work that had it has
 * surely stopped. May be repeated. @returns whether there was one
 */
export async function freePlaces(
  { ledger }: Pick<Connectors, 'ledger'>,
  places: readonly PlaceRecord[],
): Promise<boolean> {
  const { client, log } = Context.current();
  const gone = new Set<string>();
  for (const place of places) {
    const of = `${place.runId} ${place.takenAt ? 'holds' : 'waits'}`;
    const held = Date.now() - millisecondsOf(place.takenAt ?? place.askedAt);
    if (!gone.has(of)) {
      if (held < SURELY_ALIVE) continue;
      if (await isRunOpen(client, place, place.takenAt ? SURELY_STOPPED : 0)) continue;
      gone.add(of);
    }
    log.warn(
      `${place.workflowId} was ended from outside; its place in pool '${place.pool}' is free after ${inWords(held)}.`,
    );
    await ledger.losePlace(place);
  }
  return gone.size > 0;
}
