import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { daysOf, progressOf, runsOf, startBackfill, statesOf, untilProgress } from './backfill.ts';
import { lockTable, untilBlocked } from './holder.ts';
import { setConcurrency } from '../../operations/control.ts';
import { intervalText } from '../../core/interval.ts';
import { day, Lab } from './lab.ts';
import { leftovers, NOTHING, state } from './state.ts';
import { eventually } from './wait.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
  await lab.startWorker();
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());

describe('backfillPipeline', { timeout: 120_000 }, () => {
  it('runs every interval of the range once, oldest first, then snapshots once', async () => {
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-05', { concurrency: 1 });
    expect(await backfill.result()).toMatchObject({ total: 4, succeeded: 4, failed: 0, running: [] });
    expect(await daysOf(lab, backfill)).toEqual(['03-01', '03-02', '03-03', '03-04']);
    const runs = await runsOf(lab, backfill);
    expect(runs.map((run) => run.startedAt)).toEqual(runs.map((run) => run.startedAt).sort());
    expect(await state(lab)).toMatchObject({
      orders: { rows: '400', loads: '4' },
      clicks: { rows: '400' },
      visits: { rows: '300' },
      prices: { rows: '50', loads: '1', applied: [{ rows_loaded: '50' }] },
    });
    const [record] = await lab.session.ledger.backfills({ pipeline: 'shop' });
    expect(record).toMatchObject({ outcome: 'succeeded', total: 4, succeeded: 4, failed: 0 });
  });

  it('never has more runs going than its concurrency, whatever it is set to meanwhile', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-07', { concurrency: 2 });
    await untilProgress(backfill, 'two runs', ({ running }) => running.length === 2);
    await untilBlocked(lab);
    expect((await progressOf(backfill)).running).toHaveLength(2);
    expect(await daysOf(lab, backfill)).toEqual(['03-01', '03-02']);

    await setConcurrency(lab.session, backfill.workflowId, 3, 'somebody');
    expect(await progressOf(backfill)).toMatchObject({ concurrency: 3 });
    expect(
      (await untilProgress(backfill, 'a third run', ({ running }) => running.length > 2)).running,
    ).toHaveLength(3);
    await expect(setConcurrency(lab.session, backfill.workflowId, 51, 'somebody')).rejects.toThrow(
      /a whole number from 1 to 50, not 51/,
    );
    await expect(setConcurrency(lab.session, 'backfill-nobody', 2, 'somebody')).rejects.toThrow(
      'Temporal does not know backfill-nobody',
    );
    await backfill.executeUpdate('setConcurrency', { args: [1] });
    await unlock();
    await backfill.result();
    expect(mostAtOnce((await runsOf(lab, backfill)).slice(3))).toBe(1);
    expect(mostAtOnce(await runsOf(lab, backfill))).toBe(3);
  });

  it('starts nothing while it is paused, and goes on where it was', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-04', { concurrency: 1 });
    await untilBlocked(lab);
    expect(await backfill.executeUpdate('pause')).toMatchObject({ paused: true });
    await unlock();
    const paused = await untilProgress(
      backfill,
      'the running interval to end',
      ({ running }) => !running.length,
    );
    expect(paused).toMatchObject({ started: 1, succeeded: 1, paused: true });
    expect(await daysOf(lab, backfill)).toEqual(['03-01']);
    expect(await backfill.executeUpdate('resume')).toMatchObject({ paused: false });
    expect(await backfill.result()).toMatchObject({ succeeded: 3 });
  });

  it('ends its running intervals when it is cancelled, starts no more, and leaves nothing behind', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-07', { concurrency: 2 });
    await untilProgress(backfill, 'two runs', ({ running }) => running.length === 2);
    await eventually('both runs in the ledger', async () => (await runsOf(lab, backfill)).length === 2);
    await untilBlocked(lab);
    await backfill.executeUpdate('cancel');
    await backfill.result();
    const runs = await runsOf(lab, backfill);
    expect(runs.map((run) => run.outcome)).toEqual(['cancelled', 'cancelled']);
    const [record] = await lab.session.ledger.backfills({ pipeline: 'shop' });
    expect(record).toMatchObject({ outcome: 'cancelled', succeeded: 0 });
    await unlock();
    expect(await leftovers(lab)).toMatchObject({ ...NOTHING, strayLoads: expect.any(Array) as unknown[] });
    // A table that was extracted when the cancel came has a load in the lake, which the next run replaces.
    const again = await startBackfill(lab, '2024-03-01', '2024-03-07');
    expect(await again.result()).toMatchObject({ total: 6, succeeded: 6 });
    expect(await leftovers(lab)).toEqual(NOTHING);
  });

  it('fails naming the interval that failed, which alone is then missing', async () => {
    await lab.source.query(`INSERT INTO shop.orders SELECT * FROM shop.orders WHERE order_id = 150`);
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-04');
    await expect(backfill.result()).rejects.toMatchObject({
      cause: {
        message: expect.stringMatching(
          /1 of 3 intervals failed:\n {2}- 2024-03-02Z\/2024-03-03Z: [^]*orders: .*not unique[^]*'failed'/,
        ) as string,
      },
    });
    await lab.source.query(
      `DELETE FROM shop.orders WHERE ctid IN (SELECT max(ctid) FROM shop.orders WHERE order_id = 150)`,
    );

    const again = await startBackfill(lab, '2024-03-01', '2024-03-04');
    await again.result();
    expect(await daysOf(lab, again)).toEqual(['03-02']);
    const none = await startBackfill(lab, '2024-03-01', '2024-03-04', { reprocess: 'failed' });
    expect(await none.result()).toMatchObject({ total: 0 });
    const more = await startBackfill(lab, '2024-03-01', '2024-03-05', { reprocess: 'missing' });
    await more.result();
    expect(await daysOf(lab, more)).toEqual(['03-04']);
    expect(await state(lab)).toMatchObject({ orders: { rows: '400', loads: '4' } });
  });

  it('goes on where somebody has cancelled one of its runs, and tells that one as failed', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-04', { concurrency: 1 });
    const { running } = await untilProgress(backfill, 'a run', (progress) => progress.running.length === 1);
    await untilBlocked(lab);
    await lab.session.temporal.workflow.getHandle(running[0] ?? '').cancel();
    await untilProgress(backfill, 'the next run', (progress) => progress.started === 2);
    await unlock();
    await expect(backfill.result()).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/1 of 3 intervals failed:[^]* was cancelled/) as string },
    });
    expect(await statesOf(lab, backfill)).toEqual(['failed', 'succeeded', 'succeeded']);
    const again = await startBackfill(lab, '2024-03-01', '2024-03-04', { reprocess: 'failed' });
    expect(await again.result()).toMatchObject({ total: 1, succeeded: 1 });
  });

  it('leaves no interval as planned that it had begun when it was cancelled from outside', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-04', { concurrency: 2 });
    await untilProgress(backfill, 'two runs', (progress) => progress.running.length === 2);
    await untilBlocked(lab);
    await backfill.cancel();
    await expect(backfill.result()).rejects.toThrow();
    await unlock();
    expect(await statesOf(lab, backfill)).toEqual(['cancelled', 'cancelled', 'planned']);
    expect(await lab.session.ledger.backfills({ pipeline: 'shop' })).toMatchObject([
      { outcome: 'cancelled', failed: 0 },
    ]);
  });

  it('fills what a cancelled run over the whole range has not loaded', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const wide = await lab.run({ interval: day('2024-03-01', '2024-03-07'), tables: ['orders'] });
    await untilBlocked(lab);
    await wide.cancel();
    await wide.result().catch(() => undefined);
    await unlock();
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-04');
    expect(await backfill.result()).toMatchObject({ total: 3, succeeded: 3 });
    expect(await state(lab)).toMatchObject({ orders: { rows: '300' } });
  });

  it('does not run while a run over some of its days does', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const wide = await lab.run({ interval: day('2024-03-01', '2024-03-04'), tables: ['orders'] });
    await untilBlocked(lab);
    const backfill = await startBackfill(lab, '2024-03-02', '2024-03-03');
    await expect(backfill.result()).rejects.toMatchObject({
      cause: {
        message: expect.stringMatching(/2024-03-03Z: .*already being run by shop-2024-03-04/) as string,
      },
    });
    await unlock();
    await wide.result();
    expect(await state(lab)).toMatchObject({ orders: { rows: '300' } });
  });

  it('of one table leaves the others as they are', async () => {
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-03', { tables: ['clicks'] });
    expect(await backfill.result()).toMatchObject({ total: 2, succeeded: 2 });
    const now = await state(lab);
    expect(now).toMatchObject({ clicks: { rows: '200' } });
    expect(Object.keys(now)).toEqual(['clicks']);
    const all = await startBackfill(lab, '2024-03-01', '2024-03-04');
    expect(await all.result()).toMatchObject({ total: 3 });
  });

  it('changes no row and no checksum over intervals that are loaded', async () => {
    const first = await startBackfill(lab, '2024-03-01', '2024-03-04', { concurrency: 3 });
    await first.result();
    const before = await rowsOnly();
    const second = await startBackfill(lab, '2024-03-01', '2024-03-04', { reprocess: 'all', concurrency: 3 });
    expect(await second.result()).toMatchObject({ succeeded: 3 });
    expect(await rowsOnly()).toEqual(before);
  });
});

