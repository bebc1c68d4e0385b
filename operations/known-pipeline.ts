import type { Ledger } from '../connectors/ledger/port.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import { pipelineNamed, type Registry } from '../core/run-request.ts';

/**
 * The definition of a pipeline; undefined for one that was renamed or deleted, of which the ledger still has runs.
 * @throws {PipelineUnknown} when the ledger has none either
 */
export async function inRegistryOrHistory(
  ledger: Ledger,
  registry: Registry,
  name: string,
): Promise<ResolvedPipeline | undefined> {
  const definition = registry.get(name);
  if (definition) return definition;
  const [run] = await ledger.runs({ pipeline: name, limit: 1 });
  return run ? undefined : pipelineNamed(registry, name);
}

/** What to say of such a pipeline beside its runs. */
export function noLonger({ broken }: Registry, name: string): string {
  const problem = broken?.get(name);
  if (problem) return `Nothing of it can be run for now. ${problem.message}`;
  return `Pipeline '${name}' is no longer in the registry: this is its history, nothing runs it any more.`;
}
