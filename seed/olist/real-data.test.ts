import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { advanceOlist, seedOlist } from '../index.ts';
import { testDatabase, type TestDatabase } from '../../test/setup/database.ts';
import { olistFiles, olistTables, type OlistTable } from './tables.ts';

/** Milliseconds; a real database on a busy machine takes its time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const root = process.env['SLUICE_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data');
const folder = join(root, 'olist');
const absent = !existsSync(folder);
if (absent)
  console.warn(
    `Real data is NOT tested: no folder ${folder}. Set SLUICE_TEST_DATA to the folder that has olist/.`,
  );

describe.skipIf(absent)('real data', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase('seed');
  });
  afterAll(() => database.close());

  const pathOf = (places: readonly string[], table: OlistTable) =>
    places.map((place) => join(place, olistFiles[table])).find((path) => existsSync(path));

  async function recordsOf(path: string): Promise<Record<string, string>[]> {
    return parse(await readFile(path, 'utf8'), { bom: true, columns: true });
  }

  describe.each([
    ['sample_3k', [] as string[]],
    ['merged_23k', ['geolocation']],
  ])('%s beside the full files', (sample, empty) => {
    const places = [join(folder, sample), folder];

    it('arrives row for row, with every foreign key checked', async () => {
      const report = await seedOlist(database.client, { data: places });
      for (const table of olistTables) {
        const path = pathOf(places, table);
        expect([table, report.inserted[table]]).toEqual([table, path ? (await recordsOf(path)).length : 0]);
      }
      expect(report.empty.map(({ table }) => table)).toEqual(empty);
      expect(report.unchecked).toEqual([]);
    });

    it('arrives field for field', async () => {
      for (const table of olistTables) {
        const path = pathOf(places, table);
        if (path === undefined) continue;
        const records = await recordsOf(path);
        const names = Object.keys(records[0] ?? {});
        const { rows } = await database.client.query<{ fields: (string | null)[] }>(
          `select array[${names.map((name) => `${name}::text`).join(', ')}] as fields from public.${table} order by ctid`,
        );
        const stored = rows.map(({ fields }) => fields.map(plain));
        expect(stored).toEqual(records.map((record) => names.map((name) => plain(record[name] ?? ''))));
      }
    });

    it('can be moved to today and be advanced', async () => {
      const { newestPurchase } = await seedOlist(database.client, { data: places, shiftTo: '2026-11-20' });
      expect(newestPurchase).toBe('2026-11-20');
      expect((await advanceOlist(database.client, { days: 2 })).inserted.orders).toBeGreaterThan(1);
    });
  });

  it('is not complete without the files that its rows refer to, and says so', async () => {
    const { empty, unchecked } = await seedOlist(database.client, { data: [join(folder, 'merged_23k')] });
    expect(empty.map(({ table }) => table)).toContain('products');
    expect(unchecked).toContain('order_items_product_id_fkey');
  });
});

/** A value without what only its writing differs in: `8000000.0` and `8000000.00`, `True` and `true`. */
function plain(text: string | null): string {
  if (text === null) return '';
  if (/^(true|false)$/i.test(text)) return text.toLowerCase();
  return /^-?\d+\.\d+$/.test(text) ? String(Number(text)) : text;
}
