import type { Client } from 'pg';
import { readLeaves, type Relation } from './catalog.ts';
import type { CarriedColumn } from './columns.ts';
import { cutIntoParts, partQuery, type Part } from './plan.ts';

/** A share of the table above which reading all of it on several streams beats an index on one. */
const LARGE_SHARE = 0.25;
/** Bytes of a row, as stored. DuckDB holds 2,048 rows of each stream at once, whatever their size. */
const WIDE_ROW = 16 * 1024;

/** Few rows behind an index: as PostgreSQL plans it, on one stream. Otherwise by pages, on all of them. */
export async function planParts(
  client: Client,
  relation: Relation,
  columns: readonly CarriedColumn[],
  condition: string | undefined,
): Promise<Plan> {
  const server = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  const leaves = await readLeaves(client, relation);
  const all = await planOf(client, partQuery('as planned', relation.sql, columns, undefined));
  const bytes = leaves.reduce((sum, leaf) => sum + leaf.bytes, 0);
  const wide = bytes / Math.max(all.rows, 1) > WIDE_ROW;
  const asPlanned: Plan = { parts: ['as planned'], wide };
  // Before PostgreSQL 14 a range of ctids means a scan of the whole table.
  if (!leaves.length || (server.rows[0]?.version ?? 0) < 140000) return asPlanned;
  if (condition !== undefined) {
    const some = await planOf(client, partQuery('as planned', relation.sql, columns, condition));
    if (!some.scans && some.rows < all.rows * LARGE_SHARE) return asPlanned;
  }
  return { parts: cutIntoParts(leaves), wide };
}

export interface Plan {
  readonly parts: Part[];
  /** Rows are so wide that a second stream would take too much memory. */
  readonly wide: boolean;
}

async function planOf(client: Client, query: string): Promise<{ rows: number; scans: boolean }> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `EXPLAIN (FORMAT JSON) ${query}`,
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  return { rows: plan?.['Plan Rows'] ?? 0, scans: plan ? scans(plan) : true };
}

interface PlanNode {
  'Node Type': string;
  'Plan Rows': number;
  Plans?: PlanNode[];
}

function scans(node: PlanNode): boolean {
  return node['Node Type'] === 'Seq Scan' || (node.Plans ?? []).some(scans);
}
