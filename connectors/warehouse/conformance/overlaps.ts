import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { covers, without } from '../../../core/coverage.ts';
import type { DataInterval } from '../../../core/interval.ts';
import type { Bench } from './bench.ts';
import { aTable, columns, day } from './fixtures.ts';

const DAYS = 6;
const days = (from: number, length: number): DataInterval => ({
  start: day(from).start,
  end: day(from + length - 1).end,
});

interface Drawn {
  readonly from: number;
  readonly length: number;
  /** How many rows the source has on each day of the interval, in this load's snapshot. */
  readonly counts: readonly number[];
}

const drawn = fc
  .tuple(fc.integer({ min: 1, max: DAYS }), fc.integer({ min: 1, max: 4 }))
  .chain(([from, length]) =>
    fc
      .array(fc.nat(2), { minLength: length, maxLength: length })
      .map((counts): Drawn => ({ from, length, counts })),
  );
/** Loads in the order of their ids, the order in which they are applied, and those that are applied once more. */
const histories = fc.array(drawn, { minLength: 1, maxLength: 5 }).chain((loads) =>
  fc.record({
    loads: fc.constant(loads),
    order: fc.shuffledSubarray([...loads.keys()], { minLength: loads.length }),
    again: fc.subarray([...loads.keys()]),
    type: fc.constantFrom('date', 'timestamp', 'timestamptz' as const),
  }),
);

