import { Client } from 'pg';
import { APPLICATION, CONNECT_TIMEOUT, type PostgresAddress } from '../../postgres/address.ts';
import { tlsOptions } from '../../postgres/tls.ts';
import type { Relation } from './catalog.ts';
import { literal, quoted } from './sql.ts';

/** What every session of an extraction sets for its transaction, so that texts and order are the same on every run. */
const SETTINGS = {
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  // A scan that starts where another one is would give rows in another order.
  synchronize_seqscans: 'off',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  // Rows that a policy hides must fail the extraction, not be missing from it.
  row_security: 'off',
  // A table whose definition is being changed is waited for, not forever.
  lock_timeout: '60s',
  // The session that holds the snapshot has nothing to do while rows flow.
  idle_in_transaction_session_timeout: '0',
};

/** The settings as one query, for a session whose snapshot is set. */
export const SETTINGS_QUERY = `SELECT ${Object.entries(SETTINGS)
  .map(([name, value], index) => `set_config(${literal(name)}, ${literal(value)}, true) AS c${index}`)
  .join(', ')}`;

/** The settings as one statement, for a session that is no transaction's. */
export const SESSION_SETTINGS = Object.entries(SETTINGS)
  .map(([name, value]) => `SET ${name} = ${literal(value)}`)
  .join('; ');

/**
 * A connection for the catalog, or one that replication commands can be given. The caller ends it.
 * @throws what `pg` throws
 */
export async function connect(
  address: PostgresAddress,
  as: 'ordinary' | 'replication' = 'ordinary',
): Promise<Client> {
  const { host, port, database, user, password, ssl } = address;
  const client = new Client({
    host,
    port,
    database,
    user,
    password,
    application_name: APPLICATION,
    connectionTimeoutMillis: CONNECT_TIMEOUT * 1000,
    keepAlive: true,
    ...(as === 'replication' && { replication: 'database' }),
    ...(ssl && { ssl: tlsOptions(ssl, host) }),
  });
  client.on('error', () => undefined); // A lost connection shows in the query that needs it.
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/**
 * Begins the transaction that an extraction reads in, locks the table against changes of its definition and takes the snapshot.
 * @returns the snapshot's name, for other sessions, and its time (ISO 8601, microseconds, UTC)
 */
export async function takeSnapshot(client: Client, relation: Relation): Promise<{ id: string; at: string }> {
  await beginSnapshot(client, relation);
  const { rows } = await client.query<{ id: string; at: string }>(
    `SELECT pg_export_snapshot() AS id, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at`,
  );
  const [snapshot] = rows;
  if (!snapshot) throw new Error('pg_export_snapshot() gave nothing');
  return snapshot;
}

/** Begins the transaction and locks the table. What reads first in it takes the snapshot. */
export async function beginSnapshot(client: Client, relation: Relation): Promise<void> {
  const lock = lockStatement(relation);
  // None of these takes the snapshot yet: it must come after the lock.
  const statements = [
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    ...Object.entries(SETTINGS).map(([name, value]) => `SET LOCAL ${name} = ${literal(value)}`),
    ...(lock === undefined ? [] : [lock]),
  ];
  await client.query(statements.join('; '));
}

/** Undefined for what cannot be locked: views, foreign tables, and tables of which only some columns may be read. */
export function lockStatement(relation: Relation, options = ''): string | undefined {
  if (!relation.readable || !['r', 'p'].includes(relation.kind)) return undefined;
  return `LOCK TABLE ${quoted(relation.name)} IN ACCESS SHARE MODE${options}`;
}
