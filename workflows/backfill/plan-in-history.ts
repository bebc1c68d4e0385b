import { proxyLocalActivities } from '@temporalio/workflow';
import type { Instant } from '../../core/interval.ts';
import type { BackfillInput } from '../../core/run-input.ts';
import { quick } from '../activity-options.ts';
import { runFailed } from '../failures.ts';
import type { Plan, PlanInHistory } from './plan.ts';

/** Gone from the workers; its results stand in histories. */
const before = proxyLocalActivities<{
  planBackfill(backfillId: string, input: BackfillInput, now: Instant): Promise<PlanInHistory>;
}>({ startToCloseTimeout: '30 seconds' });

/** The plan of a backfill that began before plans were in the ledger: it goes on as it began. */
export async function planInHistory(
  backfillId: string,
  handedOn: PlanInHistory | undefined,
  input: BackfillInput,
  now: Instant,
): Promise<Plan> {
  const plan = handedOn ?? (await before.planBackfill(backfillId, input, now));
  return {
    outline: { ...plan, total: plan.runs.length, finish: plan.request.transform === 'once' },
    handedOn: { plan },
    run(n) {
      const run = plan.runs[n];
      if (!run) throw runFailed('PlanEnded', `The plan of ${backfillId} has no interval ${n}.`);
      return Promise.resolve(run);
    },
    ended: (_n, { succeeded, failed }) =>
      quick.recordBackfill(backfillId, { succeeded, failed, outcome: 'running' }),
    settled: () => Promise.resolve(),
  };
}
