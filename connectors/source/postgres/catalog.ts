import type { Client } from 'pg';
import { TerminalError } from '../../../core/errors.ts';
import type { QualifiedName } from '../qualified-name.ts';
import { queryColumns } from './query.ts';
import { quoted } from './sql.ts';
import type { PostgresType } from './types.ts';

/** A table, view or the like, as the catalog has it in the session's snapshot. */
export interface Relation {
  readonly oid: number;
  readonly name: QualifiedName;
  /** As it stands in a FROM. */
  readonly sql: string;
  /** The query that it is, in the place of a table. */
  readonly query?: string;
  /** `pg_class.relkind`: r table, p partitioned, v view, m materialized view, f foreign; q a query. */
  readonly kind: string;
  /** The whole table may be read; otherwise perhaps some columns. */
  readonly readable: boolean;
}

export interface SourceColumn {
  readonly name: string;
  readonly type: PostgresType;
  readonly nullable: boolean;
  readonly readable: boolean;
  /** A valid b-tree index without condition starts with it. */
  readonly indexed: boolean;
}

/** A piece of a table that has pages of its own: the table, or a partition or child of it. */
export interface Leaf {
  readonly name: QualifiedName;
  readonly pages: number;
  /** With what is stored out of line. */
  readonly bytes: number;
}

/** @throws {TerminalError} when there is no such table, naming those that look like it */
export async function findRelation(client: Client, name: QualifiedName): Promise<Relation> {
  const { rows } = await client.query<{ oid: number; kind: string; readable: boolean }>(RELATION, [
    name.schema,
    name.table,
  ]);
  const [row] = rows;
  if (row) return { ...row, name, sql: quoted(name) };
  const { rows: near } = await client.query<{ name: string }>(NEAR, [name.schema, name.table]);
  const known = near.map((table) => table.name).join(', ');
  throw new TerminalError(
    `Table ${quoted(name)} is not in the database${known ? `; it has ${known}` : ''}. Correct 'from' (write it as schema.table), or create the table.`,
  );
}

/** Columns in their order: dropped ones are not there, domains are resolved to what they are made of. */
export async function readColumns(client: Client, relation: Relation): Promise<SourceColumn[]> {
  if (relation.query !== undefined) return queryColumns(client, relation.name.table, relation.sql);
  const { rows } = await client.query<ColumnRow>(COLUMNS, [relation.oid]);
  return rows.map((row) => ({
    name: row.name,
    nullable: !row.not_null,
    readable: row.readable,
    indexed: row.indexed,
    type: {
      name: row.type_name,
      builtIn: row.built_in,
      kind: row.kind,
      modifier: row.modifier,
      declared: row.declared,
    },
  }));
}

/** The pieces with pages, or none where rows must be asked of the relation itself: views, foreign tables and children, row security, children that may not be read. */
export async function readLeaves(client: Client, relation: Relation): Promise<Leaf[]> {
  const { rows } = await client.query<LeafRow>(LEAVES, [relation.oid]);
  if (rows.some((row) => !row.scannable)) return [];
  return rows
    .filter((row) => row.kind !== 'p')
    .map((row) => ({
      name: { schema: row.schema, table: row.table },
      pages: Number(row.pages),
      bytes: Number(row.bytes),
    }));
}

interface ColumnRow {
  name: string;
  not_null: boolean;
  readable: boolean;
  indexed: boolean;
  type_name: string;
  built_in: boolean;
  kind: string;
  modifier: number;
  declared: string;
}

interface LeafRow {
  schema: string;
  table: string;
  kind: string;
  scannable: boolean;
  pages: string;
  bytes: string;
}

const RELATION = `
SELECT c.oid, c.relkind AS kind, has_table_privilege(c.oid, 'SELECT') AS readable
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

const NEAR = `
SELECT format('%I.%I', n.nspname, c.relname) AS name
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
ORDER BY lower(c.relname) = lower($2) DESC, n.nspname = $1 DESC, left(lower(c.relname), 3) = left(lower($2), 3) DESC, 1
LIMIT 8`;

// A NOT NULL constraint that was added without a check (PostgreSQL 18: NOT VALID) says nothing about older rows.
const COLUMNS = `
WITH RECURSIVE resolved AS (
  SELECT a.attnum, a.attname, a.attnotnull, a.atttypid AS typid, a.atttypmod AS typmod,
    pg_catalog.format_type(a.atttypid, a.atttypmod) AS declared
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT r.attnum, r.attname, r.attnotnull, t.typbasetype,
    CASE WHEN t.typtypmod <> -1 THEN t.typtypmod ELSE r.typmod END, r.declared
  FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.typid WHERE t.typtype = 'd'
)
SELECT r.attname AS name, t.typname AS type_name, t.typtype AS kind, r.typmod AS modifier, r.declared,
  n.nspname = 'pg_catalog' AS built_in, has_column_privilege($1, r.attnum, 'SELECT') AS readable,
  r.attnotnull AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint k
    WHERE k.conrelid = $1 AND k.contype = 'n' AND NOT k.convalidated AND k.conkey = ARRAY[r.attnum]
  ) AS not_null,
  EXISTS (
    SELECT FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = x.relam
    WHERE i.indrelid = $1 AND i.indkey[0] = r.attnum AND i.indisvalid AND i.indpred IS NULL AND m.amname = 'btree'
  ) AS indexed
FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.typid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype <> 'd' ORDER BY r.attnum`;

const LEAVES = `
WITH RECURSIVE family AS (
  SELECT $1::oid AS oid UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN family f ON f.oid = i.inhparent
)
SELECT n.nspname AS schema, c.relname AS table, c.relkind AS kind,
  c.relkind IN ('r', 'p', 'm') AND has_table_privilege(c.oid, 'SELECT') AND NOT c.relrowsecurity AS scannable,
  coalesce(pg_relation_size(c.oid), 0) / current_setting('block_size')::int8 AS pages,
  coalesce(pg_table_size(c.oid), 0) AS bytes
FROM family f JOIN pg_catalog.pg_class c ON c.oid = f.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
ORDER BY f.oid = $1 DESC, 1, 2`;
