import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { z } from 'zod';
import type { DataInterval } from '../../../core/interval.ts';
import { columnType, type ColumnType } from '../../../core/schema.ts';
import type { OtherLoad } from '../ground.ts';
import type { AppliedLoad } from '../port.ts';

/** Our own tables, one row per applied load and one per column of a raw table. */
export const BOOKKEEPING = [
  `CREATE SCHEMA IF NOT EXISTS _sluice`,
  `CREATE TABLE IF NOT EXISTS _sluice.loads (
    sequence BIGINT NOT NULL, load_id VARCHAR PRIMARY KEY, pipeline VARCHAR NOT NULL, table_name VARCHAR NOT NULL,
    interval_start TIMESTAMPTZ NOT NULL, interval_end TIMESTAMPTZ NOT NULL, mode VARCHAR NOT NULL, disposition VARCHAR NOT NULL,
    rows_loaded BIGINT NOT NULL, rows_deleted BIGINT NOT NULL, rows_outdated BIGINT NOT NULL, high_water_mark VARCHAR,
    manifest_uri VARCHAR NOT NULL, fingerprint VARCHAR NOT NULL, columns VARCHAR NOT NULL,
    extracted_at TIMESTAMPTZ NOT NULL, loaded_at TIMESTAMPTZ NOT NULL, cursor_column VARCHAR, cursor_type VARCHAR, made_target BOOLEAN, emptied VARCHAR[])`,
  // Tables of older versions say nothing of what their marks are values of.
  `ALTER TABLE _sluice.loads ADD COLUMN IF NOT EXISTS cursor_column VARCHAR`,
  `ALTER TABLE _sluice.loads ADD COLUMN IF NOT EXISTS cursor_type VARCHAR`,
  `ALTER TABLE _sluice.loads ADD COLUMN IF NOT EXISTS made_target BOOLEAN`,
  `ALTER TABLE _sluice.loads ADD COLUMN IF NOT EXISTS emptied VARCHAR[]`,
  // DuckDB's catalog has one type for texts of any kind; this keeps the canonical one.
  `CREATE TABLE IF NOT EXISTS _sluice.columns (
    pipeline VARCHAR NOT NULL, table_name VARCHAR NOT NULL, column_name VARCHAR NOT NULL, type VARCHAR NOT NULL)`,
];

export interface LoadRow extends Omit<AppliedLoad, 'loadedAt'> {
  readonly mode: string;
  readonly disposition: string;
  readonly cursorColumn: string | null;
  readonly cursorType: string | null;
  readonly columns: string;
  readonly extractedAt: string;
  readonly emptied?: readonly string[];
}

const INSTANT = `'%Y-%m-%dT%H:%M:%SZ'`;
const FIELDS = `load_id AS "loadId", pipeline, table_name AS "table",
  strftime(interval_start, ${INSTANT}) AS start, strftime(interval_end, ${INSTANT}) AS "end",
  rows_loaded AS "rowsLoaded", rows_deleted AS "rowsDeleted", rows_outdated AS "rowsOutdated",
  high_water_mark AS "highWaterMark", manifest_uri AS "manifestUri", fingerprint, strftime(loaded_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS "loadedAt"`;
const MADE_TARGET = 'coalesce(made_target, false) AS "madeTarget"';

export type Row = Record<string, DuckDBValue>;

export async function rows(
  connection: DuckDBConnection,
  sql: string,
  values: Record<string, DuckDBValue> = {},
): Promise<Row[]> {
  return (await connection.runAndReadAll(sql, values)).getRowObjects();
}

export async function hasBookkeeping(connection: DuckDBConnection): Promise<boolean> {
  return (await columnsOf(connection, '_sluice', 'loads')).size > 0;
}

/** Names of a table's columns; none where there is no such table. */
export async function columnsOf(
  connection: DuckDBConnection,
  schema: string,
  table: string,
): Promise<ReadonlySet<string>> {
  const found = await rows(
    connection,
    `SELECT column_name AS name FROM duckdb_columns()
     WHERE database_name = current_database() AND schema_name = $schema AND table_name = $table`,
    { schema, table },
  );
  return new Set(found.map(({ name }) => String(name)));
}

export async function appliedLoad(
  connection: DuckDBConnection,
  loadId: string,
): Promise<AppliedLoad | undefined> {
  const [row] = await rows(
    connection,
    `SELECT ${FIELDS}, ${MADE_TARGET} FROM _sluice.loads WHERE load_id = $loadId`,
    {
      loadId,
    },
  );
  return row && applied(row);
}

export async function lastApplied(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
  overlapping?: DataInterval,
): Promise<AppliedLoad | undefined> {
  const said = (await columnsOf(connection, '_sluice', 'loads')).has('made_target')
    ? MADE_TARGET
    : 'false AS "madeTarget"'; // a file of an older version, which nothing has been loaded to since
  const [row] = await rows(
    connection,
    `SELECT ${FIELDS}, ${said} FROM _sluice.loads WHERE pipeline = $pipeline AND table_name = $table ${
      overlapping ? 'AND interval_start < $end::TIMESTAMPTZ AND interval_end > $start::TIMESTAMPTZ' : ''
    } ORDER BY sequence DESC LIMIT 1`,
    { pipeline, table, ...overlapping },
  );
  return row && applied(row);
}

/** All other loads of the table. */
export async function otherLoads(
  connection: DuckDBConnection,
  pipeline: string,
  table: string,
  loadId: string,
): Promise<OtherLoad[]> {
  const found = await rows(
    connection,
    `SELECT load_id, mode, strftime(interval_start, ${INSTANT}) AS start, strftime(interval_end, ${INSTANT}) AS "end",
       to_json(coalesce(emptied, [])) AS emptied
     FROM _sluice.loads WHERE pipeline = $pipeline AND table_name = $table AND load_id <> $loadId`,
    { pipeline, table, loadId },
  );
  return found.map((row) => ({
    loadId: String(row['load_id']),
    mode: String(row['mode']),
    interval: { start: String(row['start']), end: String(row['end']) },
    emptied: z.array(z.string()).parse(JSON.parse(String(row['emptied']))),
  }));
}

export async function insertLoad(connection: DuckDBConnection, load: LoadRow): Promise<void> {
  const { interval, emptied = [], ...values } = load;
  await connection.run(
    `INSERT INTO _sluice.loads (sequence, load_id, pipeline, table_name, interval_start, interval_end, mode, disposition, rows_loaded,
       rows_deleted, rows_outdated, high_water_mark, manifest_uri, fingerprint, columns, extracted_at, loaded_at, cursor_column, cursor_type, made_target, emptied)
     SELECT coalesce(max(sequence), 0) + 1, $loadId, $pipeline, $table,
       $start::TIMESTAMPTZ, $end::TIMESTAMPTZ, $mode, $disposition, $rowsLoaded::BIGINT, $rowsDeleted::BIGINT, $rowsOutdated::BIGINT,
       $highWaterMark, $manifestUri, $fingerprint, $columns, $extractedAt::TIMESTAMPTZ, now(), $cursorColumn, $cursorType, $madeTarget, from_json($emptied, '["VARCHAR"]') FROM _sluice.loads`,
    { ...values, ...interval, emptied: JSON.stringify(emptied) },
  );
}

/** Says of a load that was applied before, and is put back, that it found no target. */
export async function noteMadeTarget(connection: DuckDBConnection, loadId: string): Promise<void> {
  await connection.run(`UPDATE _sluice.loads SET made_target = true WHERE load_id = $loadId`, { loadId });
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
    madeTarget: row['madeTarget'] === true,
  };
}
