import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Catalog, CatalogTable } from '../port.ts';

export interface CatalogHarness {
  readonly catalog: Catalog;
  /** The lake that files are in; ends without `/`. */
  readonly lakeUri: string;
  /** Where a file or folder of the lake is on this disk. */
  readonly local: (uri: string) => string;
  /** A table as its readers have it: every row as JSON, sorted, and the columns as `name TYPE` in DuckDB's words. */
  readonly read: (
    schema: string,
    table: string,
  ) => Promise<{ readonly rows: readonly string[]; readonly columns: readonly string[] }>;
  readonly end: () => Promise<void>;
}

const ID = { name: 'id', type: 'int' };
const PRICE = { name: 'price', type: 'decimal(10,2)' };
const YEAR = { name: 'year', type: 'int' };
const NONE = '__HIVE_DEFAULT_PARTITION__';
/** More than a batch and a page of any catalog have. */
const MANY = 230;

/** Every catalog must pass it. */
export function catalogConforms(name: string, open: () => Promise<CatalogHarness>): void {
  describe(`the catalog of ${name}`, { timeout: 120_000 }, () => {
    let harness: CatalogHarness;
    let duckdb: DuckDBConnection;
    beforeAll(async () => {
      harness = await open();
      duckdb = await (await DuckDBInstance.create()).connect();
    });
    afterAll(async () => {
      duckdb.closeSync();
      await harness.end();
    });

    let attempts = 0;
    /** A dataset as of a version whose files hold these rows, by the folder of their partition. */
    const version = async (
      [schema, table]: readonly [string, string],
      partitionedBy: readonly string[],
      partitions: Readonly<Record<string, string>>,
      columns = [ID, PRICE, ...(partitionedBy.length ? [YEAR] : [])],
      earlier: readonly string[] = [],
    ): Promise<CatalogTable> => {
      const folderUri = `${harness.lakeUri}/silver/${schema}/${table}`;
      const data = `${folderUri}/data-${(attempts += 1)}`;
      const fileUris = [...earlier];
      for (const [partition, select] of Object.entries(partitions)) {
        const folder = partition ? `${data}/${partition}` : data;
        await mkdir(harness.local(folder), { recursive: true });
        const path = join(harness.local(folder), 'part-0.parquet').replaceAll("'", "''");
        await duckdb.run(`COPY (SELECT ${select}) TO '${path}'`);
        fileUris.push(`${folder}/part-0.parquet`);
      }
      return { schema, table, columns, partitionedBy, folderUri, fileUris };
    };
    const point = (...tables: CatalogTable[]) => harness.catalog.point(tables, new AbortController().signal);
    const rows = async (schema: string, table: string) =>
      (await harness.read(schema, table)).rows.map((row) => JSON.parse(row) as unknown);

    it('has the rows and columns of a version, partitions as columns, null among them; and again', async () => {
      const orders = await version(['shop_silver', 'orders'], ['year'], {
        'year=2017': '1::INT AS id, 1.1::DECIMAL(10,2) AS price',
        'year=2018': 'unnest([2, 3])::INT AS id, 2.2::DECIMAL(10,2) AS price',
        [`year=${NONE}`]: '4::INT AS id, NULL::DECIMAL(10,2) AS price',
      });
      const items = await version(['shop_gold', 'items'], [], {
        '': '7::INT AS id, 0::DECIMAL(10,2) AS price',
      });
      for (let again = 0; again < 2; again += 1) {
        await point(orders, items);
        expect(await rows('shop_silver', 'orders')).toEqual([
          { id: 1, price: '1.10', year: 2017 },
          { id: 2, price: '2.20', year: 2018 },
          { id: 3, price: '2.20', year: 2018 },
          { id: 4, price: null, year: null },
        ]);
        expect(await rows('shop_gold', 'items')).toEqual([{ id: 7, price: '0.00' }]);
      }
      const { columns } = await harness.read('shop_silver', 'orders');
      expect(columns).toEqual(['id INTEGER', 'price DECIMAL(10,2)', 'year INTEGER']);
    });

    it('follows to the next version: partitions that are new, elsewhere, untouched and no more', async () => {
      const at = ['shop_silver', 'moves'] as const;
      const one = await version(at, ['year'], {
        'year=1': '1::INT AS id, 1::DECIMAL(10,2) AS price',
        'year=2': '2::INT AS id, 1::DECIMAL(10,2) AS price',
        'year=3': '3::INT AS id, 1::DECIMAL(10,2) AS price',
      });
      await point(one);
      const kept = one.fileUris.filter((uri) => uri.includes('year=1'));
      const two = {
        'year=3': '30::INT AS id, 9::DECIMAL(10,2) AS price',
        'year=4': '40::INT AS id, 9::DECIMAL(10,2) AS price',
      };
      await point(await version(at, ['year'], two, one.columns as (typeof ID)[], kept));
      expect(await rows(...at)).toEqual([
        { id: 1, price: '1.00', year: 1 },
        { id: 30, price: '9.00', year: 3 },
        { id: 40, price: '9.00', year: 4 },
      ]);
    });

    it('names partitions whose values are no plain words', async () => {
      const at = ['shop_silver', 'places'] as const;
      const columns = [ID, { name: 'city', type: 'string' }];
      const folders = { 'city=a%2Fb%3D100%25': '1::INT AS id', 'city=São Paulo': '2::INT AS id' };
      await point(await version(at, ['city'], folders, columns));
      expect(await rows(...at)).toEqual([
        { id: 1, city: 'a/b=100%' },
        { id: 2, city: 'São Paulo' },
      ]);
    });

    it('has no rows, and the columns all the same, where a version has none; then rows again', async () => {
      const row = '1::INT AS id, 1::DECIMAL(10,2) AS price';
      for (const [table, partitionedBy, partition] of [
        ['empty', [], ''],
        ['emptied', ['year'], 'year=1'],
      ] as const) {
        for (const files of [{}, { [partition]: row }, {}]) {
          await point(await version(['shop_silver', table], partitionedBy, files));
          const found = await harness.read('shop_silver', table);
          expect(found.rows).toHaveLength(Object.keys(files).length);
          expect(found.columns.slice(0, 2)).toEqual(['id INTEGER', 'price DECIMAL(10,2)']);
        }
      }
    });

    it('has other columns, and other columns that name folders, once a version has', async () => {
      const at = ['shop_silver', 'grows'] as const;
      const one = await version(at, ['year'], { 'year=1': '1::INT AS id, 1::DECIMAL(10,2) AS price' });
      await point(one);
      const note = { name: 'note', type: 'string' };
      const wider = [{ ...ID, type: 'bigint' }, PRICE, note, YEAR];
      const added = { 'year=2': `2::BIGINT AS id, 2::DECIMAL(10,2) AS price, 'x' AS note` };
      await point(await version(at, ['year'], added, wider, one.fileUris));
      const found = await harness.read(...at);
      expect(found.columns).toEqual(['id BIGINT', 'price DECIMAL(10,2)', 'note VARCHAR', 'year INTEGER']);
      expect(found.rows.map((row) => JSON.parse(row) as unknown)).toEqual([
        { id: '1', price: '1.00', note: null, year: 1 },
        { id: '2', price: '2.00', note: 'x', year: 2 },
      ]);
      const month = { name: 'month', type: 'int' };
      const byMonth = { 'year=2/month=5': '2::INT AS id, 2::DECIMAL(10,2) AS price' };
      await point(await version(at, ['year', 'month'], byMonth, [ID, PRICE, YEAR, month]));
      expect(await rows(...at)).toEqual([{ id: 2, price: '2.00', year: 2, month: 5 }]);
    });

    it(`has ${MANY} partitions, moves them all, and drops most`, async () => {
      const at = ['shop_silver', 'many'] as const;
      const all = (from: number, price: number) =>
        Object.fromEntries(
          Array.from({ length: MANY - from }, (_, each) => [
            `year=${from + each}`,
            `${from + each}::INT AS id, ${price}::DECIMAL(10,2) AS price`,
          ]),
        );
      const sum = async () =>
        ((await rows(...at)) as { price: string }[]).reduce((sum, { price }) => sum + Number(price), 0);
      await point(await version(at, ['year'], all(0, 1)));
      expect(await sum()).toBe(MANY);
      await point(await version(at, ['year'], all(0, 2)));
      expect(await sum()).toBe(2 * MANY);
      await point(await version(at, ['year'], all(MANY - 20, 3)));
      expect(await sum()).toBe(60);
    });
  });
}
