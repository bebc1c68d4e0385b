import { describe, expect, it } from 'vitest';
import type { CareRequest } from '../port.ts';
import type { Bench } from './bench.ts';
import { aTable, day } from './fixtures.ts';

const NOON = '2018-01-01 12:00:00';
const LIMITS = { unsorted: 5, deleted: 5, stale: 10, skew: 1.4 };
/** Everything that the warehouse counts at all is beyond these. */
const STRICT = { unsorted: 0, deleted: 0, stale: 0, skew: 1 };
const never = new AbortController().signal;

export function careConforms({ load, warehouse, execute, rows }: Bench): void {
  const wanted = (fields: Partial<CareRequest> = {}): CareRequest => ({
    schemas: ['raw_shop'],
    layouts: [],
    limits: LIMITS,
    dryRun: false,
    ...fields,
  });
  const all = () => rows('SELECT id, note, _load_id FROM raw_shop.orders ORDER BY id, note, _load_id');

  describe('care', () => {
    it('has nothing to look at before the first load, and in schemas that are not there', async () => {
      const report = { looked: 0, steps: [], passedOver: [] };
      expect(await warehouse().care(wanted(), never)).toMatchObject(report);
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']]] });
      expect(await warehouse().care(wanted({ schemas: ['raw_other'] }), never)).toMatchObject({
        ...report,
        steps: [],
      });
    });

    it('says what it would do and why, and does nothing in a dry run', async () => {
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']]] });
      const heard: string[] = [];
      const report = await warehouse().care(wanted({ dryRun: true }), never, ({ does }) => heard.push(does));
      expect(report.looked).toBe(1);
      expect(report.steps.map(({ does }) => does)).toContain('analyze');
      for (const { why, sql, seconds } of report.steps) {
        expect(why).not.toBe('');
        expect(sql.length).toBeGreaterThan(0);
        expect(seconds).toBeNull();
      }
      expect(heard).toEqual(report.steps.map(({ does }) => does));
    });

    it('changes no row, whatever it does, and loads go on as before', async () => {
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']], [[2, NOON, 'b']]] });
      await load({ loadId: 'l2', interval: day(2), files: [[[2, NOON, 'B']]] });
      const before = await all();
      const report = await warehouse().care(wanted({ limits: STRICT }), never);
      expect(report.steps.length).toBeGreaterThan(0);
      for (const { seconds } of report.steps) expect(seconds).toBeGreaterThanOrEqual(0);
      expect(await all()).toEqual(before);
      await load({ loadId: 'l3', interval: day(3), files: [[[3, NOON, 'c']]] });
      expect(await all()).toEqual([...before, [expect.anything(), 'c', 'l3']]);
      expect(
        Object.fromEntries(await warehouse().landed('shop', [{ table: 'orders', loadId: 'l2' }])),
      ).toEqual({ l2: 1 });
    });

    it('looks at the tables that are named alone, and says which of them have nothing to look at', async () => {
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']]] });
      await load({ loadId: 'l2', table: aTable({ name: 'others' }), files: [[[1, NOON, 'a']]] });
      await execute('DELETE FROM raw_shop.others');
      const named = ['orders', 'missing'].map((table) => ({ schema: 'raw_shop', table }));
      const report = await warehouse().care(wanted({ tables: named, limits: STRICT }), never);
      expect(report.looked).toBe(1);
      expect(new Set(report.steps.map(({ table }) => table).filter(Boolean))).toEqual(new Set(['orders']));
      expect(report.passedOver).toEqual([
        { schema: 'raw_shop', table: 'missing', why: expect.stringMatching(/./) as string },
      ]);
    });

    it('does not begin when nobody wants it any more', async () => {
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']]] });
      const reason = new Error('cancelled');
      await expect(warehouse().care(wanted({ limits: STRICT }), AbortSignal.abort(reason))).rejects.toBe(
        reason,
      );
    });
  });

  describe('what a query has cost', () => {
    it('is told, and why where it is not counted', async () => {
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']], [[2, NOON, 'b']]] });
      const cost = await warehouse().measure('SELECT COUNT(*) FROM raw_shop.orders WHERE id > 1');
      expect(cost.seconds).toBeGreaterThan(0);
      if (cost.rowsScanned !== null) expect(cost.rowsScanned).toBe(2);
      expect(cost.unknown === null).toBe(cost.rowsScanned !== null && cost.bytesScanned !== null);
    });

    it('is not told of what writes', async () => {
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']]] });
      await expect(warehouse().measure('DELETE FROM raw_shop.orders')).rejects.toThrow();
      await expect(warehouse().measure('SELECT 1; SELECT 2')).rejects.toThrow('one statement');
      expect(await all()).toHaveLength(1);
    });
  });
}
