import { describe, expect, it } from 'vitest';
import type { Bench } from './conformance-bench.ts';
import { aTable, columns, day } from './fixtures.ts';

const ORDERS = 'SELECT id, note, _load_id FROM raw_shop.orders ORDER BY id, note';
const NOON = '2018-01-01 12:00:00';

export function idempotencyConforms({ load, rows, warehouse, execute }: Bench): void {
  describe('loads that come again', () => {
    for (const write of ['append', 'replace', 'merge', 'replace-interval'] as const) {
      it(`applies a load id once (${write})`, async () => {
        const fields = { loadId: 'l1', table: aTable({ write }), files: [[[1, NOON, 'a']]] };
        const first = await load(fields);
        const second = await load(fields);
        expect(first.alreadyApplied).toBe(false);
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
          message: expect.stringMatching(/raw_shop\.orders.*l1.*2018-01-01\/2018-01-02.*l2/) as string,
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

    it('refuses to append what was read past a mark that another load has moved since', async () => {
      const table = aTable({
        write: 'append',
        primaryKey: [],
        extract: { mode: 'incremental', cursor: 'id', cursorNulls: 'fail', lookback: '0 seconds' },
      });
      const files = [[[1, NOON, 'a']]] as const;
      const first = { loadId: 'l1', table, mark: '1', manifest: { since: null }, files };
      await load(first);
      await expect(
        load({ loadId: 'l2', table, interval: day(2), mark: '1', manifest: { since: null }, files }),
      ).rejects.toMatchObject({ name: 'MarkMoved' });
      expect((await load(first)).alreadyApplied).toBe(true);
      await load({
        loadId: 'l3',
        table,
        interval: day(2),
        mark: '2',
        manifest: { since: '1' },
        files: [[[2, NOON, 'b']]],
      });
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
        expect((await load(fields)).alreadyApplied).toBe(false);
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

  describe('the high-water mark', () => {
    for (const [type, low, high] of [
      ['int64', '9', '10'],
      ['decimal(12,2)', '9.50', '10'],
      ['timestamp', '2018-01-01 09:00:00', '2018-01-01 09:00:00.000001'],
      ['timestamptz', '2018-01-01 11:00:00+02', '2018-01-01 10:00:00+00'],
      ['string', 'a', 'b'],
    ] as const) {
      it(`is never lowered, compared as ${type}`, async () => {
        const schema = columns({ id: 'int64', at: type });
        const table = aTable({
          extract: { mode: 'incremental', cursor: 'at', cursorNulls: 'fail', lookback: '0 seconds' },
        });
        const common = { table, columns: schema };
        await load({ ...common, loadId: 'l1', mark: high, files: [[[1, high]]] });
        const second = await load({
          ...common,
          loadId: 'l2',
          interval: day(2),
          mark: low,
          files: [[[2, low]]],
        });
        expect(second.highWaterMark).toBe(high);
        const third = await load({ ...common, loadId: 'l3', interval: day(3), files: [] });
        expect(third.highWaterMark).toBe(high);
      });
    }

    it('rises, and is the last applied load’s even when that one is older', async () => {
      await load({ loadId: 'l2', interval: day(2), mark: '2018-01-02', files: [[[1, NOON, 'a']]] });
      await load({ loadId: 'l1', interval: day(1), mark: '2018-01-01', files: [[[2, NOON, 'b']]] });
      const last = await warehouse().lastLoad('shop', 'orders');
      expect(last).toMatchObject({ loadId: 'l1', highWaterMark: '2018-01-02' });
      expect(await warehouse().lastLoad('shop', 'orders', day(2))).toMatchObject({ loadId: 'l2' });
      expect(await warehouse().lastLoad('shop', 'orders', day(3))).toBeUndefined();
    });
  });
}
