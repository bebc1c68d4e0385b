import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { TerminalError } from '../../core/errors.ts';
import type { DataInterval } from '../../core/interval.ts';
import { columnType, type ColumnType } from '../../core/schema.ts';
import { duckDbType } from '../duckdb/types.ts';
import type { AppliedLoad } from './port.ts';

/** Our own tables, one row per applied load and one per column of a raw table. */
export const BOOKKEEPING = [
  `CREATE SCHEMA IF NOT EXISTS _sluice`,
  `CREATE TABLE IF NOT EXISTS _sluice.loads (
    sequence BIGINT NOT NULL, load_id VARCHAR PRIMARY KEY, pipeline VARCHAR NOT NULL, table_name VARCHAR NOT NULL,
    interval_start TIMESTAMPTZ NOT NULL, interval_end TIMESTAMPTZ NOT NULL, mode VARCHAR NOT NULL, disposition VARCHAR NOT NULL,
    rows_loaded BIGINT NOT NULL, rows_deleted BIGINT NOT NULL, rows_outdated BIGINT NOT NULL, high_water_mark VARCHAR,
    manifest_uri VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, columns VARCHAR NOT NULL,
    extracted_at TIMESTAMPTZ NOT NULL, loaded_at TIMESTAMPTZ NOT NULL)`,
  // DuckDB's catalog has one type for texts of any kind; this keeps the canonical one.
  `CREATE TABLE IF NOT EXISTS _sluice.columns (
    pipeline VARCHAR NOT NULL, table_name VARCHAR NOT NULL, column_name VARCHAR NOT NULL, type VARCHAR NOT NULL)`,
];

export interface LoadRow extends Omit<AppliedLoad, 'loadedAt'> {
  readonly mode: string;
  readonly disposition: string;
  readonly columns: string;
  readonly extractedAt: string;
}

const INSTANT = `'%Y-%m-%dT%H:%M:%SZ'`;
const FIELDS = `load_id AS "loadId", pipeline, table_name AS "table",
  strftime(interval_start, ${INSTANT}) AS start, strftime(interval_end, ${INSTANT}) AS "end",
  rows_loaded AS "rowsLoaded", rows_deleted AS "rowsDeleted", rows_outdated AS "rowsOutdated",
  high_water_mark AS "highWaterMark", manifest_uri AS "manifestUri", fingerprint, strftime(loaded_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS "loadedAt"`;

export type Row = Record<string, DuckDBValue>;

export async function rows(
  connection: DuckDBConnection,
  sql: string,
  values: Record<string, DuckDBValue> = {},
): Promise<Row[]> {
  return (await connection.runAndReadAll(sql, values)).getRowObjects();
}

export async function hasBookkeeping(connection: DuckDBConnection): Promise<boolean> {
  const found = await rows(
    connection,
    `SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = '_sluice' AND table_name = 'loads'`,
  );
  return found.length > 0;
}

export async function appliedLoad(
  connection: DuckDBConnection,
  loadId: string,
): Promise<AppliedLoad | undefined> {
  const [row] = await rows(connection, `SELECT ${FIELDS} FROM _sluice.loads WHERE load_id = $loadId`, {
    loadId,
  });
  return row && applied(row);
}

/** The load that was applied last: its mark is the greatest. */
export async function lastApplied(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
  interval?: DataInterval,
): Promise<AppliedLoad | undefined> {
  const [row] = await rows(
    connection,
    `SELECT ${FIELDS} FROM _sluice.loads WHERE pipeline = $pipeline AND table_name = $table ${
      interval ? 'AND interval_start = $start::TIMESTAMPTZ AND interval_end = $end::TIMESTAMPTZ' : ''
    } ORDER BY sequence DESC LIMIT 1`,
    { pipeline, table, ...interval },
  );
  return row && applied(row);
}

export interface OtherLoads {
  /** Ids of loads of the table with a greater id, and of those the ones of the same interval. */
  readonly newer: readonly string[];
  readonly newerOfInterval: readonly string[];
  /** Ids of loads of the same interval with a smaller id. */
  readonly olderOfInterval: readonly string[];
}

