import { pastOf, planBackfill, type BackfillOutline } from '../core/backfill.ts';
import type { Instant } from '../core/interval.ts';
import type { BackfillInput } from '../core/run-input.ts';
import type { Connectors } from './connectors.ts';
import { brokenOf, type Broken } from './mended.ts';

/**
 * Plans a backfill and puts its intervals into the ledger, where the workflow fetches them bit by bit.
 * May be repeated by the same execution: the plan that it recorded first stands.
 */
export async function openBackfill(
  { registry, ledger, warehouse }: Connectors,
  backfillId: string,
  execution: string,
  input: BackfillInput,
  now: Instant,
): Promise<BackfillOutline | Broken> {
  const broken = brokenOf(registry, input.pipeline);
  if (broken) return broken;
  const plan = await planBackfill(
    registry,
    input,
    now,
    pastOf(ledger, { present: (...asked) => warehouse.present(...asked) }),
  );
  const { request, range, finish, intervalTables, onceTables, onConflict, keptOut, byTasks } = plan;
  const total = await ledger.openBackfill({
    backfillId,
    execution,
    pipeline: request.pipeline,
    range,
    request,
    intervals: plan.runs,
  });
  return {
    request,
    range,
    total,
    finish,
    intervalTables,
    onceTables,
    ...(onConflict && { onConflict }),
    ...(keptOut?.length ? { keptOut } : {}),
    ...(byTasks && { byTasks }),
  };
}