describe('runs of two intervals at the same time', { timeout: 120_000 }, () => {
  it('do not append the same rows twice: the later load is refused, and a rerun goes on from the mark', async () => {
    const unlock = await lockTable(lab, 'shop.visits');
    const runs = [
      await lab.run({ interval: day('2024-03-01'), tables: ['visits'] }),
      await lab.run({ interval: day('2024-03-02'), tables: ['visits'] }),
    ];
    await eventually('both extractions to begin', async () => {
      const steps = await lab.session.ledger.steps(runs.map((run) => run.firstExecutionRunId));
      return steps.length === 2;
    });
    await untilBlocked(lab);
    await unlock();
    const ends = await Promise.allSettled(runs.map((run) => run.result()));
    expect(await state(lab)).toMatchObject({ visits: { rows: '300' } });
    expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected']);
    const failed = await lab.failedRun();
    expect(failed.error).toMatch(/raw_shop.visits: load \S+ holds the rows past the mark.*moved its mark/);

    await lab.source.query(`INSERT INTO shop.visits (agent) VALUES ('late')`);
    const rerun = await lab.run({
      interval: intervalText(failed.interval),
      tables: ['visits'],
      resume: failed.runId,
    });
    await rerun.result();
    expect(await state(lab)).toMatchObject({ visits: { rows: '301' } });
  });
});

/** How many of these runs overlapped at most. */
function mostAtOnce(
  runs: readonly { readonly startedAt: string; readonly finishedAt: string | null }[],
): number {
  return Math.max(
    ...runs.map(
      (run) =>
        runs.filter((other) => other.startedAt <= run.startedAt && (other.finishedAt ?? '9') > run.startedAt)
          .length,
    ),
  );
}

async function rowsOnly(): Promise<unknown> {
  const tables = Object.entries(await state(lab)) as [string, { rows: string; checksum: string }][];
  return Object.fromEntries(tables.map(([table, { rows, checksum }]) => [table, { rows, checksum }]));
}
