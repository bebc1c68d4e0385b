import type { ClientBase, Pool } from 'pg';
import type { LateBindingViews } from '../redshift-sql/late-binding.ts';
import { keyword, type Token } from '../redshift-sql/tokens.ts';

/** The late-binding views that a statement could read from; none where it reads from nothing. */
export async function lateBindingViews(
  client: ClientBase | Pool,
  statement: readonly Token[],
): Promise<LateBindingViews> {
  if (!statement.some((token) => keyword(token) === 'from' || keyword(token) === 'join')) return new Map();
  const { rows } = await client.query<{ name: string; query: string }>(
    `SELECT n.nspname || '.' || c.relname AS name, v.query FROM aws_local.late_binding_views v
     JOIN pg_catalog.pg_class c ON c.oid = v.view JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`,
  );
  return new Map(rows.map(({ name, query }) => [name, query]));
}
