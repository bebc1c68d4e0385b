import type { QueryResult, Warehouse } from './port.ts';

const QUERY_LIMIT = 10_000; // rows, where the caller names no limit

/** All rows of a query at once. */
export async function collected(
  warehouse: Pick<Warehouse, 'read'>,
  sql: string,
  options: { readonly limit?: number; readonly signal?: AbortSignal } = {},
): Promise<QueryResult> {
  const rows: QueryResult['rows'][number][] = [];
  const end = await warehouse.read(sql, (batch) => rows.push(...batch.rows) > 0, {
    limit: QUERY_LIMIT,
    ...options,
  });
  return { ...end, rows };
}
