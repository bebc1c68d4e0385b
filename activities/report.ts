import { TerminalError } from '../core/errors.ts';
import { millisecondsOf } from '../core/interval.ts';
import { foundByChecks, type RunRef } from '../core/run.ts';
import type { RunRecord, StepRecord } from '../connectors/ledger/port.ts';
import type { RunMetrics } from '../connectors/metrics/port.ts';
import type { Notice } from '../connectors/notify/port.ts';
import type { Connectors } from './connectors.ts';
import { eachOnce } from './each-once.ts';

/** Tells people of a run that failed, or whose checks have warned, and records the numbers of every run, as the ledger has them. The run must be closed. */
export async function report(connectors: Connectors, run: RunRef): Promise<void> {
  const { ledger, notify, metrics } = connectors;
  const [record] = await ledger.runs({ id: run.runId, limit: 1 });
  if (!record || record.outcome === 'running' || record.finishedAt === null) {
    throw new TerminalError(
      `The ledger has no closed run ${run.runId} of ${run.pipeline}. Nobody was told of it; look at it in Temporal's Web UI.`,
    );
  }
  const steps = await ledger.steps([run.runId]);
  const { outcome } = record;
  const finishedAt = new Date(record.finishedAt);
  const notice = noticeOf(connectors, record, steps);
  await eachOnce({
    ...(notify && notice ? { notice: () => notify.send(notice) } : {}),
    ...(metrics
      ? { metrics: () => metrics.record({ outcome, ...numbersOf(record, finishedAt, steps) }, finishedAt) }
      : {}),
  });
}

/** What people are to hear of a run, if anything. */
function noticeOf({ linkTo }: Connectors, run: RunRecord, steps: readonly StepRecord[]): Notice | undefined {
  const { pipeline, interval, runId, outcome, error } = run;
  const about = { pipeline, interval, runId, ...(linkTo ? { link: linkTo(run) } : {}) };
  if (outcome === 'failed')
    return { kind: 'run-failed', ...about, message: error ?? 'The run ended without saying why.' };
  const warnings = steps.flatMap((step) => foundByChecks(step));
  return outcome === 'succeeded' && warnings.length ? { kind: 'run-warned', ...about, warnings } : undefined;
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
