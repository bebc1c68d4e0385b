import { describe, expect, it } from 'vitest';
import type { Bench } from './bench.ts';
import { aTable, columns, day } from './fixtures.ts';

const NOON = '2018-01-01 12:00:00';
const files = [[[1, NOON, 'a']]];

export function refusalsConform({ load, rows, warehouse }: Bench): void {
  describe('loads that cannot be', () => {
    it('refuses a key column that the table does not have, and names those it has', async () => {
      await expect(load({ loadId: 'l1', table: aTable({ primaryKey: ['nr'] }), files })).rejects.toThrow(
        /raw_shop\.orders.*'nr'.*id, at, note/,
      );
    });

    it('refuses a key that is NULL, naming the column', async () => {
      await expect(load({ loadId: 'l1', files: [[[null, NOON, 'a']]] })).rejects.toThrow(
        /raw_shop\.orders: primary key \(id\) is NULL in column 'id' of 1 rows/,
      );
    });

    it('refuses a key that is not unique across files, and says how to see its rows without showing them', async () => {
      const many = [7_001, 7_002, 7_003, 7_004].map((id) => [id, NOON, 'a']);
      const failure = load({ loadId: 'l1', files: [many, many] });
      await expect(failure).rejects.toMatchObject({ name: 'KeyViolated' });
      await expect(failure).rejects.toThrow(
        /: 4 keys have 8 rows\..*SELECT id, count\(\*\) FROM orders GROUP BY id HAVING count\(\*\) > 1$/,
      );
      await expect(failure).rejects.not.toThrow(/700\d/);
    });

    it('refuses files with more or fewer rows than the manifest says', async () => {
      await expect(load({ loadId: 'l1', files, manifest: { rows: 2 } })).rejects.toMatchObject({
        name: 'CountMismatch',
        message: expect.stringMatching(/hold 1 rows.*says 2/) as string,
      });
    });

    it('refuses files whose columns are not the manifest’s', async () => {
      const schema = { columns: columns({ id: 'int32', at: 'timestamp', other: 'string' }) };
      await expect(load({ loadId: 'l1', files, manifest: { schema } })).rejects.toThrow(
        /'id' is BIGINT instead of int32; 'other' is missing.*; 'note' is unknown/,
      );
    });

    it('refuses rows outside of the interval that they are to replace', async () => {
      const table = aTable({ write: 'replace-interval', primaryKey: [] });
      await expect(load({ loadId: 'l1', table, interval: day(2), files })).rejects.toThrow(
        /1 rows have a 'at' outside/,
      );
    });

    it('refuses a load id that comes again with other rows', async () => {
      await load({ loadId: 'l1', files });
      await expect(
        load({
          loadId: 'l1',
          files: [
            [
              [1, NOON, 'a'],
              [2, NOON, 'b'],
            ],
          ],
        }),
      ).rejects.toThrow(/applied before.*other files/);
      await expect(load({ loadId: 'l1', table: aTable({ name: 'others' }), files })).rejects.toThrow(
        /shop\.orders/,
      );
    });

    it('refuses a manifest of another table', async () => {
      await expect(load({ loadId: 'l1', files, manifest: { table: 'others' } })).rejects.toThrow(
        /is of shop\.others/,
      );
    });

    it('refuses a column that has the name of one of ours', async () => {
      const schema = columns({ id: 'int64', _load_id: 'string' });
      await expect(load({ loadId: 'l1', columns: schema, files: [[[1, 'a']]] })).rejects.toThrow(/_load_id/);
    });

    it('leaves nothing of a failed load, not even of its change to the columns', async () => {
      await load({ loadId: 'l1', files });
      const before = await rows('SELECT * FROM raw_shop.orders');
      await expect(
        load({
          loadId: 'l2',
          columns: columns({ id: 'decimal(25,0)', at: 'timestamp', note: 'string', extra: 'string' }),
          mark: 'not a time',
          files: [[[1, NOON, 'b', 'x']]],
        }),
      ).rejects.toThrow(/A high-water mark is no timestamp/);
      expect(await rows('SELECT * FROM raw_shop.orders')).toEqual(before);
      expect(await rows('SELECT load_id FROM _sluice.loads')).toEqual([['l1']]);
    });

    it('leaves nothing of an aborted load, and throws why it was aborted', async () => {
      const query = `SELECT range AS id, TIMESTAMP '${NOON}' AS at, repeat('x', 200) AS note FROM range(3000000)`;
      const reason = new Error('cancelled');
      const controller = new AbortController();
      const running = load({ loadId: 'l1', sql: { query, rows: 3_000_000 } }, controller.signal);
      const settled = expect(running).rejects.toBe(reason);
      setTimeout(() => controller.abort(reason), 900);
      await settled;
      expect(await warehouse().lastLoad('shop', 'orders')).toBeUndefined();
      await load({ loadId: 'l1', files });
      expect(await rows('SELECT count(*) FROM raw_shop.orders')).toEqual([['1']]);
    });
  });
}
