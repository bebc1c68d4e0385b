import { registry } from '../../pipelines/index.ts';
import type { TestStack } from './stack.ts';

/** Rows and a checksum of every raw table of `olist`, our own columns included, and of the marts: what must not change. */
export async function content(stack: TestStack): Promise<Record<string, unknown>> {
  const raw = registry.get('olist')?.tables.map((table) => `raw_olist.${table.name}`) ?? [];
  const marts = [
    'olist.fct_orders',
    'olist.dim_customers',
    'olist.dim_products',
    'olist.mart_customer_segments',
  ];
  const found: Record<string, unknown> = {};
  for (const table of [...raw, ...marts]) {
    const [row] = await stack.sql(
      `SELECT count(*) AS n, sum(hash(t)::HUGEINT)::VARCHAR AS sum FROM ${table} AS t`,
    );
    found[table] = row;
  }
  return found;
}
