import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  ROLE,
  startRedshiftBench,
  type RedshiftBench,
} from '../../aws-local/redshift-bench/redshift-harness.ts';
import type { WarehouseLayout } from '../../core/pipeline.ts';
import { aLoad, aTable, columns, day, type LoadFields } from './fixtures.ts';
import { RedshiftWarehouse } from './redshift.ts';

const NOON = '2018-01-01 12:00:00';
const never = new AbortController().signal;

describe('the layout of a table in Redshift', { timeout: 60_000 }, () => {
  let bench: RedshiftBench;
  let folder: string;
  let warehouse: RedshiftWarehouse;
  beforeAll(async () => {
    bench = await startRedshiftBench();
    folder = await mkdtemp(join(tmpdir(), 'redshift-layout-'));
    warehouse = new RedshiftWarehouse({
      data: bench.client(),
      s3: bench.s3,
      place: { workgroup: 'sluice', database: bench.postgres.database },
      copyRole: ROLE,
    });
  });
  beforeEach(() => bench.reset());
  afterAll(async () => {
    await bench.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const load = async (layout: WarehouseLayout, fields: Partial<LoadFields> = {}) => {
    const wanted = {
      loadId: 'l1',
      table: aTable({ warehouse: layout }),
      files: [[[1, NOON, 'a']]],
      ...fields,
    };
    return warehouse.load(await aLoad(folder, wanted, bench.publish), never);
  };

  it.each([
    [{ dist: { key: 'id' }, sort: ['at', 'id'] }, 'KEY(id)', 'at', '2'],
    [{ dist: 'all' }, 'ALL', null, '0'],
    [{ dist: 'even', sort: ['_loaded_at'] }, 'EVEN', '_loaded_at', '1'],
    [{}, 'AUTO', null, '0'],
  ] as const)('is what the definition says: %j', async (layout, diststyle, sortkey1, sortkey_num) => {
    await load(layout);
    const { rows } = await warehouse.query(
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
    expect(await bench.sql(`SELECT 1 FROM pg_namespace WHERE nspname = 'raw_shop'`)).toEqual([]);
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
