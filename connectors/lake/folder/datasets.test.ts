import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DuckDbCatalog } from '../../catalog/duckdb/catalog.ts';
import { DuckDbWarehouse } from '../../warehouse/duckdb/warehouse.ts';
import type { Publication } from '../../../core/datasets.ts';
import { TransientError } from '../../../core/errors.ts';
import type { OpenRun } from '../port.ts';
import { FileSystemLake } from './lake.ts';

const NAME = 'silver.orders';
const COLUMNS = [
  { name: 'id', type: 'int' },
  { name: 'price', type: 'decimal(10,2)' },
  { name: 'year', type: 'int' },
];
const NULL = 'year=__HIVE_DEFAULT_PARTITION__';
const never = new AbortController().signal;

let connection: DuckDBConnection;
let root: string;
let lake: FileSystemLake;
let warehouse: DuckDbWarehouse;
beforeAll(async () => {
  connection = await (await DuckDBInstance.create()).connect();
});
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice's datasets "));
  root = join(folder, 'lake');
  lake = new FileSystemLake({ root });
  warehouse = new DuckDbWarehouse({ file: join(folder, 'w.duckdb'), viewed: [join(root, 'silver')] });
  return async () => {
    await warehouse.close();
    await rm(folder, { recursive: true });
  };
});
afterAll(() => connection.closeSync());

let attempts = 0;
const idOf = (run: string) => `00000000-0000-4000-8000-${run.slice(1).padStart(12, '0')}`;
const opened = async (run: string, upon: Publication | undefined) =>
  lake.datasets.open(
    { pipeline: 'shop', task: 'silver', run },
    `${idOf(run)}-1700000000000-${(attempts += 1)}`,
    [NAME],
    upon,
  );
/** Puts rows, by partition, where an attempt is told to. */
const put = async (
  { uris }: Awaited<ReturnType<typeof opened>>,
  partitions: Readonly<Record<string, string>>,
  replaces: 'all' | readonly string[],
) => {
  const folder = fileURLToPath(uris[NAME] ?? '');
  for (const [partition, rows] of Object.entries(partitions)) {
    await mkdir(join(folder, partition), { recursive: true });
    const path = join(folder, partition, 'part-0.parquet').replaceAll("'", "''");
    await connection.run(`COPY (SELECT * FROM (VALUES ${rows}) AS v (id, price)) TO '${path}'`);
  }
  await writeFile(join(folder, '_dataset.json'), JSON.stringify({ columns: COLUMNS, replaces }));
};
const made = (position: string) => ({
  [NAME]: { inputs: { orders: position }, revision: 1, partitionedBy: ['year'] },
});
const publish = async (
  run: string,
  upon: Publication | undefined,
  ...what: [Readonly<Record<string, string>>, 'all' | readonly string[]]
) => {
  const attempt = await opened(run, upon);
  await put(attempt, ...what);
  return attempt.publish(made(run));
};
const point = async ({ datasets }: Publication) => {
  const version = datasets[NAME];
  if (!version) throw new Error('nothing published');
  const fileUris = lake.datasets.fileUris('shop', NAME, version);
  const catalog = new DuckDbCatalog((doing, statements, signal) =>
    warehouse.change(doing, statements, signal),
  );
  await catalog.point([{ schema: 'shop_silver', table: 'orders', ...version, fileUris }], never);
};
const seen = async () => (await warehouse.query('SELECT * FROM shop_silver.orders ORDER BY id')).rows;
const first = () =>
  publish(
    'r1',
    undefined,
    { 'year=2017': '(1, 1.10)', 'year=2018': '(2, 2.20)', [NULL]: '(3, 3.30)' },
    'all',
  );
const gc = (runs: readonly OpenRun[] = [], dryRun = false) =>
  lake.gc({ olderThanMs: 0, applied: new Set(), inUse: new Set(), runs, dryRun });
const filesIn = async () =>
  (await readdir(join(root, 'silver'), { recursive: true })).filter((name) => name.endsWith('.parquet'))
    .length;
/** As if nobody had written there for an hour. */
const settle = async () => {
  const then = new Date(Date.now() - 3_600_000);
  for (const name of await readdir(root, { recursive: true })) await utimes(join(root, name), then, then);
};

