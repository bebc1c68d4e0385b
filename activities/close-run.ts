import { Context } from '@temporalio/activity';
import { orAborted } from '../core/abort.ts';
import { messageOf } from '../core/errors.ts';
import {
  endOf,
  stepKey,
  type Outcome,
  type SkippedStep,
  type StepDone,
  type UndecidedStep,
} from '../core/run.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import type { Registry } from '../core/registry.ts';
import type { Connectors } from './connectors.ts';

const RELEASE_MS = 10_000; // a run's end waits no longer for somebody who is away

/**
 * Records a run's outcome, the steps that were left out, and those of which nobody could say whether they begin. Steps that the run knows to be done, and of which the ledger has no word (it was away when they ended, or their
 * worker died), are written first: a later run goes on from them. May be repeated.
 */
export async function closeRun(
  connectors: Connectors,
  runId: string,
  outcome: Exclude<Outcome, 'running'>,
  error: string | null,
  done: readonly StepDone[] = [],
  skipped: readonly SkippedStep[] = [],
  undecided: readonly UndecidedStep[] = [],
): Promise<void> {
  const { ledger } = connectors;
  const known = new Map(
    done.length
      ? (await ledger.steps([runId])).map((record) => [stepKey(record.step, record.table), record])
      : [],
  );
  for (const { step, table, result } of done) {
    const record = known.get(stepKey(step, table));
    if (record?.outcome === 'succeeded' || record?.outcome === 'skipped') continue;
    const attempt = record?.attempt ?? 1;
    await ledger.startStep(runId, step, table, attempt);
    await ledger.finishStep(runId, step, table, attempt, endOf(step, result));
  }
  for (const { step, table, error } of undecided) {
    await ledger.startStep(runId, step, table, 1);
    await ledger.finishStep(runId, step, table, 1, { error, outcome: 'failed' });
  }
  await ledger.closeRun(runId, outcome, error, skipped);
  const left = orAborted(released(connectors, runId), AbortSignal.timeout(RELEASE_MS));
  await left.catch((error: unknown) => {
    Context.current().log.warn(`What the run had elsewhere may still be there: ${messageOf(error)}`);
  });
}

/** What attempts have left for each other: a cancelled run comes back to it no more, nor does one that is done. */
async function released(
  { ledger, registry, tasks, extractsTogether, extractor }: Connectors,
  runId: string,
): Promise<void> {
  const definition = (await ledger.definition(runId)) as Partial<ResolvedPipeline> | undefined;
  const source = definition?.source;
  await Promise.all([
    ...(hasRemoteTasks(registry) ? [tasks.release(runId)] : []),
    ...(source !== undefined && definition?.tables?.length && extractsTogether(source)
      ? [(await extractor(source)).release(runId)]
      : []),
  ]);
}

function hasRemoteTasks(registry: Registry): boolean {
  return [...registry.values()].some(({ tasks }) =>
    tasks.some(({ does }) => 'container' in does || 'spark' in does),
  );
}
