import type { Ledger, ModelsRecord } from '../connectors/ledger/port.ts';
import type { Dashboard } from '../core/dashboards/resolve.ts';
import { lineageOf, type Lineage } from '../core/lineage/lineage.ts';
import { pipelineNamed, type Registry } from '../core/run-request.ts';

export interface KnownLineage {
  readonly lineage: Lineage;
  /** Which run built the models as they are, and when first; undefined while none was built: then tables are all that is known. */
  readonly built: Pick<ModelsRecord, 'runId' | 'since'> | undefined;
}

/** From the tables of the source to the panels of dashboards, as things stand. @throws {PipelineUnknown} */
export async function lineageNow(
  ledger: Pick<Ledger, 'models'>,
  registry: Registry,
  dashboards: ReadonlyMap<string, Dashboard>,
  pipeline: string,
): Promise<KnownLineage> {
  const definition = pipelineNamed(registry, pipeline);
  const found = await ledger.models(pipeline);
  const lineage = lineageOf({
    definition,
    models: found?.models,
    dashboards: [...dashboards.values()].filter((each) => each.pipeline === pipeline),
    pipelines: [...registry.keys()],
  });
  return { lineage, built: found && { runId: found.runId, since: found.since } };
}
