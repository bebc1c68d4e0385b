import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';
import { aTable, columns, day, ORDERS } from './fixtures.ts';

const NOON = '2018-01-01 12:00:00';
const first = { loadId: 'l1', files: [[[1, NOON, 'a']]] };

export function evolutionConforms({ load, rows, warehouse, execute }: Bench): void {
  describe('columns that change', () => {
    it('adds a new column, NULL for the rows that were there', async () => {
      await load(first);
      const change = await load({
        loadId: 'l2',
        interval: day(2),
        columns: [...ORDERS, ...columns({ paid: 'decimal(10,2)' })],
        files: [[[2, NOON, 'b', '1.50']]],
      });
      expect(change.schemaChange.added.map(({ name }) => name)).toEqual(['paid']);
      expect(await rows('SELECT id, paid FROM raw_shop.orders ORDER BY id')).toEqual([
        ['1', null],
        ['2', '1.50'],
      ]);
    });

    it('keeps a column that is gone, NULL for the new rows, and takes it back', async () => {
      await load(first);
      const change = await load({
        loadId: 'l2',
        interval: day(2),
        columns: ORDERS.slice(0, 2),
        files: [[[2, NOON]]],
      });
      expect(change.schemaChange.removed.map(({ name }) => name)).toEqual(['note']);
      await load({ loadId: 'l3', interval: day(3), files: [[[3, NOON, 'c']]] });
      expect(await rows('SELECT id, note FROM raw_shop.orders ORDER BY id')).toEqual([
        ['1', 'a'],
        ['2', null],
        ['3', 'c'],
      ]);
    });

    for (const [from, to, old, wide] of [
      ['int16', 'int64', '-32768', '9223372036854775807'],
      ['float32', 'float64', '0.5', '0.1'],
      ['decimal(5,2)', 'decimal(20,4)', '123.45', '1234567890123456.7891'],
      ['int32', 'decimal(20,2)', '2147483647', '0.01'],
    ] as const) {
      it(`widens ${from} to ${to} without changing a value`, async () => {
        const of = (type: typeof from | typeof to) => columns({ id: 'int64', v: type, at: 'timestamp' });
        await load({ loadId: 'l1', columns: of(from), files: [[[1, old, NOON]]] });
        if (!warehouse().capabilities.widen(from, to)) return;
        const second = { loadId: 'l2', interval: day(2), columns: of(to), files: [[[2, wide, NOON]]] };
        expect((await load(second)).schemaChange.widened).toHaveLength(1);
        const found = await rows('SELECT v FROM raw_shop.orders ORDER BY id');
        expect(found.map(([value]) => Number(value))).toEqual([Number(old), Number(wide)]);
        // and a narrower column that comes later changes nothing
        const third = { loadId: 'l3', interval: day(3), columns: of(from), files: [[[3, old, NOON]]] };
        expect((await load(third)).schemaChange.widened).toEqual([]);
      });
    }

    it('adds, widens and loses columns in one load, under a view', async () => {
      await load({
        loadId: 'l1',
        columns: columns({ id: 'int32', at: 'timestamp', note: 'string' }),
        files: [[[1, NOON, 'a']]],
      });
      await execute('CREATE VIEW raw_shop.orders_view AS SELECT id FROM raw_shop.orders');
      await load({
        loadId: 'l2',
        interval: day(2),
        columns: columns({ extra: 'boolean', at: 'timestamp', id: 'int64' }),
        files: [[['true', NOON, '9223372036854775807']]],
      });
      expect(await rows('SELECT id, note, extra FROM raw_shop.orders ORDER BY id')).toEqual([
        ['1', 'a', null],
        ['9223372036854775807', null, true],
      ]);
    });

    it('refuses types without a common one, naming the column, both types and the way out', async () => {
      await load(first);
      const other = columns({ id: 'int64', at: 'timestamp', note: 'int64' });
      await expect(
        load({ loadId: 'l2', interval: day(2), columns: other, files: [[[2, NOON, 5]]] }),
      ).rejects.toMatchObject({
        name: 'SchemaDriftRejected',
        message: expect.stringMatching(/'note' is string .* int64 .*'types'/s) as string,
      });
    });

    it('tells texts of different kinds apart', async () => {
      await load({ ...first, columns: columns({ id: 'int64', at: 'timestamp', note: 'json' }), files: [] });
      await expect(load({ ...first, loadId: 'l2' })).rejects.toThrow(/'note' is json .* string/);
    });

    for (const [what, incoming] of [
      ['a new column', columns({ id: 'int64', at: 'timestamp', note: 'string', extra: 'boolean' })],
      ['a column that is gone', columns({ id: 'int64', at: 'timestamp' })],
      ['a wider type', columns({ id: 'decimal(25,2)', at: 'timestamp', note: 'string' })],
    ] as const) {
      it(`refuses ${what} where the policy is to reject, and leaves the table as it was`, async () => {
        const table = aTable({ onSchemaChange: 'reject' });
        await load({ ...first, table });
        await expect(load({ loadId: 'l2', table, columns: incoming, files: [] })).rejects.toMatchObject({
          name: 'SchemaDriftRejected',
        });
        await load({ loadId: 'l3', table, files: [[[2, NOON, 'b']]] });
        expect(await rows('SELECT count(*) FROM raw_shop.orders')).toEqual([['2']]);
      });
    }

    it('sees what was changed by hand', async () => {
      await load(first);
      await execute('ALTER TABLE raw_shop.orders DROP COLUMN note');
      const second = await load({ loadId: 'l2', interval: day(2), files: [[[2, NOON, 'b']]] });
      expect(second.schemaChange.added.map(({ name }) => name)).toEqual(['note']);
    });
  });
}
