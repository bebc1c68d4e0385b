import { existsSync } from 'node:fs';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Publication } from '../../../core/datasets.ts';
import { TransientError } from '../../../core/errors.ts';
import type { Lake, OpenRun } from '../port.ts';

export interface DatasetsHarness {
  readonly lake: Lake;
  /** The folder on this disk that the lake's files are in. */
  readonly root: string;
  /** Where a file or folder of the lake is on this disk, by its address. */
  readonly local: (uri: string) => string;
  readonly end: () => Promise<void>;
}

const NAME = 'silver.orders';
const COLUMNS = [
  { name: 'id', type: 'int' },
  { name: 'price', type: 'decimal(10,2)' },
  { name: 'year', type: 'int' },
];
const NULL = 'year=__HIVE_DEFAULT_PARTITION__';

/** Every lake must pass it. */
export function datasetsConform(lake: string, open: () => Promise<DatasetsHarness>): void {
  let connection: DuckDBConnection;
  let harness: DatasetsHarness;
  beforeAll(async () => {
    connection = await (await DuckDBInstance.create()).connect();
  });
  afterAll(() => connection.closeSync());
  beforeEach(async () => {
    harness = await open();
    return () => harness.end();
  });

  let attempts = 0;
  const idOf = (run: string) => `00000000-0000-4000-8000-${run.slice(1).padStart(12, '0')}`;
  const opened = async (run: string, upon: Publication | undefined) =>
    harness.lake.datasets.open(
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
    const folder = harness.local(uris[NAME] ?? '');
    await mkdir(folder, { recursive: true });
    for (const [partition, rows] of Object.entries(partitions)) {
      await mkdir(join(folder, partition), { recursive: true });
      const path = join(folder, partition, 'part-0.parquet').replaceAll("'", "''");
      await connection.run(
        `COPY (SELECT * FROM (${rows.startsWith('SELECT') ? rows : `VALUES ${rows}`}) AS v (id, price)) TO '${path}'`,
      );
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
  /** The rows of a publication, read from its files. */
  const seen = async ({ datasets }: Publication) => {
    const version = datasets[NAME];
    const uris = harness.lake.datasets.fileUris('shop', NAME, version ?? { files: [] });
    if (!uris.length) return [];
    const files = uris.map((uri) => `'${harness.local(uri).replaceAll("'", "''")}'`).join(', ');
    const read = await connection.runAndReadAll(
      `SELECT id, price::VARCHAR AS price, year FROM read_parquet([${files}], hive_partitioning = true, hive_types = {year: INTEGER}) ORDER BY id`,
    );
    return read.getRowObjects();
  };
  const first = () =>
    publish(
      'r1',
      undefined,
      { 'year=2017': '(1, 1.10)', 'year=2018': '(2, 2.20)', [NULL]: '(3, 3.30)' },
      'all',
    );
  const gc = (runs: readonly OpenRun[] = [], dryRun = false) =>
    harness.lake.gc({ olderThanMs: 0, applied: new Set(), inUse: new Set(), runs, dryRun });
  /** Parquet files of the lake, and of attempts. */
  const filesIn = async () =>
    (await readdir(harness.root, { recursive: true })).filter((name) => name.endsWith('.parquet')).length;
  /** As if nobody had written there for an hour. */
  const settle = async () => {
    const then = new Date(Date.now() - 3_600_000);
    for (const name of await readdir(harness.root, { recursive: true }))
      await utimes(join(harness.root, name), then, then);
  };

  describe(`datasets of ${lake}`, () => {
    it('are what the newest publication says: partitions that are replaced are, the others stay', async () => {
      const one = await first();
      expect(await seen(one)).toEqual([
        { id: 1, price: '1.10', year: 2017 },
        { id: 2, price: '2.20', year: 2018 },
        { id: 3, price: '3.30', year: null },
      ]);
      const two = await publish('r2', one, { 'year=2018': '(2, 9.99), (4, 0.01)' }, ['year=2018', NULL]);
      expect(two).toMatchObject({ number: 2, datasets: { [NAME]: { rows: 3, inputs: { orders: 'r2' } } } });
      expect(await harness.lake.datasets.current('shop', 'silver')).toEqual(two);
      expect(await seen(two)).toEqual([
        { id: 1, price: '1.10', year: 2017 },
        { id: 2, price: '9.99', year: 2018 },
        { id: 4, price: '0.01', year: 2018 },
      ]);
    });

    it('stay as they were where an attempt is killed before it publishes; the next one begins anew', async () => {
      const one = await first();
      const killed = await opened('r2', one);
      await put(killed, { 'year=2018': '(2, 0)' }, 'all');
      expect(await harness.lake.datasets.current('shop', 'silver')).toEqual(one);
      expect(await seen(one)).toHaveLength(3);
      const two = await publish('r2', one, { 'year=2018': '(2, 5)' }, ['year=2018']);
      expect(two.datasets[NAME]?.files.map(({ path }) => dirname(path).split('/')[0])).not.toContain(
        killed.uris[NAME]?.split('/').at(-1),
      );
      await settle();
      await gc();
      expect(await filesIn()).toBe(3);
      expect(await seen(two)).toHaveLength(3);
    });

    it('are published by one of two that go on from the same: the other is to begin again', async () => {
      const one = await first();
      const attempt = await opened('r2', one);
      await put(attempt, {}, 'all');
      await publish('r3', one, { 'year=2018': '(7, 7)' }, 'all');
      await expect(attempt.publish(made('r2'))).rejects.toThrow(TransientError);
      await attempt.abort();
      expect(existsSync(join(harness.local(attempt.uris[NAME] ?? ''), '_dataset.json'))).toBe(false);
      expect(await harness.lake.datasets.current('shop', 'silver')).toMatchObject({ number: 2, run: 'r3' });
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
      expect(await harness.lake.datasets.current('shop', 'silver')).toBeUndefined();
    });

    it('have no row, and their columns all the same, where nothing was made', async () => {
      const empty = await publish('r1', undefined, { 'year=2018': 'SELECT 1, 1 WHERE false' }, 'all');
      expect(empty.datasets[NAME]).toMatchObject({ rows: 0, files: [], columns: COLUMNS });
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
      expect(await harness.lake.datasets.current('shop', 'silver')).toEqual(two);
      expect(await seen(two)).toHaveLength(3);
    });

    it('leave alone what others have put beside them, whatever it is called', async () => {
      await first();
      const theirs = join(harness.local(harness.lake.datasets.folderUri('shop', NAME)), 'data-2024');
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
  });
}
