import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import {
  ROLE,
  startRedshiftBench,
  type RedshiftBench,
  type RedshiftBenchOptions,
} from '../../../aws-local/redshift-bench/redshift-harness.ts';
import { aLoad, day, type LoadFields } from '../conformance/fixtures.ts';
import type { LoadRequest, LoadResult } from '../port.ts';
import { RedshiftWarehouse, type RedshiftWarehouseOptions } from './warehouse.ts';

export const NOON = '2018-01-01 12:00:00';
export const never = new AbortController().signal;

/** Loads of two days: the second changes row 2 and adds row 3. */
export const FIRST: LoadFields = { loadId: 'l1', files: [[[1, NOON, 'a']], [[2, NOON, 'b']]] };
export const SECOND: LoadFields = {
  loadId: 'l2',
  interval: day(2),
  files: [
    [
      [2, NOON, 'B'],
      [3, NOON, 'C'],
    ],
  ],
};

/** A warehouse on a stand-in of its own for the tests of a file; everything is dropped before each test. */
export interface RedshiftTests {
  readonly bench: () => RedshiftBench;
  readonly warehouse: () => RedshiftWarehouse;
  /** Another one, as another worker has it. */
  readonly open: (options?: Partial<RedshiftWarehouseOptions>) => RedshiftWarehouse;
  readonly request: (fields: LoadFields) => Promise<LoadRequest>;
  readonly load: (fields: LoadFields) => Promise<LoadResult>;
  /** Of `raw_shop.orders`, as `<id><note><load id>`. */
  readonly rows: () => Promise<string[]>;
  /** Statements of this file's database that wait for a lock; the server is shared with other files. */
  readonly waiting: () => Promise<{ pid: number }[]>;
  /** Fails where a staging table, an open transaction or a waiting statement is left. */
  readonly nothingIsLeft: () => Promise<void>;
  /** Fails unless the target is what `FIRST` and `SECOND` make of it, each applied once, and nothing is left. */
  readonly appliedOnce: () => Promise<void>;
}

export function redshiftTests(options: RedshiftBenchOptions = {}): RedshiftTests {
  let bench: RedshiftBench;
  let folder: string;
  let warehouse: RedshiftWarehouse;
  beforeAll(async () => {
    bench = await startRedshiftBench(options);
    folder = await mkdtemp(join(tmpdir(), 'redshift-'));
    warehouse = open();
  });
  beforeEach(() => bench.reset());
  afterAll(async () => {
    await bench.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const open: RedshiftTests['open'] = (other) =>
    new RedshiftWarehouse({
      data: bench.client(),
      s3: bench.s3,
      place: { workgroup: 'sluice', database: bench.postgres.database },
      copyRole: ROLE,
      ...other,
    });
  const request = (fields: LoadFields) => aLoad(folder, fields, bench.publish);
  const rows = async () =>
    (
      await bench.sql<{ row: string }>(
        `SELECT id || note || _load_id AS row FROM raw_shop.orders ORDER BY id, note`,
      )
    ).map(({ row }) => row);
  const waiting = () =>
    bench.sql<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
  const nothingIsLeft = async () => {
    expect(
      await bench.sql(
        `SELECT relname FROM pg_class WHERE relname LIKE '%stage%' OR relname LIKE '\\\\_sluice\\\\_%'`,
      ),
    ).toEqual([]);
    expect(
      await bench.sql(
        `SELECT state, wait_event_type, query FROM pg_stat_activity WHERE datname = current_database() ` +
          `AND (state LIKE 'idle in transaction%' OR wait_event_type = 'Lock')`,
      ),
    ).toEqual([]);
  };
  return {
    bench: () => bench,
    warehouse: () => warehouse,
    open,
    request,
    load: async (fields) => warehouse.load(await request(fields), never),
    rows,
    waiting,
    nothingIsLeft,
    appliedOnce: async () => {
      expect(await rows()).toEqual(['1al1', '2Bl2', '3Cl2']);
      expect(await bench.sql('SELECT load_id FROM _sluice.loads ORDER BY sequence')).toEqual([
        { load_id: 'l1' },
        { load_id: 'l2' },
      ]);
      await nothingIsLeft();
    },
  };
}
