import type { Ledger } from '../connectors/ledger/port.ts';
import type { ExtractResult } from '../core/run.ts';

/**
 * Ids of the loads that a run which is open may still bring into the warehouse: all that were extracted for its interval, for
 * it may go on from an earlier run's steps.
 */
export async function loadsInUse(ledger: Ledger): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { pipeline, interval } of await ledger.runs({ outcomes: ['running'] })) {
    const runs = await ledger.runs({ pipeline, interval });
    for (const step of await ledger.steps(runs.map(({ runId }) => runId)))
      if (step.step === 'extract' && step.outcome === 'succeeded')
        found.add((step.result as ExtractResult).loadId);
  }
  return found;
}
