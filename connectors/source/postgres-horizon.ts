import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { TerminalError, Unreachable } from '../../core/errors.ts';
import type { Relation } from './postgres-catalog.ts';
import type { Cursor } from './postgres-cursor.ts';
import { identifier, quoted } from './postgres-sql.ts';

/** Sessions of ours, which only read: they never hold the horizon back. */
export const APPLICATION = 'sluice';

/** How far an incremental extraction may read: no transaction can still commit a row before it. */
export interface Horizon {
  /** Inclusive, as text of the cursor's type. Null: nothing may be read yet. */
  readonly upTo: string | null;
}

/** A transaction's start is taken when its first message arrives and shown a moment later; milliseconds that cover that moment. */
const REPORTING_LAG = 100;
/** How long to wait for transactions that cannot be dated; most of them end at once. Milliseconds. */
const PATIENCE = 10_000;
const POLL = 50;

/**
 * Finds the horizon. Must be called before the snapshot is taken, on the same connection, outside a transaction:
 * whatever is in flight at the snapshot was either seen here or began after it.
 *
 * Times: rows written by a transaction carry its start (`now()`) or later, so the horizon is the start of the oldest
 * one in flight, by the source's clock. Starts of other users' transactions are visible to members of
 * `pg_read_all_stats`; where they are hidden, this waits until those transactions have ended.
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
  const { rows } = await client.query<InFlight>(IN_FLIGHT, [APPLICATION]);
  const hidden = rows.filter((row) => row.start === null).map((row) => row.transaction);
  await untilEnded(
    client,
    relation,
    hidden,
    `transactions of other users are in flight whose start is hidden; GRANT pg_read_all_stats TO the connection's user`,
  );
  return earliest(client, cursor, [clock, ...rows.flatMap((row) => row.start ?? [])]);
}

async function greatestCommitted(client: Client, relation: Relation, cursor: Cursor): Promise<string | null> {
  const { rows } = await client.query<{ greatest: string | null }>(
    `SELECT max(${identifier(cursor.column)})::text AS greatest FROM ${quoted(relation.name)}`,
  );
  const writers = await client.query<InFlight>(WRITERS, [relation.oid]);
  const ids = writers.rows.map((row) => row.transaction);
  await untilEnded(
    client,
    relation,
    ids,
    'transactions that write to it go on; run again when they have ended, or choose a time as cursor',
  );
  return rows[0]?.greatest ?? null;
}

/** The earliest of some moments, in the cursor's type. A time without zone may be UTC or the database's own: the earlier counts. */
async function earliest(client: Client, cursor: Cursor, moments: readonly string[]): Promise<string> {
  const moment = `(SELECT min(m) FROM unnest($1::timestamptz[]) AS m)`;
  const wall = `least(${moment} AT TIME ZONE 'UTC', ${moment} AT TIME ZONE (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'))`;
  const sql = cursor.type === 'timestamptz' ? moment : wall;
  const { rows } = await client.query<{ bound: string }>(`SELECT (${sql})::${cursor.type}::text AS bound`, [
    moments,
  ]);
  return rows[0]?.bound ?? '-infinity';
}

/** Waits until these transactions have ended; one that was prepared meanwhile has not. */
async function untilEnded(
  client: Client,
  relation: Relation,
  ids: readonly string[],
  otherwise: string,
): Promise<void> {
  await untilNone(client, STILL_THERE, ids, relation, otherwise);
  await untilNone(
    client,
    PREPARED,
    relation.oid,
    relation,
    'prepared transactions hold rows of it; COMMIT PREPARED or ROLLBACK PREPARED them',
  );
}

async function untilNone(
  client: Client,
  sql: string,
  value: unknown,
  relation: Relation,
  otherwise: string,
): Promise<void> {
  for (const end = performance.now() + PATIENCE; ;) {
    const { rows } = await client.query<{ found: number }>(sql, [value]);
    if (!rows[0]?.found) return;
    if (performance.now() >= end) {
      throw new Unreachable(
        `Table ${quoted(relation.name)} cannot be read incrementally yet: after ${PATIENCE / 1000} s, ${otherwise}.`,
      );
    }
    await wait(POLL);
  }
}

interface InFlight {
  /** Virtual transaction id: visible to everyone, unlike the start. */
  transaction: string;
  start: string | null;
}

const CLOCK = `SELECT pg_is_in_recovery() AS standby, (clock_timestamp() - interval '${REPORTING_LAG} milliseconds')::text AS clock`;

// Every open transaction holds its own virtual id; only those of this database can write to its tables.
const IN_FLIGHT = `
SELECT l.virtualtransaction AS transaction, a.xact_start::text AS start
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted AND a.pid <> pg_backend_pid()
  AND (a.datid IS NULL OR a.datid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
  AND NOT (a.application_name = $1 AND a.usename = current_user)
  AND coalesce(a.backend_type NOT IN ('autovacuum worker', 'walsender'), true)`;

const STILL_THERE = `
SELECT count(*)::int AS found FROM pg_catalog.pg_locks
WHERE locktype = 'virtualxid' AND mode = 'ExclusiveLock' AND granted AND virtualtransaction = ANY($1)`;

const FAMILY = `
WITH RECURSIVE family AS (
  SELECT $1::oid AS oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON f.oid = i.inhparent
)`;

const WRITE_LOCKS = `('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

const WRITERS = `${FAMILY}
SELECT DISTINCT l.virtualtransaction AS transaction FROM pg_catalog.pg_locks l JOIN family f ON f.oid = l.relation
WHERE l.locktype = 'relation' AND l.granted AND l.mode IN ${WRITE_LOCKS}
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`;

// A prepared transaction has no session and shows no start, but keeps its locks.
const PREPARED = `${FAMILY}
SELECT count(*)::int AS found FROM pg_catalog.pg_locks l JOIN family f ON f.oid = l.relation
WHERE l.locktype = 'relation' AND l.pid IS NULL AND l.granted AND l.mode IN ${WRITE_LOCKS}
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`;
