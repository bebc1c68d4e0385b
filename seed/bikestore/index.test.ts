import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'csv-parse/sync';
import { InvalidInput } from '../../core/errors.ts';
import { testDatabase, type TestDatabase } from '../../test/setup/database.ts';
import { DataMissing } from '../errors.ts';
import { checkBikestore, seedBikestore } from './index.ts';

/** Milliseconds; a real database on a busy machine takes its time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const FILES = join(
  process.env['SLUICE_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data'),
  'bikestore',
);
const absent = !existsSync(FILES);
if (absent)
  console.warn(
    `Real bike stores are NOT tested: no folder ${FILES}. Set SLUICE_TEST_DATA to the folder that has bikestore/.`,
  );

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase('bikes');
});
afterAll(() => database.close());

const one = async (sql: string): Promise<Record<string, unknown>> => {
  const { rows } = await database.client.query<Record<string, unknown>>(sql);
  return rows[0] ?? {};
};
const digest = () => one(`select md5(string_agg(t::text, '|' order by t::text)) as orders from orders t`);

describe('seedBikestore', () => {
  beforeAll(async () => {
    const { inserted } = await seedBikestore(database.url, { orders: 200 });
    expect(inserted).toMatchObject({
      orders: 200,
      customers: 180,
      products: 321,
      stores: 3,
      staffs: 10,
      order_status: 3,
    });
    expect(inserted['order_items']).toBeGreaterThan(400);
  });

  it('gives the same again, and leaves nothing beside the ten tables', async () => {
    const once = await digest();
    await seedBikestore(database.client, { orders: 200 });
    expect(await digest()).toEqual(once);
    expect(await one(`select count(*)::int as n from pg_tables where schemaname = 'public'`)).toEqual({
      n: 10,
    });
  });

  it("keeps the times that rows came with, in the head office's days", async () => {
    expect(
      await one(`select count(*)::int as n from orders join order_status using (order_status_id) where updated_at at time zone 'Asia/Bangkok' <>
        case order_status when 'Completed' then shipped_date when 'Rejected' then required_date + 1 else order_date end`),
    ).toEqual({ n: 0 });
    expect(
      await one(`select count(*)::int as n from orders where (shipped_date is null) = (order_status_id = 3)`),
    ).toEqual({ n: 0 });
  });

  it('moves the time of whatever is changed, and of an order when a line of it is', async () => {
    const { now } = await one('select now()');
    const moved = async (sql: string, of: string) => {
      await database.client.query(sql);
      return (await one(`select updated_at >= '${(now as Date).toISOString()}' as moved from ${of}`))[
        'moved'
      ];
    };
    expect(
      await moved(
        `update customers set phone = 'new' where customer_id = 7`,
        'customers where customer_id = 7',
      ),
    ).toBe(true);
    expect(
      await moved(
        'update order_items set quantity = 9 where order_id = 5 and item_id = 1',
        'orders where order_id = 5',
      ),
    ).toBe(true);
    expect(await moved('delete from order_items where order_id = 6', 'orders where order_id = 6')).toBe(true);
    expect(
      await moved(`insert into order_items values (8, 9, 1, 1, 10, 0.1)`, 'orders where order_id = 8'),
    ).toBe(true);
    expect(
      await one("select count(*)::int as n from orders where updated_at > now() - interval '1 day'"),
    ).toEqual({ n: 3 });
  });

  it('deletes nobody, and takes who comes back', async () => {
    await database.client.query(
      'delete from customers where customer_id in (1, 2); delete from stores where store_id = 1',
    );
    expect(
      await one(`select count(*)::int as n from customers where is_active = 'N' and updated_at > created_at`),
    ).toEqual({ n: 2 });
    await database.client.query(`update customers set is_active = 'Y' where customer_id = 1`);
    expect(
      await one(
        `select string_agg(is_active, '') as text from (select is_active from customers order by customer_id limit 2) as two`,
      ),
    ).toEqual({ text: 'YN' });
    await database.client.query(`insert into stores (store_id, store_name) values (9, 'Ninth')`);
    expect(
      await one(`select is_active, created_at = updated_at as young from stores where store_id = 9`),
    ).toEqual({ is_active: 'Y', young: true });
  });

  it('refuses what does not fit before it touches anything', async () => {
    await expect(checkBikestore({ shiftTo: '2026-01-01' })).rejects.toThrow(InvalidInput);
    await expect(checkBikestore({ orders: 0 })).rejects.toThrow(/orders is 0/);
    await expect(seedBikestore(database.client, { data: ['/nowhere'] })).rejects.toThrow(DataMissing);
    await expect(seedBikestore(database.client, { data: [import.meta.dirname] })).rejects.toThrow(
      /none of the bike stores' files.*orders\.csv/,
    );
  });
});

describe.skipIf(absent)('real bike stores', () => {
  it('arrive row for row, NULL as null, statuses by their names', async () => {
    const { inserted } = await seedBikestore(database.client, { data: [FILES] });
    const records = (file: string) =>
      parse<Record<string, string>>(readFileSync(join(FILES, file), 'utf8'), { columns: true });
    for (const table of [
      'brands',
      'categories',
      'customers',
      'order_items',
      'orders',
      'products',
      'staffs',
      'stocks',
      'stores',
    ])
      expect([table, inserted[table]]).toEqual([table, records(`${table}.csv`).length]);
    expect(await one('select count(*)::int as n from customers where phone is null')).toEqual({
      n: records('customers.csv').filter(({ phone }) => phone === 'NULL').length,
    });
    const { rows } = await database.client.query(
      `select order_status, count(*)::int as n from orders join order_status using (order_status_id) group by 1 order by 1`,
    );
    expect(rows).toEqual([
      { order_status: 'Completed', n: 1445 },
      { order_status: 'Pending', n: 125 },
      { order_status: 'Rejected', n: 45 },
    ]);
    expect(await one('select count(*)::int as n from staffs where manager_id is null')).toEqual({ n: 1 });
  });

  it('are refused where a file is missing, naming it', async () => {
    await expect(seedBikestore(database.client, { data: [join(FILES, 'orders.csv')] })).rejects.toThrow(
      /has no brands\.csv, .*stocks\.csv/,
    );
  });
});
