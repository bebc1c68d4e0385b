import type { DataInterval } from '../../../core/interval.ts';
import { identifier, text } from './ddl.ts';
import { globless } from '../../duckdb/parquet.ts';
import { cursorBound, type CursorType } from '../load-request.ts';

/**
 * The statements that write a load's rows. Rows go straight from the files into the target: keys are read from the files'
 * key columns alone, so no staging table is needed, and none can be left behind.
 */
export interface Write {
  readonly target: string;
  readonly columns: readonly string[];
  readonly fileUris: readonly string[];
  readonly loadId: string;
  /** ISO 8601, UTC. */
  readonly extractedAt: string;
}

/** The rows of the files. */
export function files(fileUris: readonly string[]): string {
  return `read_parquet([${fileUris.map((uri) => text(globless(uri))).join(', ')}], hive_partitioning = false)`;
}

export function insertAll(write: Write): string {
  const names = write.columns.map(identifier).join(', ');
  return (
    `INSERT INTO ${write.target} (${names}, _load_id, _loaded_at, _extracted_at) ` +
    `SELECT ${names}, ${text(write.loadId)}, now(), ${text(write.extractedAt)}::TIMESTAMPTZ FROM ${files(write.fileUris)} AS incoming`
  );
}

/** Adds the rows whose key the target does not have. */
export function insertMissing(write: Write, key: readonly string[]): string {
  return insertWhere(write, keyIsMissing(write, key));
}

/** Of a row of the files: that the target does not have its key. */
export function keyIsMissing({ target }: Write, key: readonly string[]): string {
  return `NOT EXISTS (SELECT 1 FROM ${target} AS present WHERE ${equalKeys('present', 'incoming', key)})`;
}

/** Takes away the rows whose key comes again; rows of newer loads stay. */
export function deleteKeys(write: Write, key: readonly string[]): string {
  return (
    `DELETE FROM ${write.target} AS present USING (SELECT ${key.map(identifier).join(', ')} FROM ${files(write.fileUris)}) AS incoming ` +
    `WHERE ${equalKeys('present', 'incoming', key)} AND present._load_id <= ${text(write.loadId)}`
  );
}

export function deleteLoads(target: string, loadIds: readonly string[]): string {
  return `DELETE FROM ${target} WHERE _load_id IN (${loadIds.map(text).join(', ')})`;
}

/** Takes away the rows of files that come again; those that a newer load has brought stay. */
export function deleteOfFiles({ target, loadId }: Write, names: readonly string[]): string {
  return `DELETE FROM ${target} WHERE _file IN (${names.map(text).join(', ')}) AND _load_id <= ${text(loadId)}`;
}

/** Of a row of the files: that no newer load has brought its file. @param emptied those that one has brought without a row */
export function fileIsNotNewer({ target, loadId }: Write, emptied: readonly string[]): string {
  const hasRows = `_file NOT IN (SELECT _file FROM ${target} WHERE _load_id > ${text(loadId)})`;
  return emptied.length ? `${hasRows} AND _file NOT IN (${emptied.map(text).join(', ')})` : hasRows;
}

/** Adds the rows that a condition on their columns holds for. */
export function insertWhere(write: Write, condition: string): string {
  return `${insertAll(write)} WHERE ${condition}`;
}

/** Whether a cursor lies in one of some intervals. A date and a timestamp without zone are read in a zone. */
export function withinIntervals(
  cursor: string,
  intervals: readonly DataInterval[],
  type: CursorType,
  zone = 'UTC',
): string {
  const name = identifier(cursor);
  const bound = (instant: string) => `${type.toUpperCase()} ${text(cursorBound(instant, type, zone))}`;
  const pieces = intervals.map(({ start, end }) => `${name} >= ${bound(start)} AND ${name} < ${bound(end)}`);
  return pieces.length === 1 ? (pieces[0] ?? '') : pieces.map((piece) => `(${piece})`).join(' OR ');
}

function equalKeys(left: string, right: string, key: readonly string[]): string {
  return key
    .map(identifier)
    .map((name) => `${left}.${name} = ${right}.${name}`)
    .join(' AND ');
}
