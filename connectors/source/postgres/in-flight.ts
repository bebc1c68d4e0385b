import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'pg';
import { TerminalError, Unreachable } from '../../../core/errors.ts';
import type { Instant } from '../../../core/interval.ts';
import { APPLICATION } from '../../postgres/address.ts';
import type { Relation } from './catalog.ts';
import { quoted } from './sql.ts';

/** A transaction's start is taken when its first message arrives and shown a moment later; milliseconds that cover that moment. */
export const REPORTING_LAG = 100;
/** How long to wait for transactions that cannot be dated; most of them end at once. Milliseconds. */
const PATIENCE = 10_000;
const POLL = 50;

export const HIDDEN = `transactions of other users are in flight whose start is hidden; GRANT pg_read_all_stats TO the connection's user`;

/** Waits until these transactions have ended; one that was prepared meanwhile has not. */
export async function untilEnded(
  client: Client,
  relation: Relation,
  ids: readonly string[],
  otherwise: string,
  patience = PATIENCE,
): Promise<void> {
  await untilNone(client, STILL_THERE, ids, relation, otherwise, patience);
  await untilNone(
    client,
    PREPARED,
    relation.oid,
    relation,
    'prepared transactions hold rows of it; COMMIT PREPARED or ROLLBACK PREPARED them',
    patience,
  );
}

async function untilNone(
  client: Client,
  sql: string,
  value: unknown,
  relation: Relation,
  otherwise: string,
  patience: number,
): Promise<void> {
  for (const end = performance.now() + patience; ;) {
    const { rows } = await client.query<{ found: number }>(sql, [value]);
    if (!rows[0]?.found) return;
    if (performance.now() >= end) {
      throw new Unreachable(
        `Table ${quoted(relation.name)} cannot be read yet: after ${patience / 1000} s, ${otherwise}.`,
      );
    }
    await wait(POLL);
  }
}

/** An open transaction of another session. */
export interface InFlight {
  /** Virtual transaction id: visible to everyone, unlike the rest. */
  readonly transaction: string;
  readonly start: string | null;
  /** Whether it began before the moment asked for; null where its start is hidden. */
  readonly earlier: boolean | null;
  /** Who and where, for people. */
  readonly session: string;
}

/** The transactions that may still write to the database's tables, oldest first. */
export async function inFlight(client: Client, before: Instant | null): Promise<InFlight[]> {
  return (await client.query<InFlight>(IN_FLIGHT, [APPLICATION, before])).rows;
}

/** Transactions that have locked a relation, or what it is made of, for writing. */
export async function writersOf(client: Client, { oid }: Relation): Promise<string[]> {
  const { rows } = await client.query<{ transaction: string }>(WRITERS, [oid]);
  return rows.map(({ transaction }) => transaction);
}

/**
 * Rows of a materialized view come when it is refreshed, and those of a foreign table are committed elsewhere: of neither can be told
 * here which are still to come, nor of what is made of them.
 * @throws {TerminalError} naming the one that a table is, or is made of
 */
export async function mustBeWrittenHere(client: Client, relation: Relation): Promise<void> {
  const { rows } = await client.query<{ name: string; kind: string; own: boolean }>(ELSEWHERE, [
    relation.oid,
  ]);
  const [found] = rows;
  if (!found) return;
  const name = quoted(relation.name);
  const [what, why] =
    found.kind === 'm'
      ? ['a materialized view', 'its rows come when it is refreshed']
      : ['a foreign table', 'its rows are committed in another database'];
  throw new TerminalError(
    `Table ${name} ${found.own ? `is ${what}` : `has rows of ${found.name}, ${what}`}: ${why}, whatever their cursor, so rows below the mark would be missed. ` +
      `Use mode 'snapshot', or extract the table that it is made of where that is.`,
  );
}

// Every open transaction holds its own virtual id; only those of this database can write to its tables.
const IN_FLIGHT = `
SELECT l.virtualtransaction AS transaction, a.xact_start::text AS start, a.xact_start < $2::timestamptz AS earlier,
  concat_ws(', ', 'pid ' || a.pid, 'user ' || a.usename, nullif(a.application_name, ''), 'since ' || date_trunc('second', a.xact_start)) AS session
FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock' AND l.granted AND a.pid <> pg_backend_pid()
  AND (a.datid IS NULL OR a.datid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
  AND NOT (a.application_name = $1 AND a.usename = current_user)
  AND coalesce(a.backend_type NOT IN ('autovacuum worker', 'walsender'), true)
ORDER BY a.xact_start`;

const STILL_THERE = `
SELECT count(*)::int AS found FROM pg_catalog.pg_locks
WHERE locktype = 'virtualxid' AND mode = 'ExclusiveLock' AND granted AND virtualtransaction = ANY($1)`;

// Where rows of a relation are written: in itself, what inherits from it, and what a view reads; or through what it inherits from.
const FAMILY = `
WITH RECURSIVE below AS (
  SELECT $1::oid AS oid UNION SELECT part.oid FROM below b, LATERAL (
    SELECT i.inhrelid AS oid FROM pg_catalog.pg_inherits i WHERE i.inhparent = b.oid
    UNION ALL SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d ON d.objid = r.oid
      AND d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass WHERE r.ev_class = b.oid) AS part
), above AS (
  SELECT $1::oid AS oid UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN above a ON a.oid = i.inhrelid
), family AS (SELECT oid FROM below UNION SELECT oid FROM above)`;

const ELSEWHERE = `${FAMILY}
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, c.relkind AS kind, c.oid = $1 AS own FROM below b
JOIN pg_catalog.pg_class c ON c.oid = b.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('m', 'f') ORDER BY c.oid <> $1, 1 LIMIT 1`;

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
