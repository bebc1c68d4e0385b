import type { SchemaChange } from '../../core/evolution.ts';
import { decimalOf, lengthOf, type ColumnType, type TableSchema } from '../../core/schema.ts';

/** Columns that every raw table has beside those of its source. */
export const OWN_COLUMNS = {
  _load_id: 'VARCHAR',
  _loaded_at: 'TIMESTAMP WITH TIME ZONE',
  _extracted_at: 'TIMESTAMP WITH TIME ZONE',
} as const;

const TYPES: Partial<Record<ColumnType, string>> = {
  boolean: 'BOOLEAN',
  int16: 'SMALLINT',
  int32: 'INTEGER',
  int64: 'BIGINT',
  float32: 'FLOAT',
  float64: 'DOUBLE',
  binary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  // Text, as in Redshift: DuckDB's JSON type refuses values that other databases take, and models must mean the same in both.
  json: 'VARCHAR',
  uuid: 'VARCHAR',
};

/** The column type that holds a canonical type exactly, as DuckDB's catalog spells it. */
export function duckDbType(type: ColumnType): string {
  const decimal = decimalOf(type);
  if (decimal) return `DECIMAL(${decimal.precision},${decimal.scale})`;
  return TYPES[type] ?? 'VARCHAR';
}

/** What a file's column may be, for a canonical type: its own type, or one that becomes the same text. */
export function acceptedTypes(type: ColumnType): readonly string[] {
  if (type === 'json') return ['VARCHAR', 'JSON'];
  if (type === 'uuid') return ['VARCHAR', 'UUID'];
  return [duckDbType(type)];
}

/** The canonical type of a column of the catalog, or undefined where there is none. */
export function canonicalType(duckDb: string): ColumnType | undefined {
  const decimal = /^DECIMAL\((\d+),(\d+)\)$/.exec(duckDb);
  if (decimal) return `decimal(${Number(decimal[1])},${Number(decimal[2])})`;
  if (duckDb === 'VARCHAR') return 'string';
  if (duckDb === 'JSON') return 'json';
  if (duckDb === 'UUID') return 'uuid';
  const known = Object.entries(TYPES).find(([, name]) => name === duckDb);
  return known?.[0] as ColumnType | undefined;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function qualified(schema: string, table: string): string {
  return `${identifier(schema)}.${identifier(table)}`;
}

export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** The statement that makes a raw table: the source's columns in their order, then ours. Nothing is NOT NULL: columns may disappear. */
export function createTable(target: string, schema: TableSchema): string {
  const columns = [
    ...schema.columns.map(({ name, type }) => `${identifier(name)} ${duckDbType(type)}`),
    ...Object.entries(OWN_COLUMNS).map(([name, type]) => `${identifier(name)} ${type}`),
  ];
  return `CREATE TABLE ${target} (${columns.join(', ')})`;
}

/** The statements that make a target take an evolved schema. Texts have one type in DuckDB, so theirs need none. */
export function alterTable(target: string, change: Pick<SchemaChange, 'added' | 'widened'>): string[] {
  return [
    ...change.added.map(
      ({ name, type }) => `ALTER TABLE ${target} ADD COLUMN ${identifier(name)} ${duckDbType(type)}`,
    ),
    ...change.widened
      .filter(({ to }) => lengthOf(to) === undefined)
      .map(({ name, to }) => `ALTER TABLE ${target} ALTER COLUMN ${identifier(name)} TYPE ${duckDbType(to)}`),
  ];
}
