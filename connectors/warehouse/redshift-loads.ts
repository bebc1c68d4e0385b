import type { DataInterval } from '../../core/interval.ts';
import { columnType, type ColumnType } from '../../core/schema.ts';
import type { AppliedLoad } from './port.ts';
import { text } from './redshift-text.ts';

/** Our own tables, one row per applied load and one per column of a raw table. Made when they are first missed. */
export const BOOKKEEPING = [
  `CREATE SCHEMA IF NOT EXISTS "_sluice"`,
  `CREATE TABLE IF NOT EXISTS "_sluice"."loads" (
    sequence BIGINT NOT NULL, load_id VARCHAR(256) NOT NULL, pipeline VARCHAR(256) NOT NULL, table_name VARCHAR(256) NOT NULL,
    interval_start TIMESTAMP WITH TIME ZONE NOT NULL, interval_end TIMESTAMP WITH TIME ZONE NOT NULL, mode VARCHAR(32) NOT NULL,
    disposition VARCHAR(32) NOT NULL, rows_loaded BIGINT NOT NULL, rows_deleted BIGINT NOT NULL, rows_outdated BIGINT NOT NULL,
    high_water_mark VARCHAR(65535), manifest_uri VARCHAR(4096) NOT NULL, fingerprint VARCHAR(64) NOT NULL, columns VARCHAR(65535),
    extracted_at TIMESTAMP WITH TIME ZONE NOT NULL, loaded_at TIMESTAMP WITH TIME ZONE NOT NULL) DISTSTYLE ALL`,
  // The catalog has one type for texts of any kind; this keeps the canonical one.
  `CREATE TABLE IF NOT EXISTS "_sluice"."columns" (
    pipeline VARCHAR(256) NOT NULL, table_name VARCHAR(256) NOT NULL, column_name VARCHAR(256) NOT NULL, type VARCHAR(64) NOT NULL) DISTSTYLE ALL`,
];

const SECONDS = `'YYYY-MM-DD"T"HH24:MI:SS"Z"'`;
const FIELDS = `load_id, pipeline, table_name, TO_CHAR(interval_start AT TIME ZONE 'UTC', ${SECONDS}) AS interval_start, TO_CHAR(interval_end AT TIME ZONE 'UTC', ${SECONDS}) AS interval_end,
  rows_loaded, rows_deleted, rows_outdated, high_water_mark, manifest_uri, fingerprint, TO_CHAR(loaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS loaded_at, sequence`;

export type Row = Readonly<Record<string, unknown>>;

export function ofTable(pipeline: string, table: string): string {
  return `pipeline = ${text(pipeline)} AND table_name = ${text(table)}`;
}

function ofInterval({ start, end }: DataInterval): string {
  return `interval_start = CAST(${text(start)} AS TIMESTAMPTZ) AND interval_end = CAST(${text(end)} AS TIMESTAMPTZ)`;
}

export function selectLoad(loadId: string): string {
  return `SELECT ${FIELDS} FROM "_sluice"."loads" WHERE load_id = ${text(loadId)}`;
}

/** The load that was applied last: its mark is the greatest. */
export function selectLast(pipeline: string, table: string, interval?: DataInterval): string {
  const within = interval ? ` AND ${ofInterval(interval)}` : '';
  return `SELECT ${FIELDS} FROM "_sluice"."loads" WHERE ${ofTable(pipeline, table)}${within} ORDER BY sequence DESC LIMIT 1`;
}

/** The newest load of every interval of every table, as `id`. */
export const NEWEST_LOADS = `SELECT MAX(load_id) AS id FROM "_sluice"."loads" GROUP BY pipeline, table_name, interval_start, interval_end`;

/** Every table that a load was applied to. */
export const LOADED_TABLES = `SELECT DISTINCT pipeline, table_name FROM "_sluice"."loads"`;

