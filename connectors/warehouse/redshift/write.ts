import type { DataInterval } from '../../../core/interval.ts';
import type { WarehouseLayout } from '../../../core/pipeline.ts';
import type { Column, TableSchema } from '../../../core/schema.ts';
import { cursorBound, type CursorType } from '../load-request.ts';
import { stagedValue, stagingType, type JsonAs } from './ddl.ts';
import { moment } from './loads-table.ts';
import { folded, identifier, text } from './text.ts';

/**
 * The statements that write a load's rows. They run in one transaction, on one connection of the Data API's that ends with it, so the
 * staging table is a temporary one: nothing can be left behind. Redshift gives no way to act on a result within a batch, so what must
 * hold is stated by `must`, which fails the batch.
 */
export interface Write {
  /** Quoted, for statements. */
  readonly target: string;
  /** The table's name alone, quoted: what columns of the target are told by. */
  readonly table: string;
  readonly schema: TableSchema;
  readonly loadId: string;
  /** ISO 8601, UTC. */
  readonly extractedAt: string;
  readonly json: JsonAs;
}

export const STAGE = '"_sluice_stage"';
export const COUNTS = '"_sluice_counts"';

/** A statement that fails the transaction unless the condition holds for what is read. The condition is over aggregates. */
export function must(condition: string, from: string): string {
  return `SELECT 1 / CASE WHEN ${condition} THEN 1 ELSE 0 END AS holds FROM ${from}`;
}

export function createStage({ columns }: TableSchema, layout: WarehouseLayout = {}): string {
  const list = columns.map(({ name, type }) => `${identifier(name)} ${stagingType(type)}`).join(', ');
  const key = typeof layout.dist === 'object' ? folded(layout.dist.key) : undefined;
  const same = columns.some(({ name }) => folded(name) === key) && key !== undefined;
  return `CREATE TEMP TABLE ${STAGE} (${list})${same ? ` DISTSTYLE KEY DISTKEY (${identifier(key)})` : ''}`;
}

/** https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html: by position, no REGION, no MAXERROR. */
export function copyStage(manifestUri: string, role: string): string {
  const iamRole = role === 'default' ? 'DEFAULT' : text(role);
  return `COPY ${STAGE} FROM ${text(manifestUri)} IAM_ROLE ${iamRole} FORMAT AS PARQUET MANIFEST`;
}

export function stageHasRows(rows: number): string {
  return must(`COUNT(*) = ${rows}`, STAGE);
}

export function stageHasKey(key: readonly string[]): string {
  return must(key.map((name) => `COUNT(${identifier(name)}) = COUNT(*)`).join(' AND '), STAGE);
}

export function stageIsUnique(key: readonly string[]): string {
  const names = key.map(identifier).join(', ');
  return must(
    'COUNT(*) = 0',
    `(SELECT ${names} FROM ${STAGE} GROUP BY ${names} HAVING COUNT(*) > 1) AS twice`,
  );
}

export function stageIsWithin(within: string): string {
  return must(
    `SUM(CASE WHEN ${within} THEN 0 ELSE 1 END) IS NULL OR SUM(CASE WHEN ${within} THEN 0 ELSE 1 END) = 0`,
    STAGE,
  );
}

/** What the load will do to the target, counted before it does. `deleted` is a condition on the target's rows. */
export function countBefore(write: Write, deleted: string | undefined, outdated: string | undefined): string {
  const rowsDeleted = deleted === undefined ? '0' : `(SELECT COUNT(*) FROM ${write.target} WHERE ${deleted})`;
  const rowsOutdated =
    outdated === undefined ? '0' : `(SELECT COUNT(*) FROM ${STAGE} AS incoming WHERE ${outdated})`;
  return `CREATE TEMP TABLE ${COUNTS} AS SELECT CAST(${rowsDeleted} AS BIGINT) AS rows_deleted, CAST(${rowsOutdated} AS BIGINT) AS rows_outdated`;
}

/** Rows of the target whose key comes again; those of newer loads stay. */
export function keyComesAgain({ table, loadId }: Write, key: readonly string[]): string {
  return `EXISTS (SELECT 1 FROM ${STAGE} AS incoming WHERE ${equalKeys(table, 'incoming', key)}) AND ${table}."_load_id" <= ${text(loadId)}`;
}

