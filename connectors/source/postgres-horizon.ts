import type { Client } from 'pg';
import { TerminalError } from '../../core/errors.ts';
import type { Relation } from './postgres-catalog.ts';
import { outOfRange } from './postgres-conditions.ts';
import type { Cursor } from './postgres-cursor.ts';
import { HIDDEN, inFlight, REPORTING_LAG, untilEnded, writersOf } from './postgres-in-flight.ts';
import { mustCountInOrder } from './postgres-sequences.ts';
import { identifier, literal, quoted } from './postgres-sql.ts';

/** How far an incremental extraction may read: no transaction can still commit a row with a cursor before it. */
export interface Horizon {
  /** As text of the cursor's type; a row that comes later may still have this very value. Null: nothing may be read yet. */
  readonly upTo: string | null;
}

/**
 * Finds the horizon. Must be called before the snapshot is taken, on the same connection, outside a transaction:
 * whatever is in flight at the snapshot was either seen here or began after it.
 *
 * Times: rows written by a transaction carry its start (`now()`) or later, so the horizon is the start of the oldest
 * one in flight, by the source's clock. Starts of other users' transactions are visible to members of
 * `pg_read_all_stats`; where they are hidden, this waits until those transactions have ended. What is written may be coarser
 * than the moment: columns round (`timestamp(0)`), programs cut off (milliseconds, seconds). So the horizon is the last whole
 * second before it, or the day of a `date`: nothing that is rounded or cut off to those comes to lie before it.
 *
 * Counters: values of a sequence are handed out while the table is locked for writing, so the horizon is the greatest
 * value committed now, once every transaction that now holds such a lock has ended.
 * @throws {TerminalError} on a standby, which does not see what is in flight on its primary, unless there is a lookback
 * @throws {Unreachable} when transactions that cannot be dated go on
 * @see https://www.postgresql.org/docs/current/monitoring-stats.html
 */
export async function findHorizon(
  client: Client,
  relation: Relation,
  cursor: Cursor,
  lookback: number,
): Promise<Horizon> {
  const { rows } = await client.query<{ standby: boolean; clock: string }>(CLOCK);
  const { standby = true, clock = '-infinity' } = rows[0] ?? {};
  if (standby && (!lookback || cursor.kind === 'counter')) {
    throw new TerminalError(
      `Table ${quoted(relation.name)}: the source is a standby, which does not show the transactions in flight on its primary, so rows that commit late could be missed. ` +
        `Extract from the primary, or use a time as cursor with a lookback longer than the longest transaction.`,
    );
  }
  if (standby) return { upTo: await earliest(client, cursor, [clock]) };
  return {
    upTo: await (cursor.kind === 'time' ? oldestStart : greatestCommitted)(client, relation, cursor, clock),
  };
}

async function oldestStart(
  client: Client,
  relation: Relation,
  cursor: Cursor,
  clock: string,
): Promise<string> {
  const flying = await inFlight(client);
  const hidden = flying.filter((each) => each.start === null).map((each) => each.transaction);
  await untilEnded(client, relation, hidden, HIDDEN);
  return earliest(client, cursor, [clock, ...flying.flatMap((each) => each.start ?? [])]);
}

async function greatestCommitted(client: Client, relation: Relation, cursor: Cursor): Promise<string | null> {
  await mustCountInOrder(client, relation, cursor);
  const stray = outOfRange(cursor);
  const { rows } = await client.query<{ greatest: string | null }>(
    `SELECT max(${identifier(cursor.column)})::text AS greatest FROM ${quoted(relation.name)}${stray === undefined ? '' : ` WHERE NOT (${stray})`}`,
  );
  await untilEnded(
    client,
    relation,
    await writersOf(client, relation),
    'transactions that write to it go on; run again when they have ended, or choose a time as cursor',
  );
  return rows[0]?.greatest ?? null;
}

/**
 * The whole second, or day, that nothing written at or after some moments can lie before, in the cursor's type. A time without zone
 * may be in the table's zone, UTC or the database's own: the earliest counts. Clocks are set back: what a day from then on shows counts, too.
 */
async function earliest(client: Client, cursor: Cursor, moments: readonly string[]): Promise<string> {
  const moment = `(SELECT min(m) FROM unnest($1::timestamptz[]) AS m)`;
  const wall =
    `(SELECT min(at AT TIME ZONE zone) FROM (SELECT ${moment} AS at UNION ALL SELECT * FROM ` +
    `generate_series(date_trunc('hour', ${moment}), ${moment} + interval '26 hours', interval '15 minutes')) AS moments, ` +
    `(VALUES ('UTC'), (${literal(cursor.zone)}), ((SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'))) AS zones (zone) WHERE at >= ${moment})`;
  const sql = `date_trunc('second', ${cursor.type === 'timestamptz' ? moment : wall})`;
  const { rows } = await client.query<{ bound: string }>(`SELECT (${sql})::${cursor.type}::text AS bound`, [
    moments,
  ]);
  return rows[0]?.bound ?? '-infinity';
}

const CLOCK = `SELECT pg_is_in_recovery() AS standby, (clock_timestamp() - interval '${REPORTING_LAG} milliseconds')::text AS clock`;