/** Every load that a new one has to do with: itself, those of its interval, the newer ones, and the one applied last. */
export function selectRelated(
  pipeline: string,
  table: string,
  loadId: string,
  interval: DataInterval,
): string {
  return (
    `SELECT ${FIELDS} FROM "_sluice"."loads" WHERE load_id = ${text(loadId)} OR (${ofTable(pipeline, table)} AND ((${ofInterval(interval)}) ` +
    `OR load_id > ${text(loadId)} OR sequence = (SELECT MAX(sequence) FROM "_sluice"."loads" WHERE ${ofTable(pipeline, table)}))) ORDER BY load_id DESC`
  );
}

export interface LoadRow extends Omit<AppliedLoad, 'loadedAt' | 'rowsDeleted' | 'rowsOutdated'> {
  readonly sequence: number;
  readonly mode: string;
  readonly disposition: string;
  readonly columns: string;
  readonly extractedAt: string;
}

const MAX_TEXT = 65_535;

/** Adds the row; what the load did to the target was counted into `_sluice_counts`. SYSDATE is the start of the transaction, in the session's zone. */
export function insertLoad(load: LoadRow): string {
  const columns = Buffer.byteLength(load.columns) > MAX_TEXT ? 'NULL' : text(load.columns);
  const values = [
    String(load.sequence),
    text(load.loadId),
    text(load.pipeline),
    text(load.table),
    moment(load.interval.start),
    moment(load.interval.end),
    text(load.mode),
    text(load.disposition),
    String(load.rowsLoaded),
    'rows_deleted',
    'rows_outdated',
    load.highWaterMark === null ? 'NULL' : text(load.highWaterMark),
    text(load.manifestUri),
    text(load.fingerprint),
    columns,
    moment(load.extractedAt),
    'CAST(SYSDATE AS TIMESTAMPTZ)',
  ];
  return (
    `INSERT INTO "_sluice"."loads" (sequence, load_id, pipeline, table_name, interval_start, interval_end, mode, disposition, rows_loaded, ` +
    `rows_deleted, rows_outdated, high_water_mark, manifest_uri, fingerprint, columns, extracted_at, loaded_at) ` +
    `SELECT ${values.join(', ')} FROM "_sluice_counts"`
  );
}

export function moment(instant: string): string {
  return `CAST(${text(instant)} AS TIMESTAMPTZ)`;
}

export function selectTypes(pipeline: string, table: string): string {
  return `SELECT column_name, type FROM "_sluice"."columns" WHERE ${ofTable(pipeline, table)}`;
}

const ROWS_A_STATEMENT = 400; // of at most 127 + 64 bytes and their quotes: well below the 100 KB of a statement

export function rememberTypes(
  pipeline: string,
  table: string,
  types: ReadonlyMap<string, ColumnType>,
): string[] {
  const rows = [...types].map(([name, type]) => `(${[pipeline, table, name, type].map(text).join(', ')})`);
  const inserts: string[] = [];
  for (let at = 0; at < rows.length; at += ROWS_A_STATEMENT) {
    inserts.push(
      `INSERT INTO "_sluice"."columns" (pipeline, table_name, column_name, type) VALUES ${rows.slice(at, at + ROWS_A_STATEMENT).join(', ')}`,
    );
  }
  return [`DELETE FROM "_sluice"."columns" WHERE ${ofTable(pipeline, table)}`, ...inserts];
}

export function typesFrom(rows: readonly Row[]): ReadonlyMap<string, ColumnType> {
  return new Map(rows.map((row) => [String(row['column_name']), columnType.parse(row['type'])]));
}

export function applied(row: Row): AppliedLoad {
  const mark = row['high_water_mark'];
  return {
    loadId: String(row['load_id']),
    pipeline: String(row['pipeline']),
    table: String(row['table_name']),
    interval: { start: String(row['interval_start']), end: String(row['interval_end']) },
    rowsLoaded: Number(row['rows_loaded']),
    rowsDeleted: Number(row['rows_deleted']),
    rowsOutdated: Number(row['rows_outdated']),
    highWaterMark: typeof mark === 'string' ? mark : null,
    manifestUri: String(row['manifest_uri']),
    fingerprint: String(row['fingerprint']),
    loadedAt: String(row['loaded_at']),
  };
}
