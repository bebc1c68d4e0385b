import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pastOf, planBackfill } from '../../core/backfill.ts';
import { toInstant } from '../../core/interval.ts';
import { openWarehouse } from '../../profiles/open.ts';
import { day, Lab } from './lab.ts';
import { registry, SMALL } from './shop.ts';
import { changeWarehouse, sql } from './state.ts';

const SPAN = '2024-03-01/2024-03-07';
let lab: Lab;

const runOver = async (interval: string, tables: readonly string[]) => {
  const run = await lab.run({ interval, tables: [...tables] });
  await run.result();
  return lab.session.ledger.steps([run.firstExecutionRunId]);
};
const counts = async (table: string, key: string) => {
  const [row] = await sql(
    lab,
    `SELECT count(*)::int AS rows, count(DISTINCT ${key})::int AS distinct_rows FROM raw_shop.${table}`,
  );
  return row;
};

beforeAll(async () => {
  lab = await Lab.open();
  await lab.startWorker();
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());

describe('rows, from the source to the warehouse', { timeout: 240_000 }, () => {
  it('are there once when days are run again that a run over more of them had brought', async () => {
    await runOver(SPAN, SMALL);
    const once = await counts('clicks', 'clicked_at');
    for (const date of ['2024-03-02', '2024-03-03']) await runOver(day(date), SMALL);
    expect(await counts('clicks', 'clicked_at')).toEqual(once);
    await runOver('2024-03-03/2024-03-05', SMALL);
    expect(await counts('clicks', 'clicked_at')).toEqual(once);
    expect(once).toEqual({ rows: 600, distinct_rows: 600 });
  });

  it('that are gone from the source are gone from the target when their day is run again, though a run over more days brought them', async () => {
    await lab.source.query(`DELETE FROM shop.clicks WHERE clicked_at < '2024-03-02Z'`);
    await runOver(day('2024-03-01'), ['clicks']);
    await lab.source.query(`INSERT INTO shop.clicks VALUES ('2024-03-01 12:00Z', '/late')`);
    await runOver(SPAN, ['clicks']);
    await lab.source.query(`DELETE FROM shop.clicks WHERE page = '/late'`);
    await runOver(day('2024-03-01'), ['clicks']); // the same rows as the first time: none
    expect(await sql(lab, `SELECT page FROM raw_shop.clicks WHERE page = '/late'`)).toEqual([]);
  });

  it('come again where the table was dropped in the warehouse', async () => {
    const date = day('2024-03-03');
    await runOver(date, SMALL);
    const before = { visits: await counts('visits', 'visit_id'), orders: await counts('orders', 'order_id') };
    for (const table of ['visits', 'orders']) await changeWarehouse(lab, `DROP TABLE raw_shop.${table}`);
    await runOver(date, SMALL);
    expect(await counts('visits', 'visit_id')).toEqual(before.visits);
    expect(await counts('orders', 'order_id')).toEqual(before.orders);
  });

  it('are missing in a plan where their table was dropped in the warehouse', async () => {
    await runOver(SPAN, SMALL);
    const plan = async () => {
      const warehouse = await openWarehouse(lab.profile);
      const past = pastOf(lab.session.ledger, { present: (...asked) => warehouse.present(...asked) });
      const request = { pipeline: 'shop', from: '2024-03-01', to: '2024-03-07' };
      const planned = planBackfill(registry, request, toInstant(new Date()), past);
      return planned.finally(() => warehouse.close());
    };
    // Of the tables that a run brings whatever its interval, some were left out.
    expect(await plan()).toMatchObject({ total: 0, finish: true });
    await changeWarehouse(lab, 'DROP TABLE raw_shop.clicks');
    expect(await plan()).toMatchObject({ total: 6 });
  });

  it('that an open transaction holds up are told of, and the table is as fresh as it was read', async () => {
    const release = await lab.holdInSource('BEGIN; SELECT 1');
    const end = toInstant(new Date(Date.now() + 2_000)); // of whole seconds, and after the transaction's begin
    const interval = `2024-03-01T00:00:00Z/${end}`;
    await expect.poll(() => Date.now(), { timeout: 5_000 }).toBeGreaterThan(Date.parse(end) + 1_000);
    const change = async () => {
      const run = await lab.run({ pipeline: 'shop_changing', interval });
      await run.result();
      const steps = await lab.session.ledger.steps([run.firstExecutionRunId]);
      return {
        check: steps.find(({ step }) => step === 'check')?.result,
        upTo: (await lab.session.ledger.loadedUpTo('shop_changing', ['changes']))['changes'] ?? '',
      };
    };
    const held = await change();
    expect(held.upTo < end).toBe(true);
    expect(held.check).toMatchObject({
      warnings: [
        expect.stringMatching(
          new RegExp(
            `^changes: the source was read up to ${held.upTo} only.*open transaction of pid .*pg_stat_activity`,
          ),
        ),
      ],
    });
    await release();
    const free = await change();
    expect(free.check).not.toHaveProperty('warnings');
    expect(free.upTo).toBe(end);
  });

  it('that were committed late are told of by the next run, with what to do', async () => {
    await runOver(day('2024-03-01'), ['orders']);
    await lab.source.query(
      `INSERT INTO shop.orders VALUES (9001, '2024-03-01 12:00Z', 'late', 1), (9002, '2024-03-01 13:00Z', 'late', 1)`,
    );
    const warningsOf = async (date: string) =>
      (await runOver(day(date), ['orders'])).find(({ step }) => step === 'check')?.result;
    expect(await warningsOf('2024-03-02')).toMatchObject({
      warnings: [
        `orders: the source has 102 rows of 2024-03-01Z/2024-03-02Z by now, 100 were loaded of it: the others were committed late. ` +
          `Load them with 'sluice run shop --interval 2024-03-01T00:00:00Z/2024-03-02T00:00:00Z'.`,
      ],
    });
    await runOver(day('2024-03-01'), ['orders']);
    expect(await warningsOf('2024-03-02')).not.toHaveProperty('warnings');
  });
});