/** Incoming rows whose key a newer load has brought already. */
export function keyIsNewer({ target, loadId }: Write, key: readonly string[]): string {
  return `EXISTS (SELECT 1 FROM ${target} AS present WHERE ${equalKeys('present', 'incoming', key)} AND present."_load_id" > ${text(loadId)})`;
}

/** Incoming rows whose key the target does not have. */
export function keyIsMissing({ target }: Write, key: readonly string[]): string {
  return `NOT EXISTS (SELECT 1 FROM ${target} AS present WHERE ${equalKeys('present', 'incoming', key)})`;
}

export function deleteKeys({ target, table, loadId }: Write, key: readonly string[]): string {
  return `DELETE FROM ${target} USING ${STAGE} AS incoming WHERE ${equalKeys(table, 'incoming', key)} AND ${table}."_load_id" <= ${text(loadId)}`;
}

export function deleteWhere({ target }: Write, condition?: string): string {
  return condition === undefined ? `DELETE FROM ${target}` : `DELETE FROM ${target} WHERE ${condition}`;
}

export function ofLoads(loadIds: readonly string[]): string {
  return `"_load_id" IN (${loadIds.map(text).join(', ')})`;
}

/** Rows of files that come again; those that a newer load has brought stay. */
export function ofFiles({ loadId }: Write, names: readonly string[]): string {
  return `"_file" IN (${names.map(text).join(', ')}) AND "_load_id" <= ${text(loadId)}`;
}

/** Incoming rows whose file a newer load has brought. @param emptied those that one has brought without a row */
export function fileIsNewer({ target, loadId }: Write, emptied: readonly string[]): string {
  const hasRows = `"_file" IN (SELECT "_file" FROM ${target} WHERE "_load_id" > ${text(loadId)})`;
  return emptied.length ? `${hasRows} OR "_file" IN (${emptied.map(text).join(', ')})` : hasRows;
}

export function insertStaged(write: Write, condition?: string): string {
  const names = write.schema.columns.map(({ name }) => identifier(name));
  const values = write.schema.columns.map((column: Column) => stagedValue(column, write.json));
  return (
    `INSERT INTO ${write.target} (${[...names, '"_load_id"', '"_loaded_at"', '"_extracted_at"'].join(', ')}) ` +
    `SELECT ${[...values, text(write.loadId), 'CAST(SYSDATE AS TIMESTAMPTZ)', moment(write.extractedAt)].join(', ')} ` +
    `FROM ${STAGE} AS incoming${condition === undefined ? '' : ` WHERE ${condition}`}`
  );
}

/** Every row of the load is in the target, but for those that were outdated. */
export function targetHasRows({ target, loadId }: Write, rows: number): string {
  return must(
    `COUNT(*) = ${rows} - (SELECT rows_outdated FROM ${COUNTS})`,
    `${target} WHERE "_load_id" = ${text(loadId)}`,
  );
}

/**
 * Whether a cursor lies in one of some intervals. A date and a timestamp without zone are read in a zone.
 * @param staged in the staging table, where moments are wall-clock times in UTC
 */
export function withinIntervals(
  cursor: { readonly name: string; readonly type: CursorType },
  intervals: readonly DataInterval[],
  { staged, zone = 'UTC' }: { readonly staged: boolean; readonly zone?: string | undefined },
): string {
  const { type } = cursor;
  const column = identifier(cursor.name);
  const moments = type === 'timestamptz';
  const bound = (instant: string) =>
    moments && !staged
      ? moment(instant)
      : `CAST(${text(cursorBound(instant, moments ? 'timestamp' : type, moments ? 'UTC' : zone))} AS ${type === 'date' ? 'DATE' : 'TIMESTAMP'})`;
  const pieces = intervals.map(
    ({ start, end }) => `${column} >= ${bound(start)} AND ${column} < ${bound(end)}`,
  );
  return pieces.length === 1 ? (pieces[0] ?? '') : pieces.map((piece) => `(${piece})`).join(' OR ');
}

/** No row of the target lacks a cursor. */
export function targetIsDated({ target }: Write, cursor: string): string {
  return must(`COUNT(*) = COUNT(${identifier(cursor)})`, target);
}

export function targetIsEmpty({ target }: Write): string {
  return must('COUNT(*) = 0', target);
}

function equalKeys(left: string, right: string, key: readonly string[]): string {
  return key
    .map(identifier)
    .map((name) => `${left}.${name} = ${right}.${name}`)
    .join(' AND ');
}
