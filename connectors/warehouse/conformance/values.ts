import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';
import { aTable, columns } from './fixtures.ts';

const SAMPLES = [
  ['boolean', 'true', true],
  ['int16', '-32768', -32768],
  ['int32', '2147483647', 2147483647],
  ['int64', '-9223372036854775808', '-9223372036854775808'],
  ['float32', '0.5', 0.5],
  ['float64', 'NaN', 'NaN'],
  ['float64', '-0.0', '-0'],
  ['decimal(38,10)', '1234567890123456789012345678.0123456789', '1234567890123456789012345678.0123456789'],
  ['decimal(4,2)', '-0.10', '-0.10'],
  ['string', "O'Neill \n 雪 \u{1f600}", "O'Neill \n 雪 \u{1f600}"],
  ['string', '', ''],
  ['string(5)', 'abcde', 'abcde'],
  ['binary', '\\x00\\xFFa', '00ff61'],
  ['date', '2018-02-28', '2018-02-28'],
  ['date', 'infinity', 'infinity'],
  ['timestamp', '2018-01-01 00:00:00.000001', '2018-01-01T00:00:00.000001'],
  ['timestamptz', '2018-01-01 02:00:00+02', '2018-01-01T00:00:00Z'],
  ['json', '{"b": 1.10, "a": "\\ud800"}', '{"b": 1.10, "a": "\\ud800"}'],
  ['uuid', '6f4627f1-280f-4703-a990-27929424a00f', '6f4627f1-280f-4703-a990-27929424a00f'],
] as const;

export function valuesConform({ load, warehouse }: Bench): void {
  describe('values', () => {
    for (const [type, given, expected] of SAMPLES) {
      it(`keeps ${type} ${JSON.stringify(given)} and NULL as they are`, async () => {
        const table = aTable({ write: 'append', primaryKey: [], extract: { mode: 'snapshot' } });
        await load({
          loadId: 'l1',
          table,
          columns: columns({ id: 'int32', v: type }),
          files: [[[1, given]], [[2, null]]],
        });
        const { rows } = await warehouse().query('SELECT v FROM raw_shop.orders ORDER BY id');
        expect(rows).toEqual([{ v: expected }, { v: null }]);
      });
    }

    it('bounds the rows of a query, and says so', async () => {
      await load({
        loadId: 'l1',
        files: [
          [
            [1, '2018-01-01', 'a'],
            [2, '2018-01-01', 'b'],
          ],
        ],
      });
      const query = (limit: number) =>
        warehouse().query('SELECT id FROM raw_shop.orders ORDER BY id', { limit });
      expect(await query(1)).toMatchObject({ rows: [{ id: '1' }], truncated: true });
      expect((await query(2)).truncated).toBe(false);
    });

    it('gives a result a batch at a time, whole, and no more of it once enough was taken', async () => {
      const rows = [...Array(3_000).keys()].map((id) => [id, '2018-01-01', 'a']);
      await load({ loadId: 'l1', files: [rows] });
      const sql = 'SELECT id FROM raw_shop.orders ORDER BY id';
      const sizes: number[] = [];
      const seen: unknown[] = [];
      const end = await warehouse().read(sql, (batch) => {
        expect(batch.columns.map(({ name }) => name)).toEqual(['id']);
        seen.push(...batch.rows.map(({ id }) => Number(id)));
        return sizes.push(batch.rows.length) > 0;
      });
      expect(seen).toEqual([...rows.keys()]);
      expect(sizes.length).toBeGreaterThan(1);
      expect(end.truncated).toBe(false);
      let batches = 0;
      const stopped = await warehouse().read(sql, () => ++batches < 1);
      expect({ batches, truncated: stopped.truncated }).toEqual({ batches: 1, truncated: true });
      const none = await warehouse().read(`${sql} LIMIT 0`, () => expect.fail('no rows'));
      expect(none).toMatchObject({ columns: [{ name: 'id' }], truncated: false });
    });

    it('tells the columns of every table, in their order, and none of its own bookkeeping', async () => {
      await load({ loadId: 'l1', files: [[[1, '2018-01-01', 'a']]] });
      const columns = await warehouse().columns(new AbortController().signal);
      const names = columns.get('raw_shop.orders')?.map(({ name }) => name) ?? [];
      expect(names.slice(0, 3)).toEqual(['id', 'at', 'note']);
      expect(names).toContain('_load_id');
      expect([...columns.keys()].filter((table) => table.startsWith('_sluice.'))).toEqual([]);
    });

    for (const statement of [
      'DELETE FROM raw_shop.orders',
      'CREATE TABLE raw_shop.mine (a int)',
      'SELECT 1; SELECT 2',
      'SELEC 1',
    ]) {
      it(`refuses ${statement} as a query`, async () => {
        await load({ loadId: 'l1', files: [[[1, '2018-01-01', 'a']]] });
        await expect(warehouse().query(statement)).rejects.toMatchObject({ name: 'TerminalError' });
        expect((await warehouse().query('SELECT id FROM raw_shop.orders')).rows).toHaveLength(1);
      });
    }
  });
}
