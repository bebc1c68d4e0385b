import type { DataInterval } from './interval.ts';
import type { ExtractResult, Outcome, Step, StepOutcome } from './run.ts';

interface Run {
  readonly runId: string;
  readonly pipeline: string;
  readonly interval: DataInterval;
}

/** What of the ledger tells which loads are in use. */
interface Runs {
  runs(filter: {
    readonly outcomes?: readonly Outcome[];
    readonly pipeline?: string;
    readonly interval?: DataInterval;
  }): Promise<readonly Run[]>;
  steps(
    runIds: readonly string[],
  ): Promise<readonly { readonly step: Step; readonly outcome: StepOutcome; readonly result: unknown }[]>;
}

/**
 * Ids of the loads that a run which is open may still bring into the warehouse: all that were extracted for its interval, for
 * it may go on from an earlier run's steps.
 */
export async function loadsInUse(ledger: Runs): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { pipeline, interval } of await ledger.runs({ outcomes: ['running'] })) {
    const runs = await ledger.runs({ pipeline, interval });
    for (const step of await ledger.steps(runs.map(({ runId }) => runId)))
      if (step.step === 'extract' && step.outcome === 'succeeded')
        found.add((step.result as ExtractResult).loadId);
  }
  return found;
}
