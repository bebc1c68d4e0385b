import { randomUUID } from 'node:crypto';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { loadExtension } from '../../duckdb/extension.ts';
import { attachOptions, type MysqlAddress } from './session.ts';
import { duckdbLiteral } from './sql.ts';
import { orCleanUp } from '../../../core/clean-up.ts';

export interface EngineOptions {
  readonly address: MysqlAddress;
  readonly extensionFile: string | undefined;
  /** DuckDB's limit for all streams together: `1GB`. */
  readonly memoryLimit: string;
}

/** Of every connection that the extension opens. Without the last it would add a limit of five minutes to queries of MySQL 8. */
const SETTINGS: Readonly<Record<string, string>> = {
  mysql_session_time_zone: `'+00:00'`,
  mysql_tinyint1_as_boolean: 'false',
  mysql_bit1_as_boolean: 'false',
  mysql_query_timeout_enabled: 'false',
};

/** DuckDB with the extension loaded, and the password in a secret. The caller closes it. */
export async function openEngine(options: EngineOptions): Promise<DuckDBInstance> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: options.memoryLimit,
    autoinstall_known_extensions: 'false',
    preserve_insertion_order: 'false', // rows of a stream keep their order all the same
  });
  try {
    const connection = await instance.connect();
    await loadExtension(connection, 'mysql_scanner', options.extensionFile);
    for (const [name, value] of Object.entries(SETTINGS))
      await connection.run(`SET GLOBAL ${name} = ${value}`);
    await connection.run(`SET GLOBAL TimeZone = 'UTC'`);
    await connection.run(secretStatement(options.address));
    connection.disconnectSync();
    return instance;
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/**
 * A connection of DuckDB's extension to MySQL. It runs one statement, which is one snapshot: what the extension's transactions
 * share, its scans alone can see, and those change values without a word.
 * @see https://duckdb.org/docs/stable/core_extensions/mysql
 */
export class Stream {
  /** A comment in its statement, by which others find the session. */
  readonly mark = `sluice ${randomUUID()}`;
  readonly #connection: DuckDBConnection;
  readonly #database: string;
  static #opened = 0;

  private constructor(connection: DuckDBConnection) {
    this.#connection = connection;
    this.#database = `source${Stream.#opened++}`;
  }

  static async open(engine: DuckDBInstance, address: MysqlAddress): Promise<Stream> {
    const stream = new Stream(await engine.connect());
    return orCleanUp(
      async () => {
        await stream.#connection.run(
          `ATTACH ${duckdbLiteral(attachOptions(address))} AS ${stream.#database} (TYPE mysql, SECRET source, READ_ONLY)`,
        );
        return stream;
      },
      () => stream.close(),
    );
  }

  /** DuckDB's relation of the rows that a statement of MySQL gives. */
  rowsOf(statement: string): string {
    const marked = statement.replace(/^SELECT /, `SELECT /* ${this.mark} */ `);
    return `mysql_query(${duckdbLiteral(this.#database)}, ${duckdbLiteral(marked)}, stream_results = true)`;
  }

  async run(sql: string): Promise<readonly (readonly unknown[])[]> {
    return (await this.#connection.runAndReadAll(sql)).getRowsJson();
  }

  interrupt(): void {
    this.#connection.interrupt();
  }

  /** Ends the session. May be called again. */
  async close(): Promise<void> {
    await this.#connection.run(`DETACH DATABASE IF EXISTS ${this.#database}`).catch(() => undefined);
    this.#connection.disconnectSync();
  }
}

function secretStatement({ host, port, database, user, password }: MysqlAddress): string {
  const fields = { HOST: host, PORT: String(port), DATABASE: database, USER: user, PASSWORD: password };
  const list = Object.entries(fields).map(([name, value]) => `${name} ${duckdbLiteral(value)}`);
  return `CREATE SECRET source (TYPE mysql, ${list.join(', ')})`;
}