export async function otherLoads(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
  { interval, loadId }: { readonly interval: DataInterval; readonly loadId: string },
): Promise<OtherLoads> {
  const found = await rows(
    connection,
    `SELECT load_id, interval_start = $start::TIMESTAMPTZ AND interval_end = $end::TIMESTAMPTZ AS same
     FROM _sluice.loads WHERE pipeline = $pipeline AND table_name = $table AND load_id <> $loadId ORDER BY load_id DESC`,
    { pipeline, table, loadId, ...interval },
  );
  const ids = (keep: (row: Row) => boolean) => found.filter(keep).map((row) => String(row['load_id']));
  const newer = (row: Row) => String(row['load_id']) > loadId;
  return {
    newer: ids(newer),
    newerOfInterval: ids((row) => newer(row) && row['same'] === true),
    olderOfInterval: ids((row) => !newer(row) && row['same'] === true),
  };
}

/** The greater of two marks, compared as values of the cursor's type. Texts compare by their bytes. */
export async function greaterMark(
  connection: DuckDBConnection,
  marks: readonly (string | null | undefined)[],
  type: ColumnType,
): Promise<string | null> {
  let greatest: string | null = null;
  for (const mark of marks) {
    if (mark === null || mark === undefined) continue;
    const [row] = await rows(
      connection,
      `SELECT TRY_CAST($mark AS ${duckDbType(type)}) IS NOT NULL AS valid,
         coalesce(TRY_CAST($mark AS ${duckDbType(type)}) > TRY_CAST($greatest AS ${duckDbType(type)}), true) AS greater`,
      { mark, greatest },
    );
    if (row?.['valid'] !== true) {
      throw new TerminalError(
        `A high-water mark is no ${type}, the type of its cursor. Load the table's history again.`,
      );
    }
    if (row['greater'] === true) greatest = mark;
  }
  return greatest;
}

export async function insertLoad(connection: DuckDBConnection, load: LoadRow): Promise<void> {
  const { interval, ...values } = load;
  await connection.run(
    `INSERT INTO _sluice.loads SELECT coalesce(max(sequence), 0) + 1, $loadId, $pipeline, $table,
       $start::TIMESTAMPTZ, $end::TIMESTAMPTZ, $mode, $disposition, $rowsLoaded::BIGINT, $rowsDeleted::BIGINT, $rowsOutdated::BIGINT,
       $highWaterMark, $manifestUri, $fingerprint, $columns, $extractedAt::TIMESTAMPTZ, now() FROM _sluice.loads`,
    { ...values, ...interval },
  );
}

export async function knownTypes(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
): Promise<ReadonlyMap<string, ColumnType>> {
  const found = await rows(
    connection,
    `SELECT column_name, type FROM _sluice.columns WHERE pipeline = $pipeline AND table_name = $table`,
    { pipeline, table },
  );
  return new Map(found.map((row) => [String(row['column_name']), columnType.parse(row['type'])]));
}

export async function rememberTypes(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
  types: ReadonlyMap<string, ColumnType>,
): Promise<void> {
  await connection.run(`DELETE FROM _sluice.columns WHERE pipeline = $pipeline AND table_name = $table`, {
    pipeline,
    table,
  });
  for (const [name, type] of types) {
    await connection.run(`INSERT INTO _sluice.columns VALUES ($pipeline, $table, $name, $type)`, {
      pipeline,
      table,
      name,
      type,
    });
  }
}

function applied(row: Row): AppliedLoad {
  const mark = row['highWaterMark'];
  return {
    loadId: String(row['loadId']),
    pipeline: String(row['pipeline']),
    table: String(row['table']),
    interval: { start: String(row['start']), end: String(row['end']) },
    manifestUri: String(row['manifestUri']),
    rowsLoaded: Number(row['rowsLoaded']),
    rowsDeleted: Number(row['rowsDeleted']),
    rowsOutdated: Number(row['rowsOutdated']),
    highWaterMark: typeof mark === 'string' ? mark : null,
    fingerprint: String(row['fingerprint']),
    loadedAt: String(row['loadedAt']),
  };
}
