import { toInstant } from '../../../core/interval.ts';
import type { BuiltModels } from '../../../core/lineage/models.ts';
import type { ModelsRecord } from '../models.ts';
import type { Query } from './database.ts';

export async function recordModels(
  query: Query,
  { pipeline, runId }: { readonly pipeline: string; readonly runId: string },
  models: BuiltModels,
): Promise<void> {
  await query(
    `INSERT INTO models (pipeline, run_id, models) VALUES ($1, $2, $3)
     ON CONFLICT (pipeline) DO UPDATE SET run_id = excluded.run_id, built_at = now(), models = excluded.models
     WHERE models.models IS DISTINCT FROM excluded.models`,
    [pipeline, runId, JSON.stringify(models)],
  );
}

export async function models(query: Query, pipeline: string): Promise<ModelsRecord | undefined> {
  const [row] = await query<{ run_id: string; built_at: Date; models: BuiltModels }>(
    'SELECT run_id, built_at, models FROM models WHERE pipeline = $1',
    [pipeline],
  );
  return row && { runId: row.run_id, since: toInstant(row.built_at), models: row.models };
}
