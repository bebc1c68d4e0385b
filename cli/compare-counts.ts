import pg from 'pg';
import { thenCleanUp } from '../core/clean-up.ts';
import { rawSchema, type ResolvedPipeline } from '../core/pipeline.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';

export interface TableCounts {
  readonly table: string;
  readonly source: number;
  readonly warehouse: number;
}

/** Rows of every table of a pipeline, in its PostgreSQL source and as loaded. */
export async function compareCounts(
  source: string,
  warehouse: Warehouse,
  pipeline: ResolvedPipeline,
): Promise<TableCounts[]> {
  const client = new pg.Client(source);
  await client.connect();
  return thenCleanUp(
    async () => {
      const counts: TableCounts[] = [];
      for (const { name, from } of pipeline.tables) {
        const there = await client.query<{ rows: string }>(
          `SELECT count(*) AS rows FROM ${from.split('.').map(pg.escapeIdentifier).join('.')}`,
        );
        const here = await warehouse.query(`SELECT count(*) AS n FROM ${rawSchema(pipeline.name)}.${name}`);
        counts.push({
          table: name,
          source: Number(there.rows[0]?.rows),
          warehouse: Number(here.rows[0]?.['n']),
        });
      }
      return counts;
    },
    () => client.end(),
  );
}
