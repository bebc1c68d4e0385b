import { TerminalError } from '../../../core/errors.ts';
import { compareSchemas, isUnchanged, type SchemaChange } from '../../../core/evolution.ts';
import { rawSchema, type SchemaPolicy, type WarehouseLayout } from '../../../core/pipeline.ts';
import type { Column, ColumnType, TableSchema } from '../../../core/schema.ts';
import { SchemaDriftRejected } from '../errors.ts';
import {
  alterTable,
  canonicalType,
  catalogType,
  createTable,
  lengthenTexts,
  OWN_COLUMNS,
  redshiftType,
  type JsonAs,
} from './ddl.ts';
import { mustBeKeys, mustNotWidenKey } from './layout.ts';
import { rememberTypes, type Row } from './loads-table.ts';
import { folded, identifier, qualified, text } from './text.ts';

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

/** What must run so that the target takes the incoming columns. */
export interface Shaping {
  readonly change: SchemaChange;
  /** Each alone, before the load's transaction. */
  readonly before: readonly string[];
  /** At the begin of the load's transaction. */
  readonly within: readonly string[];
  /** At its end. */
  readonly remember: readonly string[];
}

const UNCHANGED: SchemaChange = { added: [], removed: [], widened: [], conflicts: [] };

/** Columns as Redshift will have them: names in lower case. @throws {TerminalError} two that then are the same, or one of ours */
export function foldedSchema(target: Target, incoming: TableSchema): TableSchema {
  const seen = new Map<string, string>();
  for (const { name } of incoming.columns) {
    const other = folded(name) in OWN_COLUMNS ? 'a column that Sluice adds' : seen.get(folded(name));
    if (other) {
      throw new TerminalError(
        `${target.label}: column '${name}' has the name of ${other}, and Redshift does not tell upper from lower case. ` +
          `Rename it in the source (a view will do), or leave it out under 'exclude'.`,
      );
    }
    seen.set(folded(name), `column '${name}'`);
  }
  return { columns: incoming.columns.map((column) => ({ ...column, name: folded(column.name) })) };
}

/** @throws {SchemaDriftRejected} the policy or the types do not allow it */
export function shape(
  target: Target,
  pipeline: string,
  present: TableSchema | undefined,
  incoming: TableSchema,
  options: { readonly policy: SchemaPolicy; readonly json: JsonAs; readonly layout: WarehouseLayout },
): Shaping {
  const { policy, json, layout } = options;
  if (!present) {
    mustBeKeys(target.label, incoming.columns, layout, json);
    const types = new Map(incoming.columns.map(({ name, type }) => [name, type]));
    return {
      change: UNCHANGED,
      before: [],
      within: [
        `CREATE SCHEMA IF NOT EXISTS ${identifier(target.schema)}`,
        createTable(target.name, incoming, json, layout),
      ],
      remember: rememberTypes(pipeline, target.table, types),
    };
  }
  const change = compareSchemas(present, incoming);
  mustBeKeys(target.label, [...present.columns, ...change.added], layout, json);
  if (change.conflicts.length) throw new SchemaDriftRejected(target.label, change, 'conflict');
  if (isUnchanged(change)) return { change, before: [], within: [], remember: [] };
  if (policy === 'reject') throw new SchemaDriftRejected(target.label, change, 'reject');
  mustNotWidenKey(target.label, change, layout);
  const types = new Map<string, ColumnType>(
    [...present.columns, ...change.added].map(({ name, type }) => [name, type]),
  );
  for (const { name, to } of change.widened) types.set(name, to);
  return {
    change,
    before: lengthenTexts(target.name, change, json),
    within: alterTable(target.name, change, json),
    remember: rememberTypes(pipeline, target.table, types),
  };
}

/** The catalog of the leader node: visible whatever the search path is. */
export function selectColumns({ schema, table }: Target): string {
  return (
    `SELECT a.attname AS name, FORMAT_TYPE(a.atttypid, a.atttypmod) AS type FROM pg_catalog.pg_attribute AS a ` +
    `INNER JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace ` +
    `WHERE n.nspname = ${text(folded(schema))} AND c.relname = ${text(folded(table))} AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`
  );
}

/**
 * The source's columns of the target, or undefined where there is none. The catalog says what there is, so that changes made by hand
 * are seen; among the canonical types that one catalog type stands for, the one that was written down holds.
 */
export function currentSchema(
  target: Target,
  catalog: readonly Row[],
  written: ReadonlyMap<string, ColumnType>,
  json: JsonAs,
): TableSchema | undefined {
  if (!catalog.length) return undefined;
  const columns = catalog
    .map((row) => ({ name: String(row['name']), type: catalogType(String(row['type'])) }))
    .filter(({ name }) => !(name in OWN_COLUMNS))
    .map(({ name, type: found }): Column => {
      const known = written.get(name);
      const type = known && redshiftType(known, json) === found ? known : canonicalType(found);
      if (type) return { name, type, nullable: true };
      throw new TerminalError(
        `${target.label}: column '${name}' was made ${found} by hand, which no source column can be. Drop the column or the table.`,
      );
    });
  return { columns };
}
