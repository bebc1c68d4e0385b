import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockTable, untilBlocked } from './holder.ts';
import { day } from './lab.ts';
import { notCounted, startReportingLab, type ReportingLab } from './reporting-lab.ts';
import { eventually } from './wait.ts';

const DAY = day('2024-03-02');
/** Its connection is not in the profile, so every run of it fails. */
const BROKEN = 'shop_stranger';
let reporting: ReportingLab;
let lab: ReportingLab['lab'];
let webhook: ReportingLab['webhook'];

beforeAll(async () => {
  reporting = await startReportingLab();
  ({ lab, webhook } = reporting);
});
afterAll(() => reporting.close());
beforeEach(async () => {
  webhook.clear();
  await lab.inLedger('TRUNCATE incidents, notices'); // each test's failure is the first of its kind
});

const failures = () => reporting.recorded('runFailures');
const fail = async () => {
  const run = await lab.run({ pipeline: BROKEN, interval: DAY });
  await expect(run.result()).rejects.toThrow();
  return run;
};

describe('the end of a run', { timeout: 120_000 }, () => {
  it('is told where it failed: once, with the reason, the next step and the page of the run', async () => {
    const run = await fail();
    expect(webhook.notices).toEqual([
      {
        kind: 'run-failed',
        pipeline: BROKEN,
        interval: { start: '2024-03-02T00:00:00Z', end: '2024-03-03T00:00:00Z' },
        runId: run.firstExecutionRunId,
        message: expect.stringMatching(/2 of 2 tables failed.*no connection 'stranger'/s) as string,
        link: `${lab.profile.temporal.ui ?? ''}/namespaces/default/workflows/${BROKEN}-2024-03-03T00%3A00%3A00Z/${run.firstExecutionRunId}/history`,
      },
    ]);
  });

  it('is not told where it succeeded, nor where it was cancelled', async () => {
    await (await lab.run({ interval: DAY, tables: ['prices'] })).result();
    const unlock = await lockTable(lab, 'shop.orders');
    const cancelled = await lab.run({ interval: DAY, tables: ['orders'] });
    await untilBlocked(lab);
    await cancelled.cancel();
    await expect(cancelled.result()).rejects.toThrow();
    await unlock();
    expect(webhook.notices).toEqual([]);
  });

  it('is told once, however often it fails again, and once more when all is well', async () => {
    await fail();
    await fail();
    expect(webhook.notices).toMatchObject([{ kind: 'run-failed' }]);
    await lab.inLedger(`DELETE FROM incidents WHERE subject NOT LIKE '%prices'`);
    await lab.inLedger(`UPDATE incidents SET pipeline = 'shop', subject = 'load:prices'`);
    await (await lab.run({ interval: DAY, tables: ['prices'] })).result();
    expect(webhook.notices).toMatchObject([
      { kind: 'run-failed' },
      { kind: 'recovered', pipeline: 'shop', of: ['run-failed'], severity: 'error' },
    ]);
  });

  it('is told at the next attempt where the webhook is busy', async () => {
    webhook.answer(503);
    await fail();
    expect(webhook.notices).toHaveLength(1);
  });

  it('stays what it was where nobody can be told, which is in the log and the history', async () => {
    webhook.answer(404);
    const run = await fail();
    expect(webhook.notices).toEqual([]);
    const { events } = await run.fetchHistory();
    const failed = events?.findLast((event) => event.activityTaskFailedEventAttributes);
    expect(failed?.activityTaskFailedEventAttributes?.failure?.message).toMatch(/webhook at .* answers 404/);
    await eventually('a line in the log', () =>
      reporting.worker.log().includes('The end of the run was not reported'),
    );
    const record = await lab.failedRun();
    expect(record).toMatchObject({
      runId: run.firstExecutionRunId,
      error: expect.stringContaining('tables failed') as string,
    });
  });

  it.skipIf(notCounted)(`counts once, and as 0 where it did not fail${notCounted}`, async () => {
    const before = await failures();
    await fail();
    expect(await failures()).toEqual({ sum: before.sum + 1, count: before.count + 1 });
    webhook.answer(503, 503);
    await fail();
    expect(await failures()).toEqual({ sum: before.sum + 2, count: before.count + 2 });
    await (await lab.run({ interval: DAY, tables: ['prices'] })).result();
    expect(await failures()).toEqual({ sum: before.sum + 2, count: before.count + 3 });
  });
});
