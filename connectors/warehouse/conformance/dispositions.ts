import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';
import { aTable, columns, day } from './fixtures.ts';

const ORDERS = 'SELECT id, note FROM raw_shop.orders ORDER BY id, note';
const NOON = '2018-01-01 12:00:00';

export function dispositionsConform({ load, rows, warehouse }: Bench): void {
  describe('write dispositions', () => {
    it('appends rows, twice the same where a load brings them twice', async () => {
      const table = aTable({ write: 'append', primaryKey: [] });
      const twice = [
        [1, NOON, 'a'],
        [1, NOON, 'a'],
      ] as const;
      await load({ loadId: 'l1', table, files: [twice] });
      await load({ loadId: 'l2', table, interval: day(2), files: [[[1, '2018-01-02 12:00:00', 'a']]] });
      expect(await rows(ORDERS)).toEqual([
        ['1', 'a'],
        ['1', 'a'],
        ['1', 'a'],
      ]);
    });

    it('replaces all rows, by none where the load has none', async () => {
      const table = aTable({ write: 'replace', extract: { mode: 'snapshot' } });
      await load({ loadId: 'l1', table, files: [[[1, NOON, 'a']], [[2, NOON, 'b']]] });
      const second = await load({ loadId: 'l2', table, interval: day(2), files: [[[3, NOON, 'c']]] });
      expect(second).toMatchObject({ rowsLoaded: 1, rowsDeleted: 2, rowsOutdated: 0 });
      expect(await rows(ORDERS)).toEqual([['3', 'c']]);
      await load({ loadId: 'l3', table, interval: day(3), files: [] });
      expect(await rows(ORDERS)).toEqual([]);
    });

    it('merges by key: updates what is there, inserts what is new, keeps the rest', async () => {
      await load({
        loadId: 'l1',
        files: [
          [
            [1, NOON, 'a'],
            [2, NOON, 'b'],
          ],
        ],
      });
      const second = await load({
        loadId: 'l2',
        interval: day(2),
        files: [[[2, NOON, 'B']], [[3, NOON, 'C']]],
      });
      expect(second).toMatchObject({ rowsLoaded: 2, rowsDeleted: 1 });
      expect(await rows(ORDERS)).toEqual([
        ['1', 'a'],
        ['2', 'B'],
        ['3', 'C'],
      ]);
    });

    it('gives the same rows wherever the definition lets them lie', async () => {
      const table = aTable({ warehouse: { dist: { key: 'id' }, sort: ['at', 'id'] } });
      await load({ loadId: 'l1', table, files: [[[1, NOON, 'a']], [[2, NOON, 'b']]] });
      await load({ loadId: 'l2', table, interval: day(2), files: [[[2, NOON, 'B']]] });
      expect(await rows(ORDERS)).toEqual([
        ['1', 'a'],
        ['2', 'B'],
      ]);
    });

    it('merges by a key of several columns', async () => {
      const table = aTable({ primaryKey: ['id', 'line'] });
      const schema = columns({ id: 'int64', line: 'int32', note: 'string', at: 'timestamp' });
      await load({
        loadId: 'l1',
        table,
        columns: schema,
        files: [
          [
            [1, 1, 'a', NOON],
            [1, 2, 'b', NOON],
          ],
        ],
      });
      await load({ loadId: 'l2', table, columns: schema, files: [[[1, 2, 'B', NOON]]] });
      expect(await rows('SELECT line, note FROM raw_shop.orders ORDER BY line')).toEqual([
        [1, 'a'],
        [2, 'B'],
      ]);
    });

    it('keeps rows of a newer load when an older one is merged late, and counts them', async () => {
      await load({ loadId: 'l2', interval: day(2), files: [[[1, NOON, 'new']]] });
      const late = await load({
        loadId: 'l1',
        files: [
          [
            [1, NOON, 'old'],
            [2, NOON, 'other'],
          ],
        ],
      });
      expect(late).toMatchObject({ rowsLoaded: 2, rowsOutdated: 1, rowsDeleted: 0 });
      expect(await rows(ORDERS)).toEqual([
        ['1', 'new'],
        ['2', 'other'],
      ]);
    });

    it('gives what a model of upserts gives, in whatever order loads come', async () => {
      const batches = fc.array(
        fc.uniqueArray(
          fc.tuple(fc.integer({ min: 0, max: 12 }), fc.string({ maxLength: 3, unit: 'grapheme' })),
          {
            maxLength: 8,
            selector: ([id]) => id,
          },
        ),
        { minLength: 1, maxLength: 5 },
      );
      const ordered = batches.chain((loads) =>
        fc
          .shuffledSubarray([...loads.keys()], { minLength: loads.length })
          .map((order) => ({ loads, order })),
      );
      let round = 0;
      await fc.assert(
        fc.asyncProperty(ordered, async ({ loads, order }) => {
          round++;
          const table = aTable({ name: `orders_${round}` });
          const model = new Map(loads.flat());
          for (const at of order) {
            const values = (loads[at] ?? []).map(([id, note]) => [id, NOON, note]);
            await load({
              loadId: `l${round}-${at}`,
              table,
              interval: day(at + 1),
              files: values.length ? [values] : [],
            });
          }
          const found = await rows(`SELECT id, note FROM raw_shop.${table.name} ORDER BY id`);
          expect(found).toEqual([...model].sort(([a], [b]) => a - b).map(([id, note]) => [String(id), note]));
        }),
        { numRuns: 12, seed: 20180101 },
      );
    }, 60_000);

    for (const [type, inside, outside] of [
      ['timestamp', '2018-01-01 23:59:59.999999', '2018-01-02 00:00:00'],
      ['timestamptz', '2018-01-01 23:59:59.999999+00', '2018-01-02 01:00:00+01'],
      ['date', '2018-01-01', '2018-01-02'],
    ] as const) {
      it(`replaces the rows of a half-open interval whose cursor is a ${type}`, async () => {
        const table = aTable({ write: 'replace-interval', primaryKey: [] });
        const schema = columns({ id: 'int64', at: type, note: 'string' });
        const common = { table, columns: schema };
        await load({ ...common, loadId: 'l1', interval: day(1), files: [[[1, inside, 'a']]] });
        await load({ ...common, loadId: 'l2', interval: day(2), files: [[[2, outside, 'b']]] });
        const again = await load({ ...common, loadId: 'l3', interval: day(1), files: [[[3, inside, 'c']]] });
        expect(again.rowsDeleted).toBe(1);
        expect(await rows(ORDERS)).toEqual([
          ['2', 'b'],
          ['3', 'c'],
        ]);
      });
    }

    it('marks every row with its load and the moment of its snapshot', async () => {
      await load({ loadId: 'l1', files: [[[1, NOON, 'a']]] });
      const [row] = await rows('SELECT _load_id, _extracted_at, _loaded_at FROM raw_shop.orders');
      const last = await warehouse().lastLoad('shop', 'orders');
      expect(row?.slice(0, 2)).toEqual(['l1', '2018-02-01T00:00:00.123456Z']);
      // Fractions of a second may be written with or without their trailing zeros.
      expect(Date.parse(String(row?.[2]))).toBe(Date.parse(last?.loadedAt ?? ''));
    });
  });
}
