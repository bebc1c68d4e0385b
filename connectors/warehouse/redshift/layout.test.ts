import { describe, expect, it } from 'vitest';
import { missing } from '../../../aws-local/redshift-bench/redshift-harness.ts';
import type { WarehouseLayout } from '../../../core/pipeline.ts';
import { aTable, columns, day, type LoadFields } from '../conformance/fixtures.ts';
import { FIRST, NOON, redshiftTests } from './harness.ts';

describe.skipIf(missing)(`the layout of a table in Redshift ${missing ?? ''}`, { timeout: 60_000 }, () => {
  const { bench, warehouse, load: loadWith } = redshiftTests();
  const load = (layout: WarehouseLayout, fields: Partial<LoadFields> = {}) =>
    loadWith({ ...FIRST, table: aTable({ warehouse: layout }), ...fields });

  it.each([
    [{ dist: { key: 'id' }, sort: ['at', 'id'] }, 'KEY(id)', 'at', '2'],
    [{ dist: 'all' }, 'ALL', 'AUTO(SORTKEY)', '0'],
    [{ dist: 'even', sort: ['_loaded_at'] }, 'EVEN', '_loaded_at', '1'],
    [{}, 'AUTO(ALL)', 'AUTO(SORTKEY)', '0'],
  ] as const)('is what the definition says: %j', async (layout, diststyle, sortkey1, sortkey_num) => {
    await load(layout);
    const { rows } = await warehouse().query(
      `SELECT diststyle, sortkey1, CAST(sortkey_num AS VARCHAR) AS sortkey_num FROM svv_table_info WHERE "schema" = 'raw_shop'`,
    );
    expect(rows).toEqual([{ diststyle, sortkey1, sortkey_num }]);
  });

  it('may name a column that came later, and one that is gone from the source', async () => {
    await load({ sort: ['note'] });
    const extra = columns({ id: 'int64', at: 'timestamp', extra: 'int64' });
    const second = { loadId: 'l2', interval: day(2), columns: extra, files: [[[2, NOON, 7]]] };
    await expect(load({ sort: ['note', 'Extra'] }, second)).resolves.toMatchObject({ rowsLoaded: 1 });
  });

  it.each([
    [
      { dist: { key: 'customer' }, sort: ['when', 'id'] },
      /raw_shop\.orders.*names 'customer', 'when', which.*id, at, note.*Correct 'dist' or 'sort'/s,
    ],
    [{ sort: ['extra'] }, /raw_shop\.orders.*'extra'.*JSON.*SUPER.*Take it out of 'dist' and 'sort'/s],
  ] as const)('is refused before anything is changed: %j', async (layout, message) => {
    const fields = {
      columns: columns({ id: 'int64', at: 'timestamp', note: 'string', extra: 'json' }),
      files: [[[1, NOON, 'a', '{}']]],
    };
    await expect(load(layout, fields)).rejects.toThrow(message);
    expect(await bench().sql(`SELECT 1 FROM pg_namespace WHERE nspname = 'raw_shop'`)).toEqual([]);
    await load({}, fields);
    await expect(load(layout, { ...fields, loadId: 'l2', interval: day(2) })).rejects.toThrow(message);
  });

  it('keeps a key from changing its type, which Redshift cannot', async () => {
    const of = (type: 'int32' | 'int64') => columns({ id: type, at: 'timestamp', note: 'string' });
    const layout = { dist: { key: 'id' } };
    await load(layout, { columns: of('int32') });
    const wider = { loadId: 'l2', interval: day(2), columns: of('int64') };
    await expect(load(layout, wider)).rejects.toThrow(
      /'id' is int32 and needs int64.*cannot change its type.*'types', or drop raw_shop\.orders/s,
    );
  });
});
