import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf, TerminalError, TransientError } from '../../../core/errors.ts';
import type { TableSchema } from '../../../core/schema.ts';
import { withoutValues } from '../../../core/values.ts';
import { parquetOptions, type ParquetVersion } from '../../duckdb/parquet-options.ts';
import { valueOf } from '../../postgres/text-values.ts';

/** Limits of a line, in bytes, one after the other: DuckDB keeps room for two lines. */
const LINES = [2 ** 21, 2 ** 25, 2 ** 28];

/**
 * Makes a Parquet file of a CSV as `Exported` describes it; its rows stream through.
 * @returns how many rows it has
 * @throws {TerminalError} a value has no exact counterpart @throws {TransientError} the CSV is not whole
 */
export async function toParquet(
  duckdb: DuckDBConnection,
  csv: string,
  { columns }: TableSchema,
  to: string,
  version: ParquetVersion,
): Promise<number> {
  const values = columns.map(({ name, type }, index) => {
    const value = valueOf(`c${index}`, type);
    if (value === undefined) throw new TypeError(`an export has no values of type ${type}`);
    return `${value} AS "${name.replaceAll('"', '""')}"`;
  });
  const statement = (line: number) =>
    `COPY (SELECT ${values.join(', ')} FROM ${reader(csv, columns.length, line)}) TO ${literal(to)} (${parquetOptions(version)}, RETURN_STATS true)`;
  for (const [at, line] of LINES.entries()) {
    try {
      const result = await duckdb.runAndReadAll(statement(line));
      return Number(result.getRows()[0]?.[1] ?? 0);
    } catch (error) {
      if (/maximum line size/i.test(messageOf(error)) && at + 1 < LINES.length) continue;
      throw failureOf(error);
    }
  }
  throw new TypeError('the last limit has given or thrown');
}

function reader(csv: string, fields: number, line: number): string {
  const columns = Array.from({ length: fields }, (_, index) => `c${index}: 'VARCHAR'`).join(', ');
  return (
    `read_csv(${literal(csv)}, columns = {${columns}}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', ` +
    String.raw`new_line = '\n', nullstr = '\N', allow_quoted_nulls = false, null_padding = false, parallel = false, ` +
    `max_line_size = ${line}, buffer_size = ${2 * line})`
  );
}

function failureOf(error: unknown): Error {
  const words = withoutValues(messageOf(error)).split('\n')[0] ?? '';
  if (/No space left|Out of Memory/i.test(words))
    return new TerminalError(
      `The files of an export cannot be made: ${words}. Free space where the lake's files are written, or exclude the widest columns.`,
    );
  if (/Conversion Error/.test(words))
    return new TerminalError(
      `An exported value has no exact counterpart: ${words}. Set types: { <column>: 'string' }, or exclude the column.`,
    );
  return new TransientError(`The files of an export cannot be read: ${words}. It is asked for again.`);
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
