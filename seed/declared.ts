import type { Client } from 'pg';

/** A column as PostgreSQL declares it: `character varying(32)`, `numeric(10,2)`. */
export interface DeclaredColumn {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
}

/** The columns of tables of schema public, in their order. */
export async function declaredColumns<T extends string>(
  client: Client,
  tables: readonly T[],
): Promise<ReadonlyMap<T, readonly DeclaredColumn[]>> {
  const { rows } = await client.query<DeclaredColumn & { table: string }>(
    `select c.relname as table, attname as name, format_type(atttypid, atttypmod) as type, attnotnull as "notNull"
     from pg_attribute join pg_class c on c.oid = attrelid
     where attrelid = any ($1::regclass[]) and attnum > 0 and not attisdropped order by attrelid, attnum`,
    [tables.map((table) => `public.${table}`)],
  );
  return new Map(tables.map((table) => [table, rows.filter((row) => row.table === table)]));
}