describe('datasets in a folder', () => {
  it('are what the newest publication says: partitions that are replaced are, the others stay', async () => {
    const one = await first();
    await point(one);
    expect(await seen()).toEqual([
      { id: 1, price: '1.10', year: 2017 },
      { id: 2, price: '2.20', year: 2018 },
      { id: 3, price: '3.30', year: null },
    ]);
    const two = await publish('r2', one, { 'year=2018': '(2, 9.99), (4, 0.01)' }, ['year=2018', NULL]);
    expect(two).toMatchObject({ number: 2, datasets: { [NAME]: { rows: 3, inputs: { orders: 'r2' } } } });
    expect(await lake.datasets.current('shop', 'silver')).toEqual(two);
    await point(two);
    expect(await seen()).toEqual([
      { id: 1, price: '1.10', year: 2017 },
      { id: 2, price: '9.99', year: 2018 },
      { id: 4, price: '0.01', year: 2018 },
    ]);
  });

  it('stay as they were where an attempt is killed before it publishes; the next one begins anew', async () => {
    const one = await first();
    await point(one);
    const killed = await opened('r2', one);
    await put(killed, { 'year=2018': '(2, 0)' }, 'all');
    expect(await lake.datasets.current('shop', 'silver')).toEqual(one);
    expect(await seen()).toHaveLength(3);
    const two = await publish('r2', one, { 'year=2018': '(2, 5)' }, ['year=2018']);
    expect(two.datasets[NAME]?.files.map(({ path }) => dirname(path).split('/')[0])).not.toContain(
      killed.uris[NAME]?.split('/').at(-1),
    );
    expect(await filesIn()).toBe(5);
    await settle();
    await gc();
    expect(await filesIn()).toBe(3);
    await point(two);
    expect(await seen()).toHaveLength(3);
  });

  it('are published by one of two that go on from the same: the other is to begin again', async () => {
    const one = await first();
    const attempt = await opened('r2', one);
    await put(attempt, {}, 'all');
    await publish('r3', one, { 'year=2018': '(7, 7)' }, 'all');
    await expect(attempt.publish(made('r2'))).rejects.toThrow(TransientError);
    await attempt.abort();
    expect(existsSync(fileURLToPath(attempt.uris[NAME] ?? ''))).toBe(false);
    expect(await lake.datasets.current('shop', 'silver')).toMatchObject({ number: 2, run: 'r3' });
  });

  it('are refused where the task has not said what it made, or put it elsewhere', async () => {
    const silent = await opened('r1', undefined);
    await expect(silent.publish(made('r1'))).rejects.toThrow(/no _dataset\.json/);
    const astray = await opened('r1', undefined);
    await put(astray, { 'month=1': '(1, 1)' }, 'all');
    await expect(astray.publish(made('r1'))).rejects.toThrow(/does not lie in a folder of its year/);
    const beside = await opened('r1', undefined);
    await put(beside, { 'year=2018': '(1, 1)' }, ['year=2017']);
    await expect(beside.publish(made('r1'))).rejects.toThrow(/'replaces' does not name/);
    expect(await lake.datasets.current('shop', 'silver')).toBeUndefined();
  });

  it('have no row, and their columns all the same, where nothing was made', async () => {
    await point(await publish('r1', undefined, {}, 'all'));
    expect(await seen()).toEqual([]);
    const { columns } = await warehouse.query('SELECT * FROM shop_silver.orders');
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id INTEGER',
      'price DECIMAL(10,2)',
      'year INTEGER',
    ]);
  });

  it('keep what is current, and what a run that is open may be reading; the rest is collected', async () => {
    const one = await first();
    const two = await publish('r2', one, { 'year=2018': '(2, 9)' }, ['year=2018']);
    await settle();
    const reader = { runId: 'r9', pipeline: 'shop', startedAt: one.publishedAt };
    expect(await gc([reader])).toEqual({ removedLoads: 0, removedFiles: 0, removedBytes: 0 });
    expect(await gc([{ ...reader, pipeline: 'other' }], true)).toMatchObject({ removedLoads: 1 });
    expect(await filesIn()).toBe(4);
    expect(await gc()).toMatchObject({ removedLoads: 1 });
    expect(await filesIn()).toBe(3);
    expect(await lake.datasets.current('shop', 'silver')).toEqual(two);
    await point(two);
    expect(await seen()).toHaveLength(3);
  });

  it('leave alone what others have put beside them, whatever it is called', async () => {
    await first();
    const theirs = join(root, 'silver', 'shop', 'orders', 'data-2024');
    await mkdir(theirs, { recursive: true });
    await writeFile(join(theirs, 'part-0.parquet'), 'x');
    await settle();
    await gc();
    expect(existsSync(join(theirs, 'part-0.parquet'))).toBe(true);
  });

  it('keep what an attempt of an open run has written, however old', async () => {
    const one = await first();
    const attempt = await opened('r2', one);
    await put(attempt, { 'year=2018': '(2, 9)' }, ['year=2018']);
    await settle();
    await gc([{ runId: idOf('r2'), pipeline: 'shop', startedAt: new Date().toISOString() }]);
    expect(await attempt.publish(made('r2'))).toMatchObject({ number: 2 });
  });

  it('are read by queries, which neither write beside them nor read elsewhere', async () => {
    await point(await first());
    const evil = join(root, 'silver', 'evil.parquet').replaceAll("'", "''");
    await expect(warehouse.query(`COPY (SELECT 1) TO '${evil}'`)).rejects.toThrow(
      /disabled by configuration/,
    );
    await expect(warehouse.query(`EXPLAIN ANALYZE COPY (SELECT 1) TO '${evil}'`)).rejects.toThrow();
    await expect(warehouse.query(`SELECT * FROM read_text('/etc/hostname')`)).rejects.toThrow(/disabled/);
    expect(existsSync(join(root, 'silver', 'evil.parquet'))).toBe(false);
    expect(await seen()).toHaveLength(3);
  });
});
