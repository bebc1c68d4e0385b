import { DuckDBInstance } from '@duckdb/node-api';
import { messageOf, TerminalError } from '../../../core/errors.ts';

/** What the end of a Parquet file says of it. */
export interface Footer {
  readonly rows: number;
  /** In their order; types in DuckDB's words. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** Reads a footer; `name` is what the file is called in a message. @throws {TerminalError} no Parquet file */
export async function parquetFooter(path: string, name: string): Promise<Footer> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    try {
      const rows = await connection.runAndReadAll(`SELECT num_rows FROM parquet_file_metadata($1)`, [path]);
      const schema = await connection.runAndReadAll(
        `SELECT name, coalesce(duckdb_type, 'nested') FROM parquet_schema($1) OFFSET 1`,
        [path],
      );
      return {
        rows: Number(rows.getRows()[0]?.[0]),
        columns: schema.getRows().map(([column, type]) => ({ name: String(column), type: String(type) })),
      };
    } finally {
      connection.closeSync();
    }
  } catch (error) {
    throw new TerminalError(
      `${name} cannot be read as a Parquet file (${messageOf(error).split('\n')[0] ?? ''}). Extract the table again.`,
      { cause: error },
    );
  } finally {
    instance.closeSync();
  }
}
