import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBackfill, untilProgress } from './backfill.ts';
import { lockTable, untilBlocked } from './holder.ts';
import { Lab } from './lab.ts';

const MANY = 100_000;
const FROM = '2022-01-01';
const TO = new Date(Date.parse(FROM) + MANY * 600_000).toISOString().slice(0, 19) + 'Z';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
  await lab.startWorker();
});
afterAll(() => lab.close());

describe('a backfill of 100,000 intervals', { timeout: 180_000 }, () => {
  it('starts, runs, is paused and cancelled like one of three, in a history that does not know them', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const began = performance.now();
    const backfill = await startBackfill(lab, FROM, TO, { pipeline: 'shop_often', concurrency: 1 });
    await untilProgress(backfill, 'the first interval to begin', ({ running }) => running.length === 1);
    process.stdout.write(
      `first of ${MANY} intervals begun after ${Math.round(performance.now() - began)} ms\n`,
    );
    await untilBlocked(lab);
    expect((await lab.session.ledger.backfills({ pipeline: 'shop_often' }))[0]).toMatchObject({
      total: MANY,
      succeeded: 0,
    });
    expect(await lab.session.ledger.plannedIntervals(backfill.workflowId, MANY - 1, 10)).toHaveLength(1);

    await backfill.executeUpdate('pause');
    await unlock();
    const paused = await untilProgress(backfill, 'the first to end', ({ succeeded }) => succeeded === 1);
    expect(paused).toMatchObject({ total: MANY, started: 1, paused: true });
    expect(await backfill.executeUpdate('cancel')).toMatchObject({ cancelled: true });
    expect(await backfill.result()).toMatchObject({ total: MANY, succeeded: 1 });
    const { raw } = await backfill.describe();
    expect(Number(raw.workflowExecutionInfo?.historySizeBytes)).toBeLessThan(50_000);
    expect((await lab.session.ledger.backfills({ pipeline: 'shop_often' }))[0]).toMatchObject({
      outcome: 'cancelled',
      succeeded: 1,
    });
  });
});
