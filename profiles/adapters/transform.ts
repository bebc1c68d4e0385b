import { join } from 'node:path';
import { z } from 'zod';
import type { Transform } from '../../connectors/transform/port.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import { size, text } from '../fields.ts';

export const transform = z.strictObject({
  type: z.literal('dbt'),
  target: z.enum(['duckdb', 'redshift']),
  /** The folder of the dbt project. */
  project: text,
  /** The Python environment that has dbt and DuckDB's extensions. */
  python: text,
  /** What dbt keeps between runs: its parse results and logs. */
  state: text,
  /** Models that dbt builds at the same time; absent: as dbt/profiles.yml says for the target. */
  threads: size.optional(),
});

export async function openTransform(
  { python, project, state, target, threads }: z.infer<typeof transform>,
  warehouse: Warehouse,
): Promise<Transform> {
  const { DbtTransform } = await import('../../connectors/transform/dbt/transform.ts');
  return new DbtTransform({
    python: join(python, 'bin', 'python'),
    projectDir: project,
    stateDir: state,
    target,
    ...(threads === undefined ? {} : { threads }),
    handOver: (use, signal) => warehouse.handOver(use, signal),
  });
}
