import { TerminalError } from '../../../core/errors.ts';
import type { SchemaChange } from '../../../core/evolution.ts';
import type { WarehouseLayout } from '../../../core/pipeline.ts';
import { decimalOf, lengthOf, type Column, type ColumnType, type TableSchema } from '../../../core/schema.ts';
import { identifier } from './text.ts';

/** How JSON is kept: as SUPER, which parses it, or as text, which keeps every character up to 65,535 bytes. */
export type JsonAs = 'super' | 'text';

/** Columns that every raw table has beside those of its source. */
export const OWN_COLUMNS = {
  _load_id: 'VARCHAR(256)',
  _loaded_at: 'TIMESTAMP WITH TIME ZONE',
  _extracted_at: 'TIMESTAMP WITH TIME ZONE',
} as const;

const MAX_TEXT = 65_535; // bytes, https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html
const MAX_BINARY = 1_024_000; // bytes, https://docs.aws.amazon.com/redshift/latest/dg/r_VARBYTE_type.html
const UTF8_BYTES = 4; // of one character at most
const COLUMN_LIMIT = 1600; // https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_usage.html

const TYPES: Partial<Record<ColumnType, string>> = {
  boolean: 'BOOLEAN',
  int16: 'SMALLINT',
  int32: 'INTEGER',
  int64: 'BIGINT',
  float32: 'REAL',
  float64: 'DOUBLE PRECISION',
  binary: `VARBYTE(${MAX_BINARY})`,
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  uuid: 'VARCHAR(36)',
};

/** The column type that holds a canonical type exactly. Lengths are bytes: a text of n characters may need 4 n. */
export function redshiftType(type: ColumnType, json: JsonAs): string {
  const decimal = decimalOf(type);
  if (decimal) return `DECIMAL(${decimal.precision},${decimal.scale})`;
  const length = lengthOf(type);
  if (length !== undefined) return `VARCHAR(${Math.max(1, Math.min(length * UTF8_BYTES, MAX_TEXT))})`;
  if (type === 'json') return json === 'super' ? 'SUPER' : `VARCHAR(${MAX_TEXT})`;
  return TYPES[type] ?? `VARCHAR(${MAX_TEXT})`;
}

/**
 * The type that COPY from Parquet fills, where it is another one: JSON comes as text (SUPER takes only nested columns), moments as
 * wall-clock times in UTC, which is what the file holds. `stagedValue` turns them into what the target has.
 */
export function stagingType(type: ColumnType): string {
  if (type === 'timestamptz') return 'TIMESTAMP';
  return redshiftType(type, 'text');
}

export function stagedValue({ name, type }: Column, json: JsonAs): string {
  const column = `incoming.${identifier(name)}`;
  if (type === 'timestamptz') return `${column} AT TIME ZONE 'UTC'`;
  if (type === 'json' && json === 'super') return `JSON_PARSE(${column})`;
  return column;
}

/** A catalog's type, as `format_type` writes it, in the words of `redshiftType`. */
export function catalogType(formatted: string): string {
  return formatted
    .toUpperCase()
    .replace('CHARACTER VARYING', 'VARCHAR')
    .replace('NUMERIC', 'DECIMAL')
    .replace(/^(BINARY VARYING|VARBYTE)(\(\d+\))?$/, `VARBYTE(${MAX_BINARY})`)
    .replace(' WITHOUT TIME ZONE', '');
}

/** The canonical type of a column of the catalog that nothing is known of, or undefined where there is none. */
export function canonicalType(catalog: string): ColumnType | undefined {
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(catalog);
  if (decimal) return `decimal(${Number(decimal[1])},${Number(decimal[2])})`;
  const length = /^VARCHAR\((\d+)\)$/.exec(catalog)?.[1];
  if (length !== undefined) {
    return Number(length) >= MAX_TEXT
      ? 'string'
      : `string(${Math.max(1, Math.floor(Number(length) / UTF8_BYTES))})`;
  }
  if (catalog === 'SUPER') return 'json';
  return Object.entries(TYPES).find(([, name]) => name === catalog)?.[0] as ColumnType | undefined;
}

/** The statement that makes a raw table: the source's columns in their order, then ours. Nothing is NOT NULL: columns may disappear. */
export function createTable(
  target: string,
  schema: TableSchema,
  json: JsonAs,
  layout: WarehouseLayout = {},
): string {
  const columns = [
    ...schema.columns.map(({ name, type }) => `${identifier(name)} ${redshiftType(type, json)}`),
    ...Object.entries(OWN_COLUMNS).map(([name, type]) => `${identifier(name)} ${type}`),
  ];
  if (columns.length > COLUMN_LIMIT) {
    throw new TerminalError(
      `${target} would have ${columns.length} columns; Redshift takes ${COLUMN_LIMIT}. Leave some out under 'exclude'.`,
    );
  }
  return `CREATE TABLE ${target} (${columns.join(', ')})${layoutClause(layout)}`;
}

/** How rows of a table are spread and sorted; what is not said is left to Redshift. */
export function layoutClause({ dist = 'auto', sort = [] }: WarehouseLayout): string {
  const style =
    typeof dist === 'string'
      ? `DISTSTYLE ${dist.toUpperCase()}`
      : `DISTSTYLE KEY DISTKEY (${identifier(dist.key)})`;
  const keys = sort.length ? `COMPOUND SORTKEY (${sort.map(identifier).join(', ')})` : 'SORTKEY AUTO';
  return ` ${style} ${keys}`;
}

/** Changes of columns that may be part of the load's transaction. */
export function alterTable(
  target: string,
  change: Pick<SchemaChange, 'added' | 'widened'>,
  json: JsonAs,
): string[] {
  return [
    ...change.added.map(
      ({ name, type }) => `ALTER TABLE ${target} ADD COLUMN ${identifier(name)} ${redshiftType(type, json)}`,
    ),
    ...change.widened
      .filter(({ to }) => lengthOf(to) === undefined)
      .flatMap(({ name, to }) => swapColumn(target, name, to, json)),
  ];
}

/** Redshift cannot change a type but VARCHAR's length: a new column takes the values over, then the name. */
function swapColumn(target: string, name: string, to: ColumnType, json: JsonAs): string[] {
  const wide = identifier(`_wide_${name}`);
  const type = redshiftType(to, json);
  return [
    `ALTER TABLE ${target} ADD COLUMN ${wide} ${type}`,
    `UPDATE ${target} SET ${wide} = CAST(${identifier(name)} AS ${type})`,
    `ALTER TABLE ${target} DROP COLUMN ${identifier(name)}`,
    `ALTER TABLE ${target} RENAME COLUMN ${wide} TO ${identifier(name)}`,
  ];
}

/** Longer texts: each a statement of its own, since Redshift refuses them within a transaction. Harmless when the load then fails. */
export function lengthenTexts(target: string, change: Pick<SchemaChange, 'widened'>, json: JsonAs): string[] {
  return change.widened
    .filter(
      ({ from, to }) => lengthOf(to) !== undefined && redshiftType(from, json) !== redshiftType(to, json),
    )
    .map(
      ({ name, to }) =>
        `ALTER TABLE ${target} ALTER COLUMN ${identifier(name)} TYPE ${redshiftType(to, json)}`,
    );
}
