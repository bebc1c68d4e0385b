import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LAKE_GC, lakeSchedule } from '../../cli/lake-schedule.ts';
import { reconcileSchedules } from '../../cli/schedules.ts';
import { day, Lab } from './lab.ts';
import { eventually } from './wait.ts';

const DAY = day('2024-03-02');
let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open((profile) => ({
    ...profile,
    lake: { ...profile.lake, gc: { every: '1 day', olderThan: '0 seconds' } },
  }));
  await lab.startWorker();
});
afterAll(() => lab.close());

it('the lake is collected by a schedule, which goes by what is needed, and is not where it is off', async () => {
  const { temporal, profile } = lab.session;
  await (await lab.run({ interval: DAY, tables: ['orders'] })).result();
  await lab.source.query(`UPDATE shop.orders SET customer = 'another' WHERE order_id = 150`);
  await (await lab.run({ interval: DAY, tables: ['orders'] })).result();
  // What a killed attempt leaves.
  const left = join(
    lab.lakeFolder,
    'bronze/shop/orders/year=2024/month=03/day=02/load=20240302t000000000-00000000',
  );
  mkdirSync(left, { recursive: true });
  writeFileSync(join(left, 'part-0.parquet'), 'half');
  utimesSync(left, 1, 1);

  expect(await reconcileSchedules(temporal, lakeSchedule(profile))).toEqual([
    { schedule: LAKE_GC, change: 'created' },
  ]);
  const handle = temporal.schedule.getHandle(LAKE_GC);
  await handle.trigger();
  const started = await eventually('the collection', async () => {
    const { info } = await handle.describe();
    return info.recentActions.at(-1)?.action.workflow;
  });
  const report: unknown = await temporal.workflow.getHandle(started.workflowId).result();
  expect(report).toMatchObject({ removedLoads: 2 });
  const steps = await lab.session.ledger.steps(
    (await lab.session.ledger.runs({ pipeline: 'shop' })).map(({ runId }) => runId),
  );
  expect(steps.filter(({ outcome }) => outcome !== 'succeeded')).toEqual([]);

  const off = { ...profile, lake: { ...profile.lake, gc: 'off' } } as const;
  expect(await reconcileSchedules(temporal, lakeSchedule(off))).toEqual([
    { schedule: LAKE_GC, change: 'removed' },
  ]);
}, 120_000);