export function overlapsConform({ load, rows, execute }: Bench): void {
  describe('loads of intervals that overlap', () => {
    for (const write of ['append', 'replace-interval', 'merge'] as const) {
      it(`give every day the rows of the newest load over it, in whatever order they come (${write})`, async () => {
        let round = 0;
        await fc.assert(
          fc.asyncProperty(histories, async ({ loads, order, again, type }) => {
            const table = aTable({ name: `orders_${++round}`, write, primaryKey: ['id'] });
            const schema = columns({ id: 'string', at: type, note: 'string' });
            const apply = (at: number) => {
              const { from, length, counts } = loads[at] ?? { from: 1, length: 1, counts: [] };
              const values = counts.flatMap((count, index) =>
                [...Array(count).keys()].map((n) => {
                  const date = day(from + index).start.slice(0, 10);
                  return [`${date}/${n}`, type === 'timestamptz' ? `${date} 00:00:00+00` : date, `${at}`];
                }),
              );
              return load({
                loadId: `l${round}-${at}`,
                table,
                columns: schema,
                interval: days(from, length),
                files: values.length ? [values] : [],
              });
            };
            const applied: number[] = [];
            const spanOf = (at: number) => days(loads[at]?.from ?? 1, loads[at]?.length ?? 1);
            const isTaken = (at: number) => {
              const newer = applied.filter((other) => other > at).map(spanOf);
              return write === 'merge'
                ? newer.some((other) => covers(other, spanOf(at)) && covers(spanOf(at), other))
                : !without([spanOf(at)], newer).length;
            };
            const model = () => expectedRows(loads, applied, write === 'merge');
            const target = () =>
              rows(`SELECT id, note FROM raw_shop.${table.name} ORDER BY id, note`) as Promise<string[][]>;
            for (const at of order) {
              if (isTaken(at)) await expect(apply(at)).rejects.toMatchObject({ name: 'IntervalTaken' });
              else {
                await apply(at);
                applied.push(at);
              }
            }
            expect(await target()).toEqual(model());
            for (const at of again.filter((one) => applied.includes(one))) await apply(at);
            expect(await target()).toEqual(model());
            await execute(`DROP TABLE raw_shop.${table.name}`);
            for (const at of applied) await apply(at);
            // A load of which newer ones have left nothing has nothing to put back, and does not make a table for it.
            if (model().length) expect(await target()).toEqual(model());
          }),
          { numRuns: 5, seed: 20181029 },
        );
      }, 300_000);
    }

    it('take away what the ten days brought when two of them are loaded again', async () => {
      const table = aTable({ write: 'append', primaryKey: [] });
      const all = [...Array(10).keys()].map((n) => [n, `2018-01-${String(n + 1).padStart(2, '0')}`, 'a']);
      await load({ loadId: 'l1', table, interval: days(1, 10), files: [all] });
      for (const at of [3, 4])
        await load({ loadId: `l${at}`, table, interval: day(at), files: [all.slice(at - 1, at)] });
      expect(await rows('SELECT count(*), count(DISTINCT id) FROM raw_shop.orders')).toEqual([['10', '10']]);
    });

    it('count what newer loads hold as outdated', async () => {
      const table = aTable({ write: 'append', primaryKey: [] });
      await load({ loadId: 'l2', table, interval: day(2), files: [[[2, '2018-01-02', 'new']]] });
      const late = await load({
        loadId: 'l1',
        table,
        interval: days(1, 2),
        files: [
          [
            [1, '2018-01-01', 'old'],
            [2, '2018-01-02', 'old'],
          ],
        ],
      });
      expect(late).toMatchObject({ rowsLoaded: 2, rowsOutdated: 1, rowsDeleted: 0 });
    });

    for (const [type, inside] of [
      ['timestamp', '2018-01-01 23:00:00'],
      ['date', '2018-01-01'],
    ] as const) {
      it(`go by the zone that their ${type}s are in`, async () => {
        const fields = {
          table: aTable({ write: 'replace-interval', primaryKey: [] }),
          columns: columns({ id: 'int64', at: type, note: 'string' }),
          interval: { start: '2018-01-01T05:00:00Z', end: '2018-01-02T05:00:00Z' },
          files: [[[1, inside, 'a']]],
        } as const;
        const manifest = { timezone: 'America/New_York' };
        await load({ ...fields, manifest, loadId: 'l1' });
        const again = await load({ ...fields, manifest, loadId: 'l2', files: [[[2, inside, 'b']]] });
        expect(again).toMatchObject({ rowsDeleted: 1 });
        expect(await rows('SELECT id FROM raw_shop.orders')).toEqual([['2']]);
      });
    }

    it('refuse rows outside of their interval, and a cursor that is no time', async () => {
      const table = aTable({ write: 'append', primaryKey: [] });
      await expect(
        load({ loadId: 'l1', table, interval: day(2), files: [[[1, '2018-01-01', 'a']]] }),
      ).rejects.toThrow(/1 rows have a 'at' outside/);
      const schema = columns({ id: 'int64', at: 'string', note: 'string' });
      await expect(
        load({ loadId: 'l1', table, columns: schema, files: [[[1, '2018-01-01', 'a']]] }),
      ).rejects.toThrow(/'append' by interval needs a cursor that is a date or a timestamp.*'at' is string/);
    });

    it('refuse a target whose rows have no such cursor, for nobody can tell whose they are', async () => {
      const by = (cursor: string) =>
        aTable({
          write: 'append',
          primaryKey: [],
          extract: { mode: 'interval', cursor, cursorNulls: 'fail' },
        });
      await load({ loadId: 'l1', table: by('at'), files: [[[1, '2018-01-01', 'a']]] });
      const wide = {
        table: by('changed'),
        columns: columns({ id: 'int64', at: 'timestamp', note: 'string', changed: 'timestamp' }),
        files: [[[1, '2018-01-01', 'a', '2018-01-01']]],
      } as const;
      await expect(load({ ...wide, loadId: 'l2' })).rejects.toThrow(
        /raw_shop\.orders has rows without a 'changed'.*drop raw_shop\.orders/,
      );
      await execute('DROP TABLE raw_shop.orders');
      await load({ ...wide, loadId: 'l2' });
      expect(await rows('SELECT id FROM raw_shop.orders')).toEqual([['1']]);
    });

    for (const order of [
      ['l1', 'l2', 'l3'],
      ['l3', 'l2', 'l1'],
      ['l2', 'l1', 'l3'],
    ] as const)
      it(`have a row once whose cursor has moved, where its key is told (${order.join()})`, async () => {
        const table = aTable({ write: 'replace-interval', primaryKey: ['id'] });
        const loads = {
          l1: {
            interval: day(1),
            files: [
              [
                [1, '2018-01-01', 'a'],
                [2, '2018-01-01', 'a'],
              ],
            ],
          },
          l2: {
            interval: day(2),
            files: [
              [
                [1, '2018-01-02', 'b'],
                [3, '2018-01-02', 'b'],
              ],
            ],
          },
          l3: { interval: day(3), files: [[[3, '2018-01-03', 'c']]] },
        };
        for (const loadId of [...order, ...order]) await load({ loadId, table, ...loads[loadId] });
        expect(await rows('SELECT id, note, _load_id FROM raw_shop.orders ORDER BY id')).toEqual([
          ['1', 'b', 'l2'],
          ['2', 'a', 'l1'],
          ['3', 'c', 'l3'],
        ]);
      });

    it('replace a snapshot of the same interval, and refuse one of an interval that shares a part', async () => {
      const table = aTable({ write: 'append', primaryKey: [], extract: { mode: 'snapshot' } });
      const files = [[[1, '2018-01-01', 'a']]] as const;
      await load({ loadId: 'l1', table, interval: day(1), files });
      await load({ loadId: 'l2', table, interval: day(2), files });
      await load({ loadId: 'l3', table, interval: day(2), files });
      const kept = [['l1'], ['l3']];
      expect(await rows('SELECT _load_id FROM raw_shop.orders ORDER BY 1')).toEqual(kept);
      for (const interval of [days(1, 2), days(2, 3)])
        await expect(load({ loadId: 'l4', table, interval, files })).rejects.toThrow(
          /cannot be cut.*what is kept for 2018-01-0.*stays/,
        );
      await expect(load({ loadId: 'l0', table, interval: day(2), files })).rejects.toMatchObject({
        name: 'IntervalTaken',
      });
      expect(await rows('SELECT _load_id FROM raw_shop.orders ORDER BY 1')).toEqual(kept);
    });
  });
}

/** What the target holds by the definition: for each day, or key, the rows of the newest of the loads that were applied. */
function expectedRows(loads: readonly Drawn[], applied: readonly number[], byKey: boolean): string[][] {
  const model = new Map<string, string>();
  for (const at of [...applied].sort((a, b) => a - b)) {
    const { from, counts } = loads[at] ?? { from: 1, counts: [] };
    for (const [index, count] of counts.entries()) {
      const date = day(from + index).start.slice(0, 10);
      if (!byKey) for (const id of [...model.keys()]) if (id.startsWith(date)) model.delete(id);
      for (let n = 0; n < count; n++) model.set(`${date}/${n}`, String(at));
    }
  }
  return [...model].sort(([a], [b]) => (a < b ? -1 : 1));
}
