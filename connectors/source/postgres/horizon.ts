import type { Client } from 'pg';
import { TerminalError } from '../../../core/errors.ts';
import type { Reach } from '../../../core/manifest.ts';
import type { Relation } from './catalog.ts';
import { outOfRange } from './conditions.ts';
import type { Cursor } from '../named-columns.ts';
import { HIDDEN, inFlight, mustBeWrittenHere, REPORTING_LAG, untilEnded, writersOf } from './in-flight.ts';
import { mustCountInOrder } from './sequences.ts';
import { identifier, literal, quoted } from './sql.ts';

/** How far an incremental extraction may read: no transaction can still commit a row with a cursor before it. */
export interface Horizon {
  /** As text of the cursor's type; a row that comes later may still have this very value. Null: nothing may be read yet. */
  readonly upTo: string | null;
  /** The moment that it stands for. */
  readonly reach: Reach;
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
 * @param lookback milliseconds
 * @param once rows are appended, so that those with the horizon's own value stay behind
 * @throws {TerminalError} on a standby, which does not see what is in flight on its primary, unless there is a lookback; where rows come
 * from elsewhere than this database's transactions
 * @throws {Unreachable} when transactions that cannot be dated go on
 * @see https://www.postgresql.org/docs/current/monitoring-stats.html
 */
export async function findHorizon(
  client: Client,
  relation: Relation,
  cursor: Cursor,
  { lookback, once }: { readonly lookback: number; readonly once: boolean },
): Promise<Horizon> {
  await mustBeWrittenHere(client, relation);
  const { rows } = await client.query<{ standby: boolean; clock: string }>(CLOCK);
  const { standby = true, clock = '-infinity' } = rows[0] ?? {};
  if (standby && (!lookback || cursor.kind === 'counter')) {
    throw new TerminalError(
      `Table ${quoted(relation.name)}: the source is a standby, which does not show the transactions in flight on its primary, so rows that commit late could be missed. ` +
        `Extract from the primary, or use a time as cursor with a lookback longer than the longest transaction.`,
    );
  }
  if (standby) return earliest(client, cursor, once, [clock]);
  if (cursor.kind === 'counter') {
    // All that is committed now is read, whatever its numbers say of time.
    const { reach } = await earliest(client, { ...cursor, type: 'timestamptz' }, once, [clock]);
    await mustCountInOrder(client, relation, cursor, once);
    return { upTo: await greatestCommitted(client, relation, cursor), reach };
  }
  return oldestStart(client, relation, cursor, once, clock);
}

async function oldestStart(
  client: Client,
  relation: Relation,
  cursor: Cursor,
  once: boolean,
  clock: string,
): Promise<Horizon> {
  const flying = await inFlight(client, clock);
  const hidden = flying.filter((each) => each.start === null).map((each) => each.transaction);
  await untilEnded(client, relation, hidden, HIDDEN);
  const { upTo, reach } = await earliest(client, cursor, once, [
    clock,
    ...flying.flatMap((each) => each.start ?? []),
  ]);
  const oldest = flying.find(({ earlier }) => earlier);
  return {
    upTo,
    reach: {
      ...reach,
      ...(oldest && {
        heldBy: `the open transaction of ${oldest.session} (pg_stat_activity, oldest xact_start)`,
      }),
    },
  };
}

async function greatestCommitted(client: Client, relation: Relation, cursor: Cursor): Promise<string | null> {
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
async function earliest(
  client: Client,
  cursor: Cursor,
  once: boolean,
  moments: readonly string[],
): Promise<Horizon> {
  const moment = `(SELECT min(m) FROM unnest($1::timestamptz[]) AS m)`;
  const wall =
    `(SELECT min(at AT TIME ZONE zone) FROM (SELECT ${moment} AS at UNION ALL SELECT * FROM ` +
    `generate_series(date_trunc('hour', ${moment}), ${moment} + interval '26 hours', interval '15 minutes')) AS moments, ` +
    `(VALUES ('UTC'), (${literal(cursor.zone)}), ((SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'))) AS zones (zone) WHERE at >= ${moment})`;
  const zoned = cursor.type === 'timestamptz';
  // What is read up to a day, and with it, is read up to the day after.
  const end = cursor.type === 'date' && !once ? 'bound + 1' : 'bound';
  const reached = zoned
    ? 'moment'
    : `least(moment, (${end})::timestamp AT TIME ZONE ${literal(cursor.zone)})`;
  const { rows } = await client.query<{ bound: string; reached: string }>(
    `SELECT bound::text AS bound, to_char(${reached} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS reached
     FROM (SELECT ${moment} AS moment, date_trunc('second', ${zoned ? moment : wall})::${cursor.type} AS bound) AS horizon`,
    [moments],
  );
  const [row] = rows;
  if (!row) throw new TypeError('a SELECT without FROM gives one row');
  return { upTo: row.bound, reach: { upTo: row.reached } };
}

const CLOCK = `SELECT pg_is_in_recovery() AS standby, (clock_timestamp() - interval '${REPORTING_LAG} milliseconds')::text AS clock`;
