import { condition, patched, proxyLocalActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import type { PlannedRun } from '../../core/backfill.ts';
import { toInstant } from '../../core/interval.ts';
import type { BackfillInput } from '../../core/run-input.ts';
import { ending, quick } from '../activity-options.ts';
import { runFailed } from '../failures.ts';
import { planInHistory } from './plan-in-history.ts';
import { untilMended } from '../until-mended.ts';
import type { Plan, PlanState } from './plan.ts';

const FETCHED = 50; // intervals at a time: as many as may run at once

/** Bulk work of the ledger, for up to 100,000 intervals. May be repeated. */
const planning = proxyLocalActivities<Activities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '1 hour',
  localRetryThreshold: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

/** The plan of this backfill: its intervals are in the ledger, a history holds no more of them than are under way. */
export async function openPlan(input: BackfillInput, handedOn: PlanState | undefined): Promise<Plan> {
  const { workflowId, firstExecutionRunId, startTime } = workflowInfo();
  const now = toInstant(startTime);
  if (handedOn?.plan || (!handedOn && !patched('plan-in-ledger')))
    return planInHistory(workflowId, handedOn?.plan, input, now);
  const outline =
    handedOn?.outline ??
    (await untilMended(() => planning.openBackfill(workflowId, firstExecutionRunId, input, now)));
  let recording = 0;
  const fetched = new Map<number, PlannedRun>();
  return {
    outline,
    handedOn: { outline },
    async run(n) {
      if (!fetched.has(n)) {
        const runs = await quick.plannedIntervals(workflowId, n, FETCHED);
        for (const [index, run] of runs.entries()) fetched.set(n + index, run);
      }
      const run = fetched.get(n);
      fetched.delete(n);
      if (run) return run;
      throw runFailed(
        'PlanGone',
        `The ledger no longer has interval ${n} of ${outline.total} of ${workflowId}. Start the backfill again.`,
      );
    },
    async ended(n, { outcome, error }) {
      recording += 1;
      await ending.endInterval(workflowId, n, outcome, error).finally(() => (recording -= 1));
    },
    settled: () => condition(() => recording === 0),
  };
}
