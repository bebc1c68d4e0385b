import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DataInterval } from '../../../core/interval.ts';
import { aTable as aSnapshot } from '../../../core/table-fixture.ts';
import type { Manifest } from '../../../core/manifest.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { Column, ColumnType } from '../../../core/schema.ts';
import type { LoadRequest } from '../port.ts';

/** Values as text that SQL can cast; null is NULL. */
export type Values = readonly (string | number | null)[];

/** A table of intervals that are merged, unless its fields say otherwise. */
export function aTable(fields: Partial<ResolvedTable> = {}): ResolvedTable {
  const extract = { mode: 'interval', cursor: 'at', cursorNulls: 'fail' } as const;
  return aSnapshot({ extract, write: 'merge', ...fields });
}

/** Columns from `name: type` pairs, in their order. */
export function columns(types: Readonly<Record<string, ColumnType>>): Column[] {
  return Object.entries(types).map(([name, type]) => ({ name, type, nullable: true }));
}

export const ORDERS = columns({ id: 'int64', at: 'timestamp', note: 'string' });

export function day(number: number): DataInterval {
  const start = new Date(Date.UTC(2018, 0, number)).toISOString().slice(0, 10);
  const end = new Date(Date.UTC(2018, 0, number + 1)).toISOString().slice(0, 10);
  return { start: `${start}T00:00:00Z`, end: `${end}T00:00:00Z` };
}

export interface LoadFields {
  readonly loadId: string;
  readonly table?: ResolvedTable;
  readonly columns?: readonly Column[];
  readonly interval?: DataInterval;
  readonly mark?: string | null;
  readonly manifest?: Partial<Manifest>;
  /** Rows of each file; no file for none. */
  readonly files?: readonly (readonly Values[])[];
  /** Instead of `files`: one file with the rows of a query. */
  readonly sql?: { readonly query: string; readonly rows: number };
}

/** A load whose real files are in `folder`. Where a warehouse reads elsewhere, `publish` brings them there. */
export async function aLoad(
  folder: string,
  fields: LoadFields,
  publish: (paths: readonly string[]) => Promise<readonly string[]> = (paths) => Promise.resolve(paths),
): Promise<LoadRequest> {
  const { loadId, table = aTable(), columns: schema = ORDERS, interval = day(1), mark = null } = fields;
  const place = join(folder, `${loadId}-${randomUUID()}`);
  await mkdir(place, { recursive: true });
  const parts = fields.sql
    ? [fields.sql]
    : (fields.files ?? []).map((values) => ({ query: valuesQuery(schema, values), rows: values.length }));
  const paths = parts.map((_, at) => join(place, `part-${at}.parquet`));
  for (const [at, part] of parts.entries()) await writeParquet(paths[at] ?? '', part.query);
  const files = parts.map(({ rows }, at) => ({
    path: `part-${at}.parquet`,
    rows,
    bytes: 1,
    sha256: '0'.repeat(64),
  }));
  return {
    pipeline: 'shop',
    table,
    manifestUri: join(place, '_manifest.json'),
    fileUris: await publish(paths),
    manifest: {
      version: 1,
      loadId,
      pipeline: 'shop',
      domain: table.domain,
      table: table.name,
      interval,
      mode: table.extract.mode,
      schema: { columns: [...schema] },
      files,
      rows: files.reduce((total, file) => total + file.rows, 0),
      bytes: files.length,
      highWaterMark: mark,
      coercions: [],
      extractedAt: '2018-02-01T00:00:00.123456Z',
      ...fields.manifest,
    },
  };
}

export async function writeParquet(path: string, query: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`SET TimeZone = 'UTC'`);
    await connection.run(
      `COPY (${query}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

const SQL_TYPES: Partial<Record<ColumnType, string>> = {
  int16: 'SMALLINT',
  int32: 'INTEGER',
  int64: 'BIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  binary: 'BLOB',
};

function valuesQuery(schema: readonly Column[], values: readonly Values[]): string {
  const typed = schema.map(({ name, type }, at) => {
    const sqlType =
      type.startsWith('string') || type === 'json' || type === 'uuid'
        ? 'VARCHAR'
        : (SQL_TYPES[type] ?? type.toUpperCase());
    return `c${at}::${sqlType} AS "${name}"`;
  });
  const list = values
    .map(
      (row) =>
        `(${row.map((value) => (value === null ? 'NULL' : `'${String(value).replaceAll("'", "''")}'`)).join(', ')})`,
    )
    .join(', ');
  return `SELECT ${typed.join(', ')} FROM (VALUES ${list}) AS v(${schema.map((_, at) => `c${at}`).join(', ')})`;
}

/** Files of one column. */
export const FILES = {
  mode: 'files',
  format: 'csv',
  columns: { id: 'int64' },
  header: true,
  delimiter: ',',
  quote: '"',
  encoding: 'utf-8',
  nulls: [''],
  quotedNulls: false,
  badRows: 'fail',
} as const;
