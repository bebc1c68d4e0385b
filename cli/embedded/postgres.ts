import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg, { escapeIdentifier } from 'pg';
import { orCleanUp, thenCleanUp } from '../../core/clean-up.ts';
import { TerminalError, messageOf } from '../../core/errors.ts';
import { startChild, whetherEnded, type Child } from './child.ts';
import { findPrograms, makeCluster } from './cluster.ts';
import { until } from './ready.ts';

/** The ledger's, and the source of the demo. */
export const DATABASES: readonly string[] = ['sluice', 'olist'];
const START_TIMEOUT_MS = 120_000; // after a crash it reads its log first
const STOP_GRACE_MS = 15_000;

/** Fast shutdown, which does not wait for those who are connected; then the immediate one, which the next start recovers from. */
export const POSTGRES_ASKING = ['SIGINT', 'SIGQUIT'] as const;

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // in /tmp they would meet those of other servers
  synchronize_seqscans: 'off',
  // For tables in mode 'changes'; a stream that nobody reads must not fill the disk.
  wal_level: 'logical',
  max_slot_wal_keep_size: '4GB',
};

/** PostgreSQL with its data in `<home>/postgres`, on the loopback interface. */
export class EmbeddedServer {
  readonly #home: string;
  readonly #port: number;
  readonly #password: string;
  readonly #databases: () => Promise<readonly string[]>;

  /** @param databases that must be there, asked for at every start */
  constructor(
    home: string,
    port: number,
    password: string,
    databases: () => Promise<readonly string[]> = () => Promise.resolve(DATABASES),
  ) {
    this.#home = home;
    this.#port = port;
    this.#password = password;
    this.#databases = databases;
  }

  /**
   * Makes the data folder where there is none, starts the server, makes databases that are missing. May be called again when it has ended.
   * @param begun told of its process at once
   * @throws {TerminalError} with what the server says; it has ended then
   */
  async start(begun: (pid: number) => void = () => undefined): Promise<Child> {
    const log = join(this.#home, 'logs', 'postgres.log');
    try {
      const programs = await findPrograms();
      await makeCluster(this.#home, this.#password, programs);
      const folder = join(this.#home, 'postgres');
      const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
      const child = startChild(programs.postgres, ['-D', folder, '-p', String(this.#port), ...settings], {
        log,
        ...programs.user,
        cwd: '/',
        asking: POSTGRES_ASKING,
      });
      begun(child.pid);
      const server = { ...child, stop: () => child.stop(STOP_GRACE_MS) };
      await orCleanUp(
        async () => {
          const hasEnded = whetherEnded(child);
          await until(
            'The server',
            () => Promise.resolve(servesFolder(folder, child.pid)),
            START_TIMEOUT_MS,
            () => (hasEnded() ? 'it has ended' : undefined),
          );
          await this.#createDatabases();
        },
        () => server.stop(),
      );
      return server;
    } catch (error) {
      throw new TerminalError(`The embedded PostgreSQL did not start: ${messageOf(error)} Look at ${log}.`, {
        cause: error,
      });
    }
  }

  async #createDatabases(): Promise<void> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.#port,
      user: 'sluice',
      password: this.#password,
      database: 'postgres',
    });
    await client.connect();
    await thenCleanUp(
      async () => {
        const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
        const existing = new Set(rows.map((row) => row.datname));
        for (const name of await this.#databases())
          if (!existing.has(name)) await client.query(`CREATE DATABASE ${escapeIdentifier(name)}`);
      },
      () => client.end(),
    );
  }
}

/** Whether this very process serves the folder: the server writes its number there, and in the eighth line how it is. */
export function servesFolder(folder: string, pid: number): boolean {
  try {
    const lines = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n');
    return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}
