import type { DuckDBConnection } from '@duckdb/node-api';
import type pg from 'pg';
import type { Copy } from '../redshift-sql/copy.ts';
import { quote } from '../redshift-sql/columns.ts';
import { RedshiftError } from '../redshift-sql/error.ts';

export interface ColumnOf {
  readonly name: string;
  /** As PostgreSQL's `format_type` writes it. */
  readonly type: string;
  /** Byte limit of a text or of bytes. */
  readonly bytes: number | null;
}

export interface TableOf {
  readonly name: string;
  readonly oid: number;
  readonly columns: readonly ColumnOf[];
}

/**
 * Holds a Parquet file against the table as COPY does: by position, equal column counts, compatible types, lengths in bytes.
 * @throws {RedshiftError} after noting it in stl_load_errors
 */
export async function mustFit(
  reader: DuckDBConnection,
  file: { readonly uri: string; readonly path: string },
  table: TableOf,
  copy: Copy,
  pool: pg.Pool,
): Promise<void> {
  const source = `read_parquet('${file.path}', hive_partitioning = false)`;
  const found = await described(reader, file, source);
  if (found.length !== table.columns.length && !(copy.fillRecord && found.length < table.columns.length)) {
    throw await noted(pool, table, file.uri, undefined, 15007, {
      reason: 'Unmatched number of columns',
      message: `Spectrum Scan Error\n  Detail: Unmatched number of columns between table and file. Table columns: ${table.columns.length}, Data columns: ${found.length}, File name: ${file.uri}`,
    });
  }
  for (const [at, column] of table.columns.entries()) {
    const given = found[at];
    if (!given || isCompatible(column.type, given.type, copy)) continue;
    throw await noted(pool, table, file.uri, column, 15003, {
      reason: 'incompatible Parquet schema',
      message: `Spectrum Scan Error\n  Detail: File '${file.uri}' has an incompatible Parquet schema for column '${column.name}'. Column type: ${column.type.toUpperCase()}, Parquet schema: ${given.type} ${given.name}`,
    });
  }
  for (const [at, column] of table.columns.entries()) {
    const given = found[at];
    if (!given || column.bytes === null) continue;
    const length = given.type === 'BLOB' ? 'octet_length' : 'strlen';
    const longest = await reader.runAndReadAll(
      `SELECT coalesce(max(${length}(${quote(given.name)})), 0) FROM ${source}`,
    );
    const bytes = Number(longest.getRows()[0]?.[0]);
    if (bytes <= column.bytes) continue;
    throw await noted(pool, table, file.uri, column, 15001, {
      reason: `String length exceeds DDL length`,
      message: `Spectrum Scan Error\n  Detail: The length of the data column ${column.name} is longer than the length defined in the table. Table: ${column.bytes}, Data: ${bytes}, File name: ${file.uri}`,
    });
  }
}

async function described(
  reader: DuckDBConnection,
  file: { readonly uri: string; readonly path: string },
  source: string,
): Promise<{ name: string; type: string }[]> {
  try {
    const found = await reader.runAndReadAll(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${source})`,
    );
    return found.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  } catch {
    throw new RedshiftError(
      'XX000',
      `Spectrum Scan Error\n  Detail: ${file.uri} is not a valid Parquet file`,
    );
  }
}

const COMPATIBLE: Partial<Record<string, RegExp>> = {
  boolean: /^BOOLEAN$/,
  smallint: /^(SMALLINT|TINYINT|UTINYINT)$/,
  integer: /^(INTEGER|SMALLINT|TINYINT|USMALLINT)$/,
  bigint: /^(BIGINT|UINTEGER)$/,
  real: /^FLOAT$/,
  'double precision': /^DOUBLE$/,
  date: /^DATE$/,
  varbyte: /^BLOB$/,
};

function isCompatible(column: string, parquet: string, copy: Copy): boolean {
  if (/^(character|bpchar)/.test(column)) return parquet === 'VARCHAR' || parquet === 'JSON';
  if (column.startsWith('timestamp')) return /^TIMESTAMP( WITH TIME ZONE|_MS)?$/.test(parquet);
  const decimal = /^numeric\((\d+),(\d+)\)$/.exec(column);
  if (decimal) return parquet === `DECIMAL(${decimal[1] ?? ''},${decimal[2] ?? ''})`;
  if (column === 'super') return copy.serializeToJson && /\[|STRUCT|MAP/.test(parquet);
  return COMPATIBLE[column]?.test(parquet) ?? false;
}

async function noted(
  pool: pg.Pool,
  table: TableOf,
  uri: string,
  column: ColumnOf | undefined,
  code: number,
  { reason, message }: { readonly reason: string; readonly message: string },
): Promise<RedshiftError> {
  await pool.query(
    `INSERT INTO aws_local.stl_load_errors (tbl, filename, line_number, colname, type, col_length, err_code, err_reason) VALUES ($1, $2, 0, $3, $4, $5, $6, $7)`,
    [
      table.oid,
      uri.slice(-256),
      column?.name ?? '',
      column?.type.slice(0, 20) ?? '',
      String(column?.bytes ?? ''),
      code,
      `${reason}${column ? ` in column ${column.name}` : ''}`.slice(0, 100),
    ],
  );
  return new RedshiftError('XX000', message);
}
