import { DuckDBInstance, type DuckDBConnection, type Json } from '@duckdb/node-api';
import { loadExtension } from '../../duckdb/extension.ts';
import type { Relation } from './catalog.ts';
import { attachStatement, secretStatement, type PostgresAddress } from '../../postgres/address.ts';
import { lockStatement, SETTINGS_QUERY } from './session.ts';
import { duckdbLiteral, literal } from './sql.ts';
import { orCleanUp } from '../../../core/clean-up.ts';

export interface EngineOptions {
  readonly address: PostgresAddress;
  readonly extensionFile: string | undefined;
  /** DuckDB's limit for all streams together: `1GB`. */
  readonly memoryLimit: string;
}

/** DuckDB with the extension loaded, which takes a quarter of a second, and the password in a secret. The caller closes it. */
export async function openEngine(options: EngineOptions): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    // Each stream runs on the thread that asks for it. With threads of DuckDB's own, that one spins while they work.
    threads: '1',
    memory_limit: options.memoryLimit,
    autoinstall_known_extensions: 'false',
    // Rows of a stream keep their order all the same; without this, row groups have no limit in bytes.
    preserve_insertion_order: 'false',
  });
  try {
    const connection = await instance.connect();
    await loadExtension(connection, 'postgres_scanner', options.extensionFile);
    await connection.run(secretStatement('source', options.address));
    connection.disconnectSync();
    return instance;
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

interface Joined {
  readonly connection: DuckDBConnection;
  /** The name under which the connection has attached the source. */
  readonly database: string;
}

/**
 * Some sessions of DuckDB in PostgreSQL that share one snapshot. Rows go from each session's binary COPY into
 * Parquet without leaving DuckDB.
 * @see https://duckdb.org/docs/stable/core_extensions/postgres
 */
export class Streams {
  /** Process ids of the sessions in PostgreSQL. */
  readonly backends: number[] = [];
  readonly #connections: Joined[] = [];
  static #opened = 0;

  private constructor() {}

  static async open(
    instance: DuckDBInstance,
    count: number,
    address: PostgresAddress,
    snapshot: string,
    relation: Relation,
  ): Promise<Streams> {
    const streams = new Streams();
    return orCleanUp(
      async () => {
        for (let index = 0; index < count; index++) {
          await streams.#join(await instance.connect(), address, snapshot, relation);
        }
        return streams;
      },
      () => streams.close(),
    );
  }

  /** Runs a statement for each item, as many at a time as there are streams. The first failure ends all. */
  async each<T, R>(
    items: readonly T[],
    statement: (item: T, index: number, database: string) => string,
    result: (rows: readonly (readonly Json[])[], item: T, index: number) => R,
  ): Promise<R[]> {
    const results: R[] = [];
    let next = 0;
    let failed = false;
    const work = async ({ connection, database }: Joined) => {
      for (let index = next++; index < items.length && !failed; index = next++) {
        const item = items[index] as T;
        const reader = await connection.runAndReadAll(statement(item, index, database));
        results[index] = result(reader.getRowsJson(), item, index);
      }
    };
    const works = this.#connections.map((one) =>
      work(one).catch((error: unknown) => {
        if (!failed) {
          failed = true;
          this.interrupt();
        }
        throw error;
      }),
    );
    const failure = await Promise.all(works).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    await Promise.allSettled(works);
    if (failure) throw failure.error;
    return results;
  }

  interrupt(): void {
    for (const { connection } of this.#connections) connection.interrupt();
  }

  /** Ends the transactions and the sessions. May be called again. */
  async close(): Promise<void> {
    for (const { connection, database } of this.#connections.splice(0)) {
      await connection.run('ROLLBACK').catch(() => undefined);
      await connection.run(`DETACH ${database}`).catch(() => undefined);
      connection.disconnectSync();
    }
  }

  async #join(
    connection: DuckDBConnection,
    address: PostgresAddress,
    snapshot: string,
    relation: Relation,
  ): Promise<void> {
    const database = `source${Streams.#opened++}`;
    this.#connections.push({ connection, database });
    await connection.run(attachStatement(database, 'source', address, ', READ_ONLY'));
    await connection.run('BEGIN');
    const run = (call: string, sql: string) =>
      connection.runAndReadAll(`FROM ${call}(${duckdbLiteral(database)}, ${duckdbLiteral(sql)})`);
    await run('postgres_execute', `SET TRANSACTION SNAPSHOT ${literal(snapshot)}`);
    const settled = await run('postgres_query', `${SETTINGS_QUERY}, pg_backend_pid() AS pid`);
    this.backends.push(Number(settled.getRows()[0]?.at(-1)));
    // Someone who waits to change the table waits for the first session, so this one must not wait for them.
    const lock = lockStatement(relation, ' NOWAIT');
    if (lock) await run('postgres_execute', lock);
  }
}
