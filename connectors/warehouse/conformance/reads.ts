import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';
import { aTable, day } from './fixtures.ts';

const NOON = '2018-01-01 12:00:00';

export function readsConform({ load, warehouse, execute }: Bench): void {
  const landed = async (...loads: readonly (readonly [table: string, loadId: string])[]) =>
    Object.fromEntries(
      await warehouse().landed(
        'shop',
        loads.map(([table, loadId]) => ({ table, loadId })),
      ),
    );

  describe('what has landed', () => {
    it('is nothing before the first load', async () => {
      expect(await landed(['orders', 'l1'])).toEqual({ l1: 0 });
      expect(await landed()).toEqual({});
    });

    it('is counted load by load, and table by table', async () => {
      const files = [[[1, NOON, 'a']], [[2, NOON, 'b']]] as const;
      await load({ loadId: 'l1', files });
      await load({ loadId: 'l2', interval: day(2), files: [[[2, NOON, 'B']]] });
      await load({ loadId: 'l3', table: aTable({ name: 'others' }), files });
      expect(await landed(['orders', 'l1'], ['orders', 'l2'], ['others', 'l3'], ['others', 'l9'])).toEqual({
        l1: 1,
        l2: 1,
        l3: 2,
        l9: 0,
      });
    });

    it('is nothing of a table that was dropped, and what it is of the others', async () => {
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']]] });
      await load({ loadId: 'l2', table: aTable({ name: 'others' }), files: [[[1, NOON, 'a']]] });
      await execute('DROP TABLE raw_shop.orders');
      expect(await landed(['orders', 'l1'], ['others', 'l2'], ['nothing', 'l3'])).toEqual({
        l1: 0,
        l2: 1,
        l3: 0,
      });
      expect(await warehouse().appliedLoadIds()).toEqual(new Set(['l1', 'l2']));
      expect(await warehouse().lastLoad('shop', 'orders')).toMatchObject({ loadId: 'l1' });
    });
  });

  describe('which tables are there', () => {
    it('is none before the first load, and what loads have made and nobody has dropped', async () => {
      const present = () => warehouse().present('shop', ['orders', 'others', 'nothing']);
      expect(await present()).toEqual(new Set());
      await load({ loadId: 'l1', files: [] });
      await load({ loadId: 'l2', table: aTable({ name: 'others' }), files: [[[1, NOON, 'a']]] });
      expect(await present()).toEqual(new Set(['orders', 'others']));
      await execute('DROP TABLE raw_shop.others');
      expect(await present()).toEqual(new Set(['orders']));
    });
  });

  describe('the last load', () => {
    it('of an interval is the last of those that overlap it', async () => {
      const files = [[[1, NOON, 'a']]] as const;
      const whole = { start: day(1).start, end: day(4).end };
      await load({ loadId: 'l1', interval: whole, files });
      await load({ loadId: 'l2', interval: day(2), files });
      const last = async (interval: typeof whole) =>
        (await warehouse().lastLoad('shop', 'orders', interval))?.loadId;
      expect(await Promise.all([day(1), day(2), day(3), day(5), whole].map(last))).toEqual([
        'l1',
        'l2',
        'l1',
        undefined,
        'l2',
      ]);
    });
  });

  describe('handing over', () => {
    it('tells the one who takes over where the warehouse is, and gives what comes of it', async () => {
      const given = await warehouse().handOver((environment) => Promise.resolve(Object.entries(environment)));
      expect(given.length).toBeGreaterThan(0);
      for (const [name, value] of given) {
        expect(name).toMatch(/^SLUICE_/);
        expect(value).not.toBe('');
      }
    });

    it('passes on what goes wrong there as it is, and goes on', async () => {
      const failure = new Error('not the warehouse’s affair');
      await expect(warehouse().handOver(() => Promise.reject(failure))).rejects.toBe(failure);
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']]] });
    });

    it('does not begin when nobody wants it any more', async () => {
      const reason = new Error('cancelled');
      let used = false;
      const taken = warehouse().handOver(() => {
        used = true;
        return Promise.resolve();
      }, AbortSignal.abort(reason));
      await expect(taken).rejects.toBe(reason);
      expect(used).toBe(false);
    });
  });
}
