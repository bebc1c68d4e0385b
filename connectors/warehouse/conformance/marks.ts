import { describe, expect, it } from 'vitest';
import type { CursorName } from '../../../core/mark.ts';
import type { Bench } from './bench.ts';
import { aTable, columns, day } from './fixtures.ts';

const NOON = '2018-01-01 12:00:00';
const IDS = 'SELECT id FROM raw_shop.orders ORDER BY id';
const incremental = (cursor: string) =>
  ({ mode: 'incremental', cursor, cursorNulls: 'fail', lookback: '0 seconds' }) as const;
const BY_ID: CursorName = { column: 'id', type: 'number' };
const BY_TIME: CursorName = { column: 'at', type: 'timestamp' };

export function marksConform({ load, rows, warehouse, execute }: Bench): void {
  const appended = aTable({ write: 'append', primaryKey: [], extract: incremental('id') });
  const merged = aTable({ extract: incremental('id') });
  /** Loads of one row each, read one after the other. */
  const loadOne = (id: number, table: typeof appended, since: string | null) =>
    load({
      loadId: `l${id}`,
      table,
      interval: day(id),
      mark: String(id),
      manifest: { since, cursor: BY_ID },
      files: [[[id, NOON, 'a']]],
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

    it('is where an incremental extraction goes on, with what it is a value of', async () => {
      expect(await warehouse().mark('shop', 'orders')).toBeUndefined();
      await loadOne(1, merged, null);
      expect(await warehouse().mark('shop', 'orders')).toEqual({ value: '1', cursor: BY_ID });
      await load({
        loadId: 'l2',
        table: merged,
        interval: day(2),
        manifest: { since: '1', cursor: BY_ID },
        files: [],
      });
      expect(await warehouse().mark('shop', 'orders')).toEqual({ value: '1', cursor: BY_ID });
    });

    it('is its own table’s, however many loads others have had', async () => {
      const named = (name: string) => ({ ...appended, name });
      const marks = () =>
        Promise.all(['orders', 'items', 'returns'].map((name) => warehouse().mark('shop', name)));
      await loadOne(1, appended, null);
      await loadOne(70, named('items'), null);
      expect(await marks()).toMatchObject([{ value: '1' }, { value: '70' }, undefined]);
      await loadOne(71, named('items'), '70');
      await loadOne(5, named('returns'), null);
      expect(await marks()).toMatchObject([{ value: '1' }, { value: '71' }, { value: '5' }]);
      await loadOne(2, appended, '1');
      expect(await marks()).toMatchObject([{ value: '2' }, { value: '71' }, { value: '5' }]);
    });

    it('is not left by loads of an interval, which say nothing of what came before', async () => {
      await load({ loadId: 'l1', mark: NOON, manifest: { cursor: BY_TIME }, files: [[[1, NOON, 'a']]] });
      expect(await warehouse().mark('shop', 'orders')).toBeUndefined();
    });

    it('is not carried on to another cursor, nor to another type of it', async () => {
      await loadOne(9, merged, null);
      const byTime = aTable({ extract: incremental('at') });
      const at = '2018-01-01 12:00:00+00';
      const zoned = { column: 'at', type: 'timestamptz' } as const;
      for (const [loadId, mark, cursor] of [
        ['m1', NOON, BY_TIME],
        ['m2', at, zoned],
      ] as const) {
        await load({
          loadId,
          table: byTime,
          interval: day(2),
          mark,
          manifest: { since: null, cursor },
          files: [[[9, NOON, 'a']]],
        });
        expect(await warehouse().mark('shop', 'orders')).toEqual({ value: mark, cursor });
      }
    });

    it('compares numbers as numbers, whatever the pipeline makes of their column', async () => {
      const schema = columns({ id: 'string', at: 'timestamp', note: 'string' });
      for (const [loadId, id] of [
        ['l1', '10'],
        ['l2', '9'],
      ] as const)
        await load({
          loadId,
          table: merged,
          columns: schema,
          interval: day(Number(loadId.slice(1))),
          mark: id,
          manifest: { since: null, cursor: BY_ID },
          files: [[[id, NOON, 'a']]],
        });
      expect(await warehouse().mark('shop', 'orders')).toMatchObject({ value: '10' });
    });

    it('goes with the target: a table that was dropped is read from its beginning', async () => {
      await loadOne(1, merged, null);
      await loadOne(2, merged, '1');
      await execute('DROP TABLE raw_shop.orders');
      expect(await warehouse().mark('shop', 'orders')).toBeUndefined();
      await expect(loadOne(3, merged, '2')).rejects.toMatchObject({ name: 'MarkMoved' });
      await load({
        loadId: 'l4',
        table: merged,
        interval: day(4),
        mark: '1',
        manifest: { since: null, cursor: BY_ID },
        files: [[[1, NOON, 'a']]],
      });
      expect(await warehouse().mark('shop', 'orders')).toEqual({ value: '1', cursor: BY_ID });
    });

    for (const [write, table] of [
      ['append', appended],
      ['merge', merged],
    ] as const) {
      for (const [how, ...statements] of [
        ['emptied', 'DELETE FROM raw_shop.orders'],
        [
          'made anew',
          'CREATE TABLE raw_shop.aside AS SELECT * FROM raw_shop.orders',
          'DROP TABLE raw_shop.orders',
          'CREATE TABLE raw_shop.orders AS SELECT * FROM raw_shop.aside WHERE 1 = 0',
          'DROP TABLE raw_shop.aside',
        ],
      ] as const) {
        it(`goes with the rows: a table that was ${how} is read from its beginning (${write})`, async () => {
          await loadOne(1, table, null);
          await loadOne(2, table, '1');
          await load({
            loadId: 'l3',
            table,
            interval: day(3),
            manifest: { since: '2', cursor: BY_ID },
            files: [],
          });
          for (const statement of statements) await execute(statement);
          expect(await warehouse().mark('shop', 'orders')).toBeUndefined();
          await expect(loadOne(4, table, '2')).rejects.toMatchObject({ name: 'MarkMoved' });
          await load({
            loadId: 'l5',
            table,
            interval: day(5),
            mark: '2',
            manifest: { since: null, cursor: BY_ID },
            files: [[[1, NOON, 'a']], [[2, NOON, 'a']]],
          });
          expect(await warehouse().mark('shop', 'orders')).toEqual({ value: '2', cursor: BY_ID });
          expect(await rows(IDS)).toEqual([['1'], ['2']]);
        });
      }

      it(`does not come back with the newest rows alone, where they were all taken away (${write})`, async () => {
        await loadOne(1, table, null);
        await loadOne(2, table, '1');
        await execute('DELETE FROM raw_shop.orders');
        await loadOne(2, table, '1');
        expect(await rows(IDS)).toEqual([['2']]);
        expect(await warehouse().mark('shop', 'orders')).toBeUndefined();
      });

      it(`comes back with the rows that it stands for, one load after the other (${write})`, async () => {
        await loadOne(1, table, null);
        await loadOne(2, table, '1');
        await execute('DROP TABLE raw_shop.orders');
        await loadOne(1, table, null);
        expect(await warehouse().mark('shop', 'orders')).toMatchObject({ value: '1' });
        await loadOne(2, table, '1');
        expect(await warehouse().mark('shop', 'orders')).toMatchObject({ value: '2' });
        expect(await rows(IDS)).toEqual([['1'], ['2']]);
      });

      it(`does not come back with the later rows alone (${write})`, async () => {
        await loadOne(1, table, null);
        await loadOne(2, table, '1');
        await execute('DROP TABLE raw_shop.orders');
        await loadOne(2, table, '1');
        expect(await rows(IDS)).toEqual([['2']]);
        expect(await warehouse().mark('shop', 'orders')).toBeUndefined();
      });
    }

    it('does not hold where the newest rows are gone: merged again from the beginning, refused where rows would come twice', async () => {
      for (const table of [merged, appended]) {
        await loadOne(1, table, null);
        await loadOne(2, table, '1');
        await execute(`DELETE FROM raw_shop.orders WHERE id = 2`);
        expect(await warehouse().mark('shop', 'orders')).toBeUndefined();
        const whole = load({
          loadId: `l3-${table.write}`,
          table,
          interval: day(3),
          mark: '2',
          manifest: { since: null, cursor: BY_ID },
          files: [[[1, NOON, 'a']], [[2, NOON, 'a']]],
        });
        if (table === merged) expect(await whole).toMatchObject({ highWaterMark: '2' });
        else await expect(whole).rejects.toThrow(/Drop raw_shop\.orders.*or use 'merge'/);
        await execute('DROP TABLE raw_shop.orders');
        await execute('DELETE FROM _sluice.loads');
      }
    });

    it('holds where later loads have replaced every row of the one that left it', async () => {
      await loadOne(1, merged, null);
      await load({ loadId: 'l2', interval: day(1), files: [[[1, NOON, 'b']]] });
      expect(await warehouse().mark('shop', 'orders')).toEqual({ value: '1', cursor: BY_ID });
      await loadOne(3, merged, '1');
    });

    it('does not let a table be appended to from its beginning when it has rows', async () => {
      await load({ loadId: 'l1', table: aTable({ write: 'append' }), files: [[[1, NOON, 'a']]] });
      await expect(loadOne(2, appended, null)).rejects.toThrow(/Drop raw_shop\.orders.*or use 'merge'/);
      expect(await rows(IDS)).toEqual([['1']]);
    });

    it('is read from bookkeeping of an older version, which does not say whose it is', async () => {
      await loadOne(1, merged, null);
      await execute('ALTER TABLE _sluice.loads DROP COLUMN cursor_column');
      await execute('ALTER TABLE _sluice.loads DROP COLUMN cursor_type');
      expect(await warehouse().lastLoad('shop', 'orders')).toMatchObject({ loadId: 'l1' });
      expect(await warehouse().mark('shop', 'orders')).toEqual({ value: '1', cursor: null });
      await loadOne(2, merged, '1');
      expect(await warehouse().mark('shop', 'orders')).toEqual({ value: '2', cursor: BY_ID });
      expect(await rows('SELECT load_id, cursor_column FROM _sluice.loads ORDER BY load_id')).toEqual([
        ['l1', null],
        ['l2', 'id'],
      ]);
    });
  });
}
