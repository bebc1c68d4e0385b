import type { WarehouseLayout } from '../../../core/pipeline.ts';
import type { TableName } from '../port.ts';
import { catalogType, layoutClause } from './ddl.ts';
import { selectColumns, type Target } from './target.ts';
import { folded, identifier, qualified, text } from './text.ts';
import { must } from './write.ts';

/** How a table is tidied. https://docs.aws.amazon.com/redshift/latest/dg/r_VACUUM_command.html */
export type Vacuum = 'full' | 'sort only' | 'delete only' | 'reindex';

/** What Redshift counts of tables that have rows. https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_TABLE_INFO.html */
export function selectFigures(schemas: readonly string[]): string {
  const list = [...new Set(schemas)].map((schema) => text(folded(schema))).join(', ');
  return (
    `SELECT "schema" AS schema_name, "table" AS table_name, table_id, diststyle, sortkey1, sortkey_num, unsorted, stats_off, ` +
    `tbl_rows, estimated_visible_rows FROM svv_table_info WHERE "schema" IN (${list}) ORDER BY "schema", "table"`
  );
}

/** The columns of a table's sort key, in their order. https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_REDSHIFT_COLUMNS.html */
export function selectSortKey({ schema, table }: TableName): string {
  return (
    `SELECT column_name FROM svv_redshift_columns WHERE database_name = CURRENT_DATABASE() AND schema_name = ${text(folded(schema))} ` +
    `AND table_name = ${text(folded(table))} AND sortkey <> 0 ORDER BY ABS(sortkey)`
  );
}

/** How uneven interleaved sort keys are. https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_INTERLEAVED_COLUMNS.html */
export function selectSkew(ids: readonly number[]): string {
  return `SELECT tbl AS table_id, MAX(interleaved_skew) AS skew FROM svv_interleaved_columns WHERE tbl IN (${ids.join(', ')}) GROUP BY tbl`;
}

/** All of what is due, not only what is beyond Redshift's own 95 %; a new index takes no such word. */
export function vacuum(kind: Vacuum, { schema, table }: TableName): string {
  return `VACUUM ${kind.toUpperCase()} ${qualified(schema, table)}${kind === 'reindex' ? '' : ' TO 100 PERCENT'}`;
}

/** Without the first, Redshift skips in silence a table of which less than 10 % has changed. https://docs.aws.amazon.com/redshift/latest/dg/r_analyze_threshold_percent.html */
export function analyze({ schema, table }: TableName): string[] {
  return ['SET analyze_threshold_percent TO 0', `ANALYZE ${qualified(schema, table)}`];
}

/** A session's result cache would measure itself. https://docs.aws.amazon.com/redshift/latest/dg/r_enable_result_cache_for_session.html */
export const WITHOUT_CACHE = `SET enable_result_cache_for_session TO 'off'`;

/** Of the scans of a statement. https://docs.aws.amazon.com/redshift/latest/dg/SYS_QUERY_DETAIL.html; a block has 1 MB */
export function selectScanned(queryId: number): string {
  return (
    `SELECT SUM(input_rows) AS scanned_rows, SUM(blocks_read) AS blocks FROM sys_query_detail ` +
    `WHERE query_id = ${queryId} AND step_name = 'scan' AND table_id > 0`
  );
}

function ofTable({ schema, table }: TableName): string {
  return `namespace_name = ${text(folded(schema))} AND relation_name = ${text(folded(table))}`;
}

/** https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_RELATION_PRIVILEGES.html */
export function selectGrants(table: TableName): string {
  return (
    `SELECT privilege_type, identity_name, identity_type, admin_option FROM svv_relation_privileges WHERE ${ofTable(table)} ` +
    `ORDER BY identity_type, identity_name, privilege_type`
  );
}

/** What a copy would not have, in words. */
export function selectLosses({ schema, table }: TableName): readonly string[] {
  const ofClass =
    `INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace ` +
    `WHERE n.nspname = ${text(folded(schema))} AND c.relname = ${text(folded(table))}`;
  return [
    `SELECT a.attname AS name FROM pg_catalog.pg_attribute AS a INNER JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid ${ofClass} ` +
      `AND a.attnum > 0 AND NOT a.attisdropped AND (a.attnotnull OR a.atthasdef)`,
    `SELECT k.conname AS name FROM pg_catalog.pg_constraint AS k INNER JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid ${ofClass} ` +
      `AND k.contype IN ('p', 'u', 'f')`,
    `SELECT column_name AS name FROM svv_column_privileges WHERE ${ofTable({ schema, table })}`,
  ];
}

/** A right on a table, as the catalog has it. */
export interface Grant {
  readonly privilege: string;
  readonly identity: string;
  readonly kind: string;
  readonly passesOn: boolean;
}

/**
 * The transaction that gives a table other keys: beside it another is made, its rows are copied, and the other takes its name and
 * its rights. It is whole or has not been; what ends it takes the copy away with it. With the lock taken, columns and rights must be
 * those that the copy was planned from.
 * @param found the columns as `selectColumns` gives them
 */
export function relay(
  target: Target,
  found: readonly { readonly name: string; readonly type: string }[],
  layout: WarehouseLayout,
  grants: readonly Grant[],
): string[] {
  const columns = found.map(({ name, type }) => ({ name, type: catalogType(type) }));
  const known = found.map(({ name, type }) => text(`${name} ${type}`)).join(', ');
  const besides = `_relaid_${target.table}`;
  const beside = qualified(target.schema, besides);
  const names = columns.map(({ name }) => identifier(name)).join(', ');
  const definitions = columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ');
  return [
    `LOCK ${target.name}`,
    must(
      `COUNT(*) = ${found.length} AND SUM(CASE WHEN name || ' ' || type IN (${known}) THEN 1 ELSE 0 END) = ${found.length}`,
      `(${selectColumns(target)}) AS found`,
    ),
    must(`COUNT(*) = ${grants.length}`, `(${selectGrants(target)}) AS granted`),
    `CREATE TABLE ${beside} (${definitions})${layoutClause(layout)}`,
    `INSERT INTO ${beside} (${names}) SELECT ${names} FROM ${target.name}`,
    must(
      'MAX(copied) = MAX(there)',
      `(SELECT COUNT(*) AS copied, 0 AS there FROM ${beside} UNION ALL SELECT 0 AS copied, COUNT(*) AS there FROM ${target.name}) AS counted`,
    ),
    `DROP TABLE ${target.name}`,
    `ALTER TABLE ${beside} RENAME TO ${identifier(target.table)}`,
    ...granted(target, grants),
  ];
}

function granted(target: Target, grants: readonly Grant[]): string[] {
  const together = new Map<string, string[]>();
  for (const { privilege, identity, kind, passesOn } of grants) {
    const role = kind === 'role' || kind === 'group' ? `${kind.toUpperCase()} ` : '';
    const to = kind === 'public' ? 'PUBLIC' : `${role}"${identity.replaceAll('"', '""')}"`;
    const key = `${to}${passesOn ? ' WITH GRANT OPTION' : ''}`;
    together.set(key, [...(together.get(key) ?? []), privilege.toUpperCase()]);
  }
  return [...together].map(
    ([to, privileges]) => `GRANT ${privileges.join(', ')} ON TABLE ${target.name} TO ${to}`,
  );
}
