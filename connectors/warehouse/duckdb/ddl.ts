import type { SchemaChange } from '../../../core/evolution.ts';
import { lengthOf, type TableSchema } from '../../../core/schema.ts';
import { duckDbType } from '../../duckdb/types.ts';

/** Columns that every raw table has beside those of its source. */
export const OWN_COLUMNS = {
  _load_id: 'VARCHAR',
  _loaded_at: 'TIMESTAMP WITH TIME ZONE',
  _extracted_at: 'TIMESTAMP WITH TIME ZONE',
} as const;

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
