import type { DuckDBConnection } from '@duckdb/node-api';
import type { Client } from 'pg';
import type { PostgresAddress } from '../../postgres/address.ts';
import { connect } from './session.ts';
import type { Streams } from './streams.ts';
import { thenCleanUp } from '../../../core/clean-up.ts';

/**
 * Ends an extraction on both sides when its signal fires: the statements in DuckDB, and the sessions in PostgreSQL,
 * which would otherwise go on until they next write to a connection.
 */
export class Cancellation {
  readonly #address: PostgresAddress;
  readonly #signal: AbortSignal;
  readonly #clients: Client[] = [];
  #duckdb: DuckDBConnection | undefined;
  #streams: Streams | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(address: PostgresAddress, signal: AbortSignal) {
    this.#address = address;
    this.#signal = signal;
    signal.addEventListener('abort', this.#cancel, { once: true });
  }

  watchClient(client: Client): void {
    this.#clients.push(client);
    this.#signal.throwIfAborted();
  }

  watchStreams(streams: Streams): void {
    this.#streams = streams;
    this.#signal.throwIfAborted();
  }

  watchDuckDb(connection: DuckDBConnection): void {
    this.#duckdb = connection;
    this.#signal.throwIfAborted();
  }

  /** Resolves when nothing is being cancelled any more. */
  async done(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#cancel);
    await this.#ended;
  }

  readonly #cancel = (): void => {
    this.#streams?.interrupt();
    this.#duckdb?.interrupt();
    const backends = [...(this.#streams?.backends ?? []), ...this.#clients.flatMap(processOf)];
    // A server that cannot be reached has ended the sessions itself, or will.
    this.#ended = terminate(backends, this.#address).catch(() => undefined);
  };
}

async function terminate(backends: readonly number[], address: PostgresAddress): Promise<void> {
  if (!backends.length) return;
  const client = await connect(address);
  await thenCleanUp(
    async () => {
      // Sessions of ours only: a process id may have passed to someone else.
      await client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = ANY($1) AND application_name = current_setting('application_name')`,
        [backends],
      );
    },
    () => client.end(),
  );
}

function processOf(client: Client): number[] {
  return 'processID' in client && typeof client.processID === 'number' ? [client.processID] : [];
}
