import { Context } from '@temporalio/activity';
import { orAborted, withTimeLimit } from '../core/abort.ts';
import { messageOf } from '../core/errors.ts';
import { withEarlier, withUpstream } from '../core/lineage/models.ts';
import type { RunRef } from '../core/run.ts';
import type { TransformResult } from '../connectors/transform/port.ts';
import type { Connectors } from './connectors.ts';
import { say } from './step-lines.ts';

/** Models are built when it begins: nobody waits longer to know what they are made of. */
const PATIENCE_MS = 60_000;

/** Puts down what the models of a build are made of, for `lineage`. What goes wrong is said, and fails nothing. */
export async function putDownModels(
  connectors: Pick<Connectors, 'warehouse' | 'transform' | 'ledger'>,
  run: RunRef,
  { nodes }: TransformResult,
): Promise<void> {
  const { cancellationSignal } = Context.current();
  const put = async (signal: AbortSignal) => {
    const { warehouse, transform, ledger } = connectors;
    const found = await transform.models(run.pipeline, await warehouse.columns(signal));
    if (!found) return;
    const built = withUpstream(found, new Set(nodes.filter(({ kind }) => isBuilt(kind)).map(({ id }) => id)));
    const earlier = await ledger.models(run.pipeline);
    await ledger.recordModels(run, withEarlier(built, earlier?.models));
  };
  try {
    await withTimeLimit(PATIENCE_MS, cancellationSignal, (stop) => orAborted(put(stop), stop));
  } catch (error) {
    cancellationSignal.throwIfAborted();
    say(
      `What the models are made of could not be put down; 'sluice lineage' shows it as it was: ${messageOf(error)}`,
      'warn',
    );
  }
}

const isBuilt = (kind: TransformResult['nodes'][number]['kind']) =>
  ['model', 'seed', 'snapshot'].includes(kind);
