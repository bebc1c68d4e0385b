import type { Client } from 'pg';
import { TerminalError } from '../../../core/errors.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import { derivedTable, mustBeNamed } from '../query.ts';

/** A query in the place of a table. It has no pages, no oid, and cannot be locked. */
export function queryRelation({ name }: ResolvedTable, query: string) {
  const sql = derivedTable(query);
  return { oid: 0, kind: 'q', readable: true, name: { schema: 'query', table: name }, sql, query };
}

/** @throws {InvalidInput} columns that have no name of their own */
export async function queryColumns(client: Client, table: string, sql: string) {
  const { fields } = await client.query(`SELECT * FROM ${sql} LIMIT 0`);
  mustBeNamed(
    table,
    fields.map(({ name }) => name),
  );
  const { rows } = await client.query<TypeRow>(TYPES, [
    fields.map(({ dataTypeID }) => dataTypeID),
    fields.map(({ dataTypeModifier }) => dataTypeModifier),
  ]);
  return fields.map(({ name, dataTypeModifier }, at) => ({
    name,
    nullable: true, // nobody says otherwise
    readable: true,
    indexed: false,
    type: {
      name: rows[at]?.type_name ?? '',
      builtIn: rows[at]?.built_in ?? false,
      kind: rows[at]?.kind ?? 'p',
      modifier: dataTypeModifier,
      declared: rows[at]?.declared ?? '',
    },
  }));
}

/** A counter's horizon needs to know who writes, and a query does not say to which tables. @throws {TerminalError} */
export function mustBeTime(
  { query, name }: { readonly query?: string; readonly name: { readonly table: string } },
  { kind, column }: { readonly kind: string; readonly column: string },
): void {
  if (query === undefined || kind === 'time') return;
  throw new TerminalError(
    `Table '${name.table}' is a query, so whose transactions may still bring numbers of its cursor '${column}' cannot be told. Choose a time as cursor, or extract a view.`,
  );
}

interface TypeRow {
  type_name: string;
  built_in: boolean;
  kind: string;
  declared: string;
}

const TYPES = `
SELECT t.typname AS type_name, n.nspname = 'pg_catalog' AS built_in, t.typtype AS kind, pg_catalog.format_type(t.oid, wanted.modifier) AS declared
FROM unnest($1::oid[], $2::int4[]) WITH ORDINALITY AS wanted (oid, modifier, at)
JOIN pg_catalog.pg_type t ON t.oid = wanted.oid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace ORDER BY wanted.at`;
