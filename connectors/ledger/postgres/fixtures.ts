import { resolvePipeline } from '../../../core/resolve.ts';
import type { DataInterval } from '../../../core/interval.ts';
import type { LoadStepResult } from '../../../core/run.ts';
import type { NewRun } from '../port.ts';
import type { PostgresLedger } from './ledger.ts';

/** Everything that a ledger keeps, for TRUNCATE. */
export const LEDGER_TABLES =
  'runs, steps, attempts, leases, backfills, backfill_intervals, asset_events, actions, pool_places, file_batches, file_claims, file_sightings, file_looks, incidents, notices, models';

/** Orders and clicks by interval, prices as they are. */
export const shop = resolvePipeline({
  name: 'shop',
  description: 'a shop',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'shop',
  tables: {
    orders: { domain: 'sales', extract: { mode: 'interval', cursor: 'at' }, primaryKey: ['id'] },
    clicks: { domain: 'web', extract: { mode: 'interval', cursor: 'at' }, write: 'append' },
    prices: { domain: 'catalog', extract: { mode: 'snapshot' } },
  },
});

/** `march(1, 3)`: the first two days of March 2024. */
export function march(from: number, to = from + 1): DataInterval {
  const day = (n: number) => new Date(Date.UTC(2024, 2, n)).toISOString().slice(0, 19);
  return { start: `${day(from)}Z`, end: `${day(to)}Z` };
}

export function aRun(runId: string, interval: DataInterval, tables?: readonly string[]): NewRun {
  return {
    runId,
    workflowId: `shop-${interval.end}`,
    pipeline: 'shop',
    interval,
    kind: 'manual',
    backfillId: null,
    codeVersion: 'test',
    input: { pipeline: 'shop', ...(tables ? { tables: [...tables] } : {}) },
    definition: { ...shop, tables: shop.tables.filter(({ name }) => tables?.includes(name) ?? true) },
  };
}

/** A whole run: opened, `loads` loaded, closed with `outcome`. */
export async function ran(
  ledger: PostgresLedger,
  run: NewRun,
  loads: readonly string[],
  outcome: 'succeeded' | 'failed' | 'cancelled' = 'succeeded',
  result: Pick<LoadStepResult, 'reach' | 'newest'> = {},
): Promise<void> {
  await ledger.openRun(run);
  for (const table of loads) {
    await ledger.startStep(run.runId, 'load', table, 1);
    await ledger.finishStep(run.runId, 'load', table, 1, { result, rows: 1, bytes: 1 });
  }
  await ledger.closeRun(run.runId, outcome, outcome === 'succeeded' ? null : 'it went wrong');
}
