import { DuckDBInstance } from '@duckdb/node-api';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { messageOf, TerminalError, TransientError } from '../../../core/errors.ts';
import type { TableSchema } from '../../../core/schema.ts';
import { withoutValues } from '../../../core/values.ts';
import { parquetOptions, type ParquetVersion } from '../../duckdb/parquet-options.ts';
import { valueOf } from '../../postgres/text-values.ts';

interface Limits {
  /** Of a line, in bytes. DuckDB keeps room for two. */
  readonly line: number;
  /** Of DuckDB. It takes whatever it may: what it has read of the file is let go for want of memory only. */
  readonly memory: string;
}

/** One after the other, until the rows fit: most do at once. */
const LIMITS: readonly Limits[] = [
  { line: 2 ** 21, memory: '192MB' },
  { line: 2 ** 25, memory: '1GB' },
  { line: 2 ** 28, memory: '2GB' },
];

/**
 * Makes a Parquet file of a CSV as `Exported` describes it; its rows stream through, on one thread.
 * @returns how many rows it has
 * @throws {TerminalError} a value has no exact counterpart @throws {TransientError} the CSV is not whole; the signal has fired
 */
export async function toParquet(
  csv: string,
  { columns }: TableSchema,
  to: string,
  version: ParquetVersion,
  signal: AbortSignal,
): Promise<number> {
  const values = columns.map(({ name, type }, index) => {
    const value = valueOf(`c${index}`, type);
    if (value === undefined) throw new TypeError(`an export has no values of type ${type}`);
    return `${value} AS "${name.replaceAll('"', '""')}"`;
  });
  for (const [at, limits] of LIMITS.entries()) {
    try {
      const rows = `SELECT ${values.join(', ')} FROM ${reader(csv, columns.length, limits.line)}`;
      return await copied(`COPY (${rows}) TO ${literal(to)} (${parquetOptions(version)})`, limits, signal);
    } catch (error) {
      const isWide = /maximum line size|Out of Memory/i.test(messageOf(error));
      if (!isWide || signal.aborted || at + 1 === LIMITS.length) throw failureOf(error);
    }
  }
  throw new TypeError('the last limits have given or thrown');
}

/** @returns the number of rows */
async function copied(statement: string, { memory }: Limits, signal: AbortSignal): Promise<number> {
  // Order is kept on one thread all the same; with it, row groups have a limit in bytes.
  const settings = { threads: '1', memory_limit: memory, preserve_insertion_order: 'false' };
  const duckdb = await DuckDBInstance.create(':memory:', settings);
  const connection = await duckdb.connect();
  const interrupt = () => connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  return thenCleanUp(
    async () => Number((await connection.runAndReadAll(statement)).getRows()[0]?.[0] ?? 0),
    () => {
      signal.removeEventListener('abort', interrupt);
      connection.disconnectSync();
      duckdb.closeSync();
    },
  );
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
