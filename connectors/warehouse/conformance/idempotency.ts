import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';
import { aTable, day } from './fixtures.ts';

const ORDERS = 'SELECT id, note, _load_id FROM raw_shop.orders ORDER BY id, note';
const NOON = '2018-01-01 12:00:00';

export function idempotencyConforms({ load, rows, warehouse, execute }: Bench): void {
  describe('loads that come again', () => {
    for (const write of ['append', 'replace', 'merge', 'replace-interval'] as const) {
      it(`applies a load id once (${write})`, async () => {
        const fields = { loadId: 'l1', table: aTable({ write }), files: [[[1, NOON, 'a']]] };
        const first = await load(fields);
        const second = await load(fields);
        expect(first).toMatchObject({ alreadyApplied: false, madeTarget: true });
        expect(second).toEqual({ ...first, alreadyApplied: true });
        expect(await rows(ORDERS)).toEqual([['1', 'a', 'l1']]);
      });

      it(`gives the same rows when an interval is extracted and loaded again (${write})`, async () => {
        const fields = { table: aTable({ write }), files: [[[1, NOON, 'a']], [[2, NOON, 'b']]] };
        await load({ ...fields, loadId: 'l1' });
        await load({ ...fields, loadId: 'l2' });
        expect(await rows('SELECT id, note FROM raw_shop.orders ORDER BY id')).toEqual([
          ['1', 'a'],
          ['2', 'b'],
        ]);
      });

      it(`refuses a load whose interval a newer one has taken (${write})`, async () => {
        const table = aTable({ write });
        await load({ loadId: 'l2', table, files: [[[1, NOON, 'new']]] });
        await expect(load({ loadId: 'l1', table, files: [[[1, NOON, 'old']]] })).rejects.toMatchObject({
          name: 'IntervalTaken',
          message: expect.stringMatching(/raw_shop\.orders.*l1.*2018-01-01Z\/2018-01-02Z.*l2/) as string,
        });
        expect(await rows(ORDERS)).toEqual([['1', 'new', 'l2']]);
      });
    }

    it('refuses an older snapshot after a newer one, whatever its interval', async () => {
      const table = aTable({ write: 'replace', extract: { mode: 'snapshot' } });
      await load({ loadId: 'l2', table, interval: day(2), files: [[[1, NOON, 'new']]] });
      await expect(load({ loadId: 'l1', table, interval: day(1), files: [] })).rejects.toMatchObject({
        name: 'IntervalTaken',
      });
    });

    it('keeps what an incremental append brought when its interval is run again', async () => {
      const table = aTable({
        write: 'append',
        primaryKey: [],
        extract: { mode: 'incremental', cursor: 'at', cursorNulls: 'fail', lookback: '0 seconds' },
      });
      await load({ loadId: 'l1', table, files: [[[1, NOON, 'a']]] });
      await load({ loadId: 'l2', table, files: [[[2, NOON, 'b']]] });
      expect(await rows('SELECT id FROM raw_shop.orders ORDER BY id')).toEqual([['1'], ['2']]);
    });

    it('does nothing for a load whose rows newer loads have replaced', async () => {
      const first = { loadId: 'l1', files: [[[1, NOON, 'a']]] };
      await load(first);
      await load({ loadId: 'l2', interval: day(2), files: [[[1, NOON, 'b']]] });
      await load(first);
      expect(await rows(ORDERS)).toEqual([['1', 'b', 'l2']]);
    });

    for (const write of ['append', 'replace', 'merge', 'replace-interval'] as const) {
      it(`puts an applied load back when its table was dropped by hand (${write})`, async () => {
        const fields = { loadId: 'l1', table: aTable({ write }), files: [[[1, NOON, 'a']]] };
        await load(fields);
        await execute('DROP TABLE raw_shop.orders');
        expect(await load(fields)).toMatchObject({ alreadyApplied: false, madeTarget: true });
        expect(await rows(ORDERS)).toEqual([['1', 'a', 'l1']]);
        expect(await rows('SELECT count(*) FROM _sluice.loads')).toEqual([['1']]);
      });
    }

    it('names every load that rows come from, and the newest of each interval', async () => {
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']], [[2, NOON, 'a']]] });
      await load({ loadId: 'l2', interval: day(2), files: [[[1, NOON, 'b']]] });
      await load({ loadId: 'l3', interval: day(2), files: [[[1, NOON, 'c']]] });
      await load({ loadId: 'l4', interval: day(3), files: [] });
      expect(await warehouse().appliedLoadIds()).toEqual(new Set(['l1', 'l3', 'l4']));
    });
  });
}
