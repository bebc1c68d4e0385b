import type { DuckDBConnection } from '@duckdb/node-api';
import { TerminalError } from '../../../core/errors.ts';
import { compareSchemas, isUnchanged, type SchemaChange } from '../../../core/evolution.ts';
import { rawSchema, type SchemaPolicy } from '../../../core/pipeline.ts';
import type { Column, ColumnType, TableSchema } from '../../../core/schema.ts';
import { alterTable, createTable, identifier, OWN_COLUMNS, qualified } from './ddl.ts';
import { canonicalType, duckDbType } from '../../duckdb/types.ts';
import { knownTypes, rememberTypes, rows } from './loads-table.ts';
import { SchemaDriftRejected } from '../errors.ts';

const UNCHANGED: SchemaChange = { added: [], removed: [], widened: [], conflicts: [] };

export interface Target {
  readonly schema: string;
  readonly table: string;
  /** Quoted, for statements. */
  readonly name: string;
  /** For people. */
  readonly label: string;
}

export function targetOf(pipeline: string, table: string): Target {
  const schema = rawSchema(pipeline);
  return { schema, table, name: qualified(schema, table), label: `${schema}.${table}` };
}

/** Makes the target take the incoming columns: creates it, or evolves it as far as the policy and its types allow. */
export async function shape(
  connection: DuckDBConnection,
  target: Target,
  pipeline: string,
  incoming: TableSchema,
  policy: SchemaPolicy,
): Promise<SchemaChange> {
  mustBeNameable(target, incoming);
  const present = await currentSchema(connection, target, pipeline);
  if (!present) {
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(target.schema)}`);
    await connection.run(createTable(target.name, incoming));
    await rememberTypes(connection, pipeline, target.table, typesOf(incoming.columns));
    return UNCHANGED;
  }
  const change = compareSchemas(present, incoming);
  mustNotDifferInCase(target, present, change);
  if (change.conflicts.length) throw new SchemaDriftRejected(target.label, change, 'conflict');
  if (isUnchanged(change)) return change;
  if (policy === 'reject') throw new SchemaDriftRejected(target.label, change, 'reject');
  for (const statement of alterTable(target.name, change)) await connection.run(statement);
  const types = typesOf([...present.columns, ...change.added]);
  for (const { name, to } of change.widened) types.set(name, to);
  await rememberTypes(connection, pipeline, target.table, types);
  return change;
}

/**
 * The source's columns of the target, or undefined where there is none. The catalog says what there is, so that changes made by
 * hand are seen; among the canonical types that one catalog type stands for, the one that was written down holds.
 */
export async function currentSchema(
  connection: DuckDBConnection,
  target: Target,
  pipeline: string,
): Promise<TableSchema | undefined> {
  const found = await rows(
    connection,
    `SELECT column_name AS name, data_type AS type FROM duckdb_columns()
     WHERE database_name = current_database() AND schema_name = $schema AND table_name = $table ORDER BY column_index`,
    { schema: target.schema, table: target.table },
  );
  if (!found.length) return undefined;
  const written = await knownTypes(connection, pipeline, target.table);
  const columns = found
    .map((row) => ({ name: String(row['name']), catalog: String(row['type']) }))
    .filter(({ name }) => !(name in OWN_COLUMNS))
    .map(({ name, catalog }): Column => {
      const known = written.get(name);
      const type = known && duckDbType(known) === catalog ? known : canonicalType(catalog);
      if (type) return { name, type, nullable: true };
      throw new TerminalError(
        `${target.label}: column '${name}' was made ${catalog} by hand, which no source column can be. Drop the column or the table.`,
      );
    });
  return { columns };
}

function typesOf(columns: readonly Column[]): Map<string, ColumnType> {
  return new Map(columns.map(({ name, type }) => [name, type]));
}

function mustBeNameable(target: Target, incoming: TableSchema): void {
  const seen = new Map<string, string>();
  for (const { name } of incoming.columns) {
    const folded = name.toLowerCase();
    const other = folded in OWN_COLUMNS ? 'a column that Sluice adds' : seen.get(folded);
    if (other) {
      throw new TerminalError(
        `${target.label}: column '${name}' has the name of ${other}, and DuckDB does not tell upper from lower case. ` +
          `Rename it in the source (a view will do), or leave it out under 'exclude'.`,
      );
    }
    seen.set(folded, `column '${name}'`);
  }
}

function mustNotDifferInCase(target: Target, present: TableSchema, change: SchemaChange): void {
  for (const { name } of change.added) {
    const other = present.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (!other) continue;
    throw new TerminalError(
      `${target.label}: column '${name}' is '${other.name}' in the warehouse, and DuckDB does not tell upper from lower case. ` +
        `Rename it there: ALTER TABLE ${target.name} RENAME COLUMN ${identifier(other.name)} TO ${identifier(name)}.`,
    );
  }
}
