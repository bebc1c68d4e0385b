import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { loadExtension } from '../duckdb/extension.ts';
import type { Relation } from './postgres-catalog.ts';
import { libpqOptions, lockStatement, SESSION_SETTINGS, type PostgresAddress } from './postgres-session.ts';
import { duckdbLiteral, literal } from './postgres-sql.ts';

export interface StreamOptions {
  readonly address: PostgresAddress;
  readonly extensionFile: string | undefined;
  readonly memoryLimit: string;
  /** Sessions that read at the same time, and DuckDB's threads. */
  readonly streams: number;
}

interface Joined {
  readonly connection: DuckDBConnection;
  /** The name under which the connection has attached the source. */
  readonly database: string;
}

/**
 * DuckDB with some sessions in PostgreSQL that share one snapshot. Rows go from each session's binary COPY into
 * Parquet without leaving DuckDB.
 * @see https://duckdb.org/docs/stable/core_extensions/postgres
 */
export class Streams {
  /** Process ids of the sessions in PostgreSQL. */
  readonly backends: number[] = [];
  readonly #instance: DuckDBInstance;
  readonly #connections: Joined[] = [];

  private constructor(instance: DuckDBInstance) {
    this.#instance = instance;
  }

  static async open(options: StreamOptions, snapshot: string, relation: Relation): Promise<Streams> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.streams),
      memory_limit: options.memoryLimit,
      autoinstall_known_extensions: 'false',
      // Each stream has one thread, so its rows keep their order; without this, row groups have no limit in bytes.
      preserve_insertion_order: 'false',
    });
    const streams = new Streams(instance);
    try {
      const first = await instance.connect();
      await loadExtension(first, 'postgres_scanner', options.extensionFile);
      await first.run(secretStatement(options.address));
      for (let index = 0; index < options.streams; index++) {
        const connection = index ? await instance.connect() : first;
        await streams.#join(connection, `source${index}`, options.address, snapshot, relation);
      }
      return streams;
    } catch (error) {
      await streams.close();
      throw error;
    }
  }

  /** Runs a statement for each item, as many at a time as there are streams. The first failure ends all. */
  async each<T, R>(
    items: readonly T[],
    statement: (item: T, index: number, database: string) => string,
    result: (rows: readonly (readonly unknown[])[], item: T, index: number) => R,
  ): Promise<R[]> {
    const results: R[] = [];
    let next = 0;
    let failed = false;
    const work = async ({ connection, database }: Joined) => {
      for (let index = next++; index < items.length && !failed; index = next++) {
        const item = items[index] as T;
        const reader = await connection.runAndReadAll(statement(item, index, database));
        results[index] = result(reader.getRows(), item, index);
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
    this.#instance.closeSync();
  }

  async #join(
    connection: DuckDBConnection,
    database: string,
    address: PostgresAddress,
    snapshot: string,
    relation: Relation,
  ): Promise<void> {
    await connection.run(
      `ATTACH ${duckdbLiteral(libpqOptions(address))} AS ${database} (TYPE postgres, SECRET source, READ_ONLY)`,
    );
    this.#connections.push({ connection, database });
    await connection.run('BEGIN');
    const execute = (sql: string) =>
      connection.run(`CALL postgres_execute(${duckdbLiteral(database)}, ${duckdbLiteral(sql)})`);
    await execute(`SET TRANSACTION SNAPSHOT ${literal(snapshot)}`);
    for (const setting of SESSION_SETTINGS) await execute(setting);
    // Someone who waits to change the table waits for the first session, so this one must not wait for them.
    const lock = lockStatement(relation, ' NOWAIT');
    if (lock) await execute(lock);
    const pid = await connection.runAndReadAll(
      `SELECT pid FROM postgres_query(${duckdbLiteral(database)}, 'SELECT pg_backend_pid() AS pid')`,
    );
    this.backends.push(Number(pid.getRows()[0]?.[0]));
  }
}

function secretStatement({ host, port, database, user, password }: PostgresAddress): string {
  const fields = { HOST: host, PORT: String(port), DATABASE: database, USER: user, PASSWORD: password };
  const list = Object.entries(fields).map(([name, value]) => `${name} ${duckdbLiteral(value)}`);
  return `CREATE SECRET source (TYPE postgres, ${list.join(', ')})`;
}
