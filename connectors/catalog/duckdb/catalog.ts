import { globless } from '../../duckdb/parquet.ts';
import type { Catalog, CatalogTable } from '../port.ts';

/** Carries out statements in the warehouse's file, all or none. */
type Change = (doing: string, statements: readonly string[], signal: AbortSignal) => Promise<void>;

/** Hive's types that DuckDB calls otherwise. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  binary: 'BLOB',
  timestamp: 'TIMESTAMPTZ',
  timestamp_ntz: 'TIMESTAMP',
};

/** Views over the files of datasets, in the DuckDB file that models are built in. */
export class DuckDbCatalog implements Catalog {
  readonly #change: Change;

  constructor(change: Change) {
    this.#change = change;
  }

  async point(tables: readonly CatalogTable[], signal: AbortSignal): Promise<void> {
    const schemas = [...new Set(tables.map(({ schema }) => schema))];
    await this.#change(
      `Pointing ${tables.map(({ schema, table }) => `${schema}.${table}`).join(', ')} at their files`,
      [
        ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`),
        ...tables.map(viewOf),
      ],
      signal,
    );
  }
}

function viewOf({ schema, table, columns, partitionedBy, fileUris }: CatalogTable): string {
  const typed = columns.map(({ name, type }) => ({
    name: identifier(name),
    type: TYPES[type] ?? type.toUpperCase(),
  }));
  const head = `CREATE OR REPLACE VIEW ${identifier(schema)}.${identifier(table)} AS SELECT `;
  if (!fileUris.length)
    return `${head}${typed.map(({ name, type }) => `NULL::${type} AS ${name}`).join(', ')} WHERE false`;
  const types = columns
    .filter(({ name }) => partitionedBy.includes(name))
    .map(({ name, type }) => `${text(name)}: ${text(TYPES[type] ?? type.toUpperCase())}`);
  const hive = types.length
    ? `hive_partitioning = true, hive_types = {${types.join(', ')}}`
    : 'hive_partitioning = false';
  const files = fileUris.map((uri) => text(globless(uri))).join(', ');
  const values = typed.map(({ name, type }) => `${name}::${type} AS ${name}`).join(', ');
  return `${head}${values} FROM read_parquet([${files}], union_by_name = true, ${hive})`;
}

function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
