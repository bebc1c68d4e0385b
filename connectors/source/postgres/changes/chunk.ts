import type { DuckDBConnection } from '@duckdb/node-api';
import { CHANGE_COLUMNS } from '../../../../core/changes.ts';
import { TerminalError } from '../../../../core/errors.ts';
import type { Column } from '../../../../core/schema.ts';
import { parquetOptions, type ParquetVersion } from '../../../duckdb/parquet-options.ts';
import { duckDbType } from '../../../duckdb/types.ts';
import { duckdbLiteral, identifier } from '../sql.ts';
import type { Chunk } from './change-rows.ts';
import { valueOf } from '../../../postgres/text-values.ts';

/** What the stream itself says; the rest is found out later. */
const OF_STREAM = CHANGE_COLUMNS.filter(({ name }) => name !== '_base');
/** DuckDB's least limit for a line that it keeps in memory; longer lines raise it. Bytes. */
const LINE_BYTES = 2 ** 21;

/**
 * Makes a Parquet file of a chunk of changes.
 * @param columns of the file: those that the chunk has not are NULL
 * @throws {TerminalError} naming the columns of which a value has no exact counterpart
 */
export async function convert(
  duckdb: DuckDBConnection,
  chunk: Chunk,
  columns: readonly Column[],
  to: string,
  version: ParquetVersion,
  table: string,
): Promise<void> {
  const fields = [...OF_STREAM, ...chunk.columns].map(({ name }) => name);
  const place = (name: string) => fields.indexOf(name);
  const values = columns.map(({ name, type }) => {
    const value = place(name) < 0 ? `NULL::${duckDbType(type)}` : valueOf(`c${place(name)}`, type);
    if (value !== undefined) return { name, value };
    throw new TerminalError(`Table '${table}': column '${name}' cannot be ${type} in a stream of changes.`);
  });
  const source = csv(chunk, fields.length);
  const list = values.map(({ name, value }) => `${value} AS ${identifier(name)}`).join(', ');
  let written: number;
  try {
    const reader = await duckdb.runAndReadAll(
      `COPY (SELECT ${list} FROM ${source}) TO ${duckdbLiteral(to)} (${parquetOptions(version)}, RETURN_STATS true)`,
    );
    written = Number(reader.getRows()[0]?.[1]);
  } catch (error) {
    throw (await lossOf(duckdb, source, values, table)) ?? error;
  }
  if (written !== chunk.rows)
    throw new Error(`${chunk.rows} changes of '${table}' were read and ${written} written. Report this.`);
}

/** Gives a file columns that it has not, as NULL. */
export async function widen(
  duckdb: DuckDBConnection,
  from: string,
  has: readonly Column[],
  columns: readonly Column[],
  to: string,
  version: ParquetVersion,
): Promise<void> {
  const known = new Set(has.map(({ name }) => name));
  const list = columns.map(({ name, type }) =>
    known.has(name) ? identifier(name) : `NULL::${duckDbType(type)} AS ${identifier(name)}`,
  );
  await duckdb.run(
    `COPY (SELECT ${list.join(', ')} FROM read_parquet(${duckdbLiteral(from)})) TO ${duckdbLiteral(to)} (${parquetOptions(version)})`,
  );
}

function csv({ path, longest }: Chunk, fields: number): string {
  const line = Math.max(LINE_BYTES, longest + 1);
  const columns = Array.from({ length: fields }, (_, index) => `c${index}: 'VARCHAR'`).join(', ');
  return (
    `read_csv(${duckdbLiteral(path)}, columns = {${columns}}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', ` +
    `new_line = '\\n', nullstr = '', allow_quoted_nulls = false, null_padding = false, parallel = false, max_line_size = ${line}, buffer_size = ${2 * line})`
  );
}

async function lossOf(
  duckdb: DuckDBConnection,
  source: string,
  values: readonly { readonly name: string; readonly value: string }[],
  table: string,
): Promise<TerminalError | undefined> {
  const lost = values.map(({ value }, index) => {
    const text = /\bc\d+\b/.exec(value)?.[0];
    return text === undefined
      ? `0 AS n${index}`
      : `count(*) FILTER (WHERE ${text} IS NOT NULL AND TRY(${value}) IS NULL) AS n${index}`;
  });
  try {
    const reader = await duckdb.runAndReadAll(`SELECT ${lost.join(', ')} FROM ${source}`);
    const problems = values.flatMap(({ name }, index) => {
      const count = Number(reader.getRows()[0]?.[index] ?? 0);
      return count
        ? [
            `column '${name}': ${count} ${count === 1 ? 'change holds' : 'changes hold'} a value that its type does not`,
          ]
        : [];
    });
    if (!problems.length) return undefined;
    return new TerminalError(
      `Changes of table '${table}' cannot be kept exactly: ${problems.join('; ')}. Set types: { <column>: 'string' } or exclude the column, drop the table in the warehouse, and run again.`,
    );
  } catch {
    return undefined; // Then it was not a value.
  }
}
