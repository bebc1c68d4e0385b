import { z } from 'zod';
import { TerminalError } from '../../../core/errors.ts';
import type { DataInterval } from '../../../core/interval.ts';
import type { Manifest } from '../../../core/manifest.ts';
import { modesThatCover } from '../../../core/extract-modes.ts';
import { columnOf, markNameOf, type Mark, type MarkName } from '../../../core/mark.ts';
import { columnType, type ColumnType } from '../../../core/schema.ts';
import type { AppliedLoad } from '../port.ts';
import { text } from './text.ts';

/** Our own tables, one row per applied load and one per column of a raw table. Made when they are first missed. */
export const BOOKKEEPING = [
  `CREATE SCHEMA IF NOT EXISTS "_sluice"`,
  `CREATE TABLE IF NOT EXISTS "_sluice"."loads" (
    sequence BIGINT NOT NULL, load_id VARCHAR(256) NOT NULL, pipeline VARCHAR(256) NOT NULL, table_name VARCHAR(256) NOT NULL,
    interval_start TIMESTAMP WITH TIME ZONE NOT NULL, interval_end TIMESTAMP WITH TIME ZONE NOT NULL, mode VARCHAR(32) NOT NULL,
    disposition VARCHAR(32) NOT NULL, rows_loaded BIGINT NOT NULL, rows_deleted BIGINT NOT NULL, rows_outdated BIGINT NOT NULL,
    high_water_mark VARCHAR(65535), manifest_uri VARCHAR(4096) NOT NULL, fingerprint VARCHAR(64) NOT NULL, columns VARCHAR(65535),
    extracted_at TIMESTAMP WITH TIME ZONE NOT NULL, loaded_at TIMESTAMP WITH TIME ZONE NOT NULL, cursor_column VARCHAR(256), cursor_type VARCHAR(32), made_target BOOLEAN, emptied VARCHAR(65535)) DISTSTYLE ALL`,
  // The catalog has one type for texts of any kind; this keeps the canonical one.
  `CREATE TABLE IF NOT EXISTS "_sluice"."columns" (
    pipeline VARCHAR(256) NOT NULL, table_name VARCHAR(256) NOT NULL, column_name VARCHAR(256) NOT NULL, type VARCHAR(64) NOT NULL) DISTSTYLE ALL`,
];

/** Each alone: what tables of older versions lack. */
export const MIGRATIONS = [
  `ALTER TABLE "_sluice"."loads" ADD COLUMN cursor_column VARCHAR(256)`,
  `ALTER TABLE "_sluice"."loads" ADD COLUMN cursor_type VARCHAR(32)`,
  `ALTER TABLE "_sluice"."loads" ADD COLUMN made_target BOOLEAN`,
  `ALTER TABLE "_sluice"."loads" ADD COLUMN emptied VARCHAR(65535)`,
];

const SECONDS = `'YYYY-MM-DD"T"HH24:MI:SS"Z"'`;
const FIELDS = `load_id, pipeline, table_name, TO_CHAR(interval_start AT TIME ZONE 'UTC', ${SECONDS}) AS interval_start, TO_CHAR(interval_end AT TIME ZONE 'UTC', ${SECONDS}) AS interval_end,
  rows_loaded, rows_deleted, rows_outdated, high_water_mark, manifest_uri, fingerprint, TO_CHAR(loaded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS loaded_at, sequence, mode, cursor_column, cursor_type, made_target, emptied`;

export type Row = Readonly<Record<string, unknown>>;

export function ofTable(pipeline: string, table: string): string {
  return `pipeline = ${text(pipeline)} AND table_name = ${text(table)}`;
}

function overlaps({ start, end }: DataInterval): string {
  return `interval_start < ${moment(end)} AND interval_end > ${moment(start)}`;
}

/** The last load of these modes that has left a mark. */
function marked(pipeline: string, table: string, modes: readonly string[]): string {
  return `SELECT MAX(sequence) FROM "_sluice"."loads" WHERE ${ofTable(pipeline, table)} AND mode IN (${modes.map(text).join(', ')}) AND high_water_mark IS NOT NULL`;
}

export function selectLoad(loadId: string): string {
  return `SELECT ${FIELDS} FROM "_sluice"."loads" WHERE load_id = ${text(loadId)}`;
}

export function selectLast(pipeline: string, table: string, overlapping?: DataInterval): string {
  const within = overlapping ? ` AND ${overlaps(overlapping)}` : '';
  return `SELECT ${FIELDS} FROM "_sluice"."loads" WHERE ${ofTable(pipeline, table)}${within} ORDER BY sequence DESC LIMIT 1`;
}

/** The newest load of every interval of every table, as `id`. */
export const NEWEST_LOADS = `SELECT MAX(load_id) AS id FROM "_sluice"."loads" GROUP BY pipeline, table_name, interval_start, interval_end`;

