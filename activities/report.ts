import { TerminalError } from '../core/errors.ts';
import { millisecondsOf } from '../core/interval.ts';
import { afterRun, type RunEnd } from '../core/notices/incidents.ts';
import { foundByChecks, stepKey, type RunRef } from '../core/run.ts';
import type { RunRecord, StepRecord, ToldOfRun } from '../connectors/ledger/port.ts';
import type { RunMetrics } from '../connectors/metrics/port.ts';
import type { Connectors } from './connectors.ts';
import { eachOnce } from './each-once.ts';
import { tell } from './tell.ts';

/** Tells people what is new since a run has ended (it failed, its checks have warned, all is well again), and records the numbers of every run, as the ledger has them. The run must be closed. */
export async function report(connectors: Connectors, run: RunRef): Promise<void> {
  const { incidents, metrics } = await afterwards(connectors, run.runId);
  await eachOnce({
    ...(incidents && {
      incidents,
      notice: async () => {
        await tell(connectors, run.pipeline);
      },
    }),
    ...(metrics && { metrics }),
  });
}

/** What is put down once a run is closed. */
export interface Afterwards {
  /** What people are to hear of it; absent where nobody is to hear of anything. May be repeated. */
  readonly incidents?: () => Promise<void>;
  /** Its numbers; absent where they go nowhere. They count each time. */
  readonly metrics?: () => Promise<void>;
}

/** @throws {TerminalError} the ledger has no such run, or it is not closed */
export async function afterwards(
  connectors: Pick<Connectors, 'ledger' | 'registry' | 'notify' | 'metrics' | 'linkTo'>,
  runId: string,
): Promise<Afterwards> {
  const { ledger, metrics } = connectors;
  const tells = toldOf(connectors);
  const [record] = await ledger.runs({ id: runId, limit: 1 });
  if (!record || record.outcome === 'running' || record.finishedAt === null) {
    throw new TerminalError(
      `The ledger has no closed run ${runId}. Nobody was told of it; look at it in Temporal's Web UI.`,
    );
  }
  const steps = await ledger.steps([runId]);
  const { outcome, pipeline } = record;
  const finishedAt = new Date(record.finishedAt);
  return {
    ...(tells && { incidents: () => ledger.changeIncidents(pipeline, (open) => tells(record, steps, open)) }),
    ...(metrics && {
      metrics: () => metrics.record({ outcome, ...numbersOf(record, finishedAt, steps) }, finishedAt),
    }),
  };
}

/** What people are to hear of a closed run; undefined where nobody is to hear of anything. */
export function toldOf(
  connectors: Pick<Connectors, 'registry' | 'notify' | 'linkTo'>,
): ToldOfRun | undefined {
  return connectors.notify && ((run, steps, open) => afterRun(open, endOf(connectors, run, steps)));
}

/** What a closed run says of its pipeline, and what people are to hear where that is new. */
function endOf(
  { linkTo, registry }: Pick<Connectors, 'linkTo' | 'registry'>,
  run: RunRecord,
  steps: readonly StepRecord[],
): RunEnd {
  const { pipeline, interval, runId, outcome, error, input } = run;
  const about = { pipeline, interval, runId, ...(linkTo ? { link: linkTo(run) } : {}) };
  return {
    outcome: outcome === 'running' ? 'cancelled' : outcome,
    interval,
    isWhole: input.tables === undefined && input.skip === undefined && registry.has(pipeline),
    steps: steps.map((step) => ({
      key: stepKey(step.step, step.table),
      outcome: step.outcome,
      hasWarned: foundByChecks(step).length > 0,
    })),
    failed: { kind: 'run-failed', ...about, message: error ?? 'The run ended without saying why.' },
    warned: { kind: 'run-warned', ...about, warnings: steps.flatMap((step) => foundByChecks(step)) },
  };
}

function numbersOf(
  { pipeline, interval, startedAt }: RunRecord,
  finishedAt: Date,
  steps: readonly StepRecord[],
): Omit<RunMetrics, 'outcome'> {
  const done = steps.filter((step) => step.outcome === 'succeeded');
  const loads = done.filter((step) => step.step === 'load');
  const sum = (counts: readonly (number | null)[]) =>
    counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  return {
    pipeline,
    seconds: (finishedAt.getTime() - millisecondsOf(startedAt)) / 1000,
    rows: sum(loads.map((step) => step.rows)),
    bytes: sum(done.filter((step) => step.step === 'extract').map((step) => step.bytes)),
    lagSeconds: Object.fromEntries(
      loads.map((load) => [
        load.table ?? '',
        (millisecondsOf(load.finishedAt ?? startedAt) - millisecondsOf(interval.end)) / 1000,
      ]),
    ),
  };
}
