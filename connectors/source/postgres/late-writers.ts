import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Instant } from '../../../core/interval.ts';
import type { Relation } from './catalog.ts';
import { HIDDEN, inFlight, REPORTING_LAG, untilEnded } from './in-flight.ts';

/** How long an extraction waits by itself; then it fails, and is tried again for as long as the pipeline tries. Milliseconds. */
const PATIENCE = 30_000;
/** Where the starts of transactions are hidden, nobody waits for them once an interval has ended this long ago. Seconds. */
const HIDDEN_AGE = 24 * 3600;

/**
 * Waits until every transaction has ended that began before the interval did: rows that it brings may lie in it. What begins later
 * writes later times. Must be called before the snapshot is taken, on the same connection, outside a transaction. An interval
 * that has not ended yet cannot be complete, so nobody is waited for; nor on a standby, which does not show them.
 * @param tell what is waited for
 * @throws {TransientError} one goes on, naming its session
 */
export async function untilWritten(
  client: Client,
  relation: Relation,
  end: Instant,
  tell: (waitingFor: string) => void,
): Promise<void> {
  const { rows } = await client.query<{ standby: boolean; age: number }>(AGE, [end]);
  const { standby = true, age = 0 } = rows[0] ?? {};
  if (standby || age < 0) return;
  if (age * 1000 < REPORTING_LAG) await wait(REPORTING_LAG);
  const open = (await inFlight(client, end)).filter(({ earlier }) => earlier ?? age < HIDDEN_AGE);
  const [first] = open.filter(({ start }) => start !== null);
  const what = first
    ? `a transaction that began before ${end} has not ended (${first.session}), and may still bring rows of the interval; end it, or wait: it is tried again`
    : HIDDEN;
  if (open.length) tell(what);
  await untilEnded(
    client,
    relation,
    open.map(({ transaction }) => transaction),
    what,
    PATIENCE,
  );
}

const AGE = `SELECT pg_is_in_recovery() AS standby, extract(epoch FROM clock_timestamp() - $1::timestamptz)::float8 AS age`;