/** Every table that a load was applied to. */
export const LOADED_TABLES = `SELECT DISTINCT pipeline, table_name FROM "_sluice"."loads"`;

/** The mark that an incremental extraction goes on from. Sequences count the loads of one table: others have the same. */
export function selectMark(pipeline: string, table: string): string {
  return `SELECT ${FIELDS} FROM "_sluice"."loads" WHERE ${ofTable(pipeline, table)} AND sequence = (${marked(pipeline, table, modesThatCover('new'))})`;
}

/** What the marks of a table's incremental loads stand on, as `footingOf` reads it. @param target quoted */
export function selectFooting(pipeline: string, table: string, target: string): string {
  const newest = `SELECT MAX(sequence) FROM "_sluice"."loads" WHERE ${ofTable(pipeline, table)}`;
  return (
    `SELECT (${newest} AND load_id IN (SELECT "_load_id" FROM ${target})) AS landed, ` +
    `(${newest} AND mode IN (${modesThatCover('new').map(text).join(', ')}) AND high_water_mark IS NOT NULL AND rows_loaded > rows_outdated) AS marked`
  );
}

/** Every load that a new one has to do with: itself, those of overlapping intervals, the newer ones, the one applied last and the one that has left the mark. */
export function selectRelated(
  pipeline: string,
  table: string,
  { loadId, interval, mode }: Pick<Manifest, 'loadId' | 'interval' | 'mode'>,
): string {
  return (
    `SELECT ${FIELDS} FROM "_sluice"."loads" WHERE load_id = ${text(loadId)} OR (${ofTable(pipeline, table)} AND ((${overlaps(interval)}) ` +
    `OR load_id > ${text(loadId)} OR sequence = (SELECT MAX(sequence) FROM "_sluice"."loads" WHERE ${ofTable(pipeline, table)}) ` +
    `OR sequence = (${marked(pipeline, table, [mode])}))) ORDER BY load_id DESC`
  );
}

/** Takes back what loads have said of a target that is gone. */
export function voidMarks(pipeline: string, table: string): string {
  return `UPDATE "_sluice"."loads" SET high_water_mark = NULL WHERE ${ofTable(pipeline, table)} AND high_water_mark IS NOT NULL`;
}

/** Says of a load that was applied before, and is put back, that it found no target. */
export function noteMadeTarget(loadId: string): string {
  return `UPDATE "_sluice"."loads" SET made_target = TRUE WHERE load_id = ${text(loadId)}`;
}

/** Says again what an applied load has said, once its rows are back. */
export function restoreMark(loadId: string, mark: string): string {
  return `UPDATE "_sluice"."loads" SET high_water_mark = ${text(mark)} WHERE load_id = ${text(loadId)}`;
}

export interface LoadRow extends Omit<AppliedLoad, 'loadedAt' | 'rowsDeleted' | 'rowsOutdated'> {
  readonly sequence: number;
  readonly mode: string;
  readonly cursor: MarkName | undefined;
  readonly madeTarget: boolean;
  readonly disposition: string;
  readonly columns: string;
  readonly extractedAt: string;
  readonly emptied: readonly string[];
}

/** What is left out here would bring old rows back. @throws {TerminalError} there are more than a value holds */
function emptied({ table, emptied }: LoadRow): string {
  if (!emptied.length) return 'NULL';
  const list = JSON.stringify(emptied);
  if (Buffer.byteLength(list) <= MAX_TEXT) return text(list);
  throw new TerminalError(
    `${emptied.length} files of this load of ${table} have no row, and their names are more than Redshift keeps of a load (${MAX_TEXT} bytes). Run fewer at once: shorter intervals, or a smaller 'batch'.`,
  );
}

/** The files that the load of a row has brought without a row. */
export function emptiedBy(row: Row): readonly string[] {
  return typeof row['emptied'] === 'string' ? names.parse(JSON.parse(row['emptied'])) : [];
}

const names = z.array(z.string());

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
    ...[columnOf(load.cursor), load.cursor?.type].map((value) => (value == null ? 'NULL' : text(value))),
    load.madeTarget ? 'TRUE' : 'FALSE',
    emptied(load),
  ];
  return (
    `INSERT INTO "_sluice"."loads" (sequence, load_id, pipeline, table_name, interval_start, interval_end, mode, disposition, rows_loaded, ` +
    `rows_deleted, rows_outdated, high_water_mark, manifest_uri, fingerprint, columns, extracted_at, loaded_at, cursor_column, cursor_type, made_target, emptied) ` +
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
    madeTarget: String(row['made_target']) === 'true',
  };
}

/** The mark of a row that has one. */
export function markOf(row: Row | undefined): Mark | undefined {
  if (typeof row?.['high_water_mark'] !== 'string') return undefined;
  const { high_water_mark: value, cursor_column: column, cursor_type: type } = row;
  return { value, cursor: markNameOf({ column, type }) };
}
