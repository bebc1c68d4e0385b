import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { messageOf, TerminalError } from '../../core/errors.ts';

/**
 * Rows of local Parquet files, as their footers say; the data itself is not read.
 * @returns rows by path, for every path given
 * @throws {TerminalError} naming the file that is missing or no Parquet file
 */
export async function parquetRows(paths: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = new Map<string, number>();
  if (!paths.length) return rows;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  try {
    const connection = await instance.connect();
    try {
      for (const path of paths) rows.set(path, await rowsOf(connection, path));
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
  return rows;
}

async function rowsOf(connection: DuckDBConnection, path: string): Promise<number> {
  try {
    const result = await connection.runAndReadAll(
      `SELECT num_rows FROM parquet_file_metadata('${globless(path).replaceAll("'", "''")}')`,
    );
    return Number(result.getRows()[0]?.[0]);
  } catch (error) {
    throw new TerminalError(
      `${path} cannot be read as a Parquet file (${messageOf(error).split('\n')[0] ?? ''}). Extract the table again.`,
      { cause: error },
    );
  }
}

/** DuckDB expands `*`, `?` and `[` in paths; in brackets they stand for themselves. */
export function globless(path: string): string {
  return path.replace(/[*?[]/g, '[$&]');
}
