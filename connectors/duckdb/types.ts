import { decimalOf, type ColumnType } from '../../core/schema.ts';

/** What DuckDB calls the canonical types: in its catalog, and for the columns of a Parquet file. */
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
