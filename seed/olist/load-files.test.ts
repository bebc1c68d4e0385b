import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DataInconsistent, DataMalformed, DataMissing } from '../errors.ts';
import { seedOlist } from '../index.ts';
import { testDatabase, type TestDatabase } from '../../test/setup/database.ts';
import { olistFiles, type OlistTable } from './tables.ts';

/** Milliseconds; a real database on a busy machine takes its time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await testDatabase('seed');
});
afterAll(() => database.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-data-'));
  return () => rm(folder, { recursive: true });
});

const write = (table: OlistTable, text: string | Buffer) => writeFile(join(folder, olistFiles[table]), text);
const seed = (...data: string[]) => seedOlist(database.client, { data: data.length > 0 ? data : [folder] });

async function rows(sql: string): Promise<unknown[]> {
  return (await database.client.query<Record<string, unknown>>(sql)).rows;
}

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(32));
const CUSTOMERS = `customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state\n${a},${b},01001,sao paulo,SP\n`;
const ORDERS_HEADING =
  'order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date';
const ORDERS = `${ORDERS_HEADING}\n${c},${a},created,2018-08-01 02:03:04,,,,2018-08-20 00:00:00\n`;
const REVIEWS_HEADING =
  'review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,review_answer_timestamp';
const DATES = '2018-08-21 00:00:00,2018-08-22 10:00:00';

async function writeOrders(): Promise<void> {
  await write('customers', CUSTOMERS);
  await write('orders', ORDERS);
}

describe('loading CSV files', () => {
  it('takes a BOM, any line end, quotes, line breaks within a text, and blanks as NULL', async () => {
    await writeOrders();
    await write(
      'product_category_name_translation',
      '\ufeffproduct_category_name,product_category_name_english\r\nartes,art\r\n',
    );
    await write('order_reviews', `${REVIEWS_HEADING}\n${d},${c},5,,"um\r\n""dois""\n\\N\t ",${DATES}\n`);
    const report = await seed();
    expect(report.inserted).toMatchObject({
      orders: 1,
      order_reviews: 1,
      product_category_name_translation: 1,
      products: 0,
    });
    expect(report.empty).toContainEqual({ table: 'products', file: 'olist_products_dataset.csv' });
    expect(
      await rows(
        'select review_comment_title as title, review_comment_message as message from order_reviews',
      ),
    ).toEqual([{ title: null, message: 'um\r\n"dois"\n\\N\t ' }]);
    expect(await rows('select order_approved_at from orders')).toEqual([{ order_approved_at: null }]);
  });

  it('prefers the first place that has a file, and names foreign keys it could not check', async () => {
    await writeOrders();
    const second = join(folder, 'second');
    await mkdir(second);
    await cp(join(folder, olistFiles.customers), join(second, olistFiles.customers));
    await writeFile(join(second, olistFiles.orders), 'not a table of orders');
    const report = await seed(folder, second);
    expect(report.inserted.orders).toBe(1);
    expect(report.unchecked).toContain('order_items_product_id_fkey');
    expect(report.unchecked).not.toContain('orders_customer_id_fkey');
  });

  it('takes a single file whose name says more than its Kaggle name', async () => {
    const path = join(folder, 'olist_customers_dataset.some_values.csv');
    await writeFile(path, CUSTOMERS);
    expect((await seed(path)).inserted.customers).toBe(1);
  });

  it.each([
    [
      'a time that is none',
      `${c},${a},created,2018-02-30 02:03:04,,,,2018-08-20 00:00:00`,
      'order_purchase_timestamp',
    ],
    ['a blank that may not be', `${c},,created,2018-02-03 02:03:04,,,,2018-08-20 00:00:00`, 'customer_id'],
    ['a field too many', `${c},${a},created,2018-02-03 02:03:04,,,,2018-08-20 00:00:00,`, undefined],
    ['a quote in the middle', `${c},${a},cre"ated,2018-02-03 02:03:04,,,,2018-08-20 00:00:00`, undefined],
  ])('stops at %s, naming file, line and column, with everything as before', async (_, row, column) => {
    await seedOlist(database.client, { orders: 20 });
    await writeOrders();
    await write('orders', `${ORDERS}${row}\n`);
    const error: unknown = await seed().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DataMalformed);
    expect(error).toMatchObject({ file: join(folder, olistFiles.orders), line: 3, column });
    expect(String(error)).toContain('Nothing was loaded');
    expect(await rows('select count(*)::int from orders')).toEqual([{ count: 20 }]);
  });

  it('counts lines rightly past texts of several lines', async () => {
    await writeOrders();
    await write(
      'order_reviews',
      `${REVIEWS_HEADING}\n${d},${c},5,,"um\n\ndois",${DATES}\n${b},${c},six,,,${DATES}\n`,
    );
    await expect(seed()).rejects.toThrow(/line 5, column review_score: "six" is not of type integer/);
  });

  it('stops at bytes that are not UTF-8', async () => {
    await write('customers', Buffer.from(CUSTOMERS.replace('sao', 's\xe3o'), 'latin1'));
    await expect(seed()).rejects.toThrow(/line 2, column customer_city: .* is not valid UTF-8/);
  });

  it('stops at a heading that is not the table’s', async () => {
    await write('customers', 'customer_id,customer_name\n');
    await expect(seed()).rejects.toThrow(
      /line 1: the heading lacks customer_unique_id.* has unknown customer_name/,
    );
    await write('customers', '');
    await expect(seed()).rejects.toThrow(/line 1: is empty/);
  });

  it.each([
    [
      'a key twice',
      ORDERS + ORDERS.slice(ORDERS_HEADING.length + 1),
      /orders.*\(order_id\)=\(c+\) is duplicated/,
    ],
    [
      'a row that refers to none',
      ORDERS.replaceAll(a ?? '', b ?? ''),
      /orders.*is not present in table "customers"/,
    ],
    ['a status there is not', ORDERS.replace('created', 'lost'), /orders.*orders_order_status_check/],
  ])('stops at %s', async (_, orders, message) => {
    await writeOrders();
    await write('orders', orders);
    const failure = seed();
    await expect(failure).rejects.toThrow(DataInconsistent);
    await expect(failure).rejects.toThrow(message);
    expect(await rows('select 1 as alive')).toEqual([{ alive: 1 }]);
  });

  it('refuses places that are not there or hold none of the tables', async () => {
    await expect(seed(join(folder, 'nowhere'))).rejects.toThrow(DataMissing);
    await expect(seed(folder)).rejects.toThrow(/has none of the Olist tables/);
    await mkdir(join(folder, olistFiles.customers));
    await expect(seed(folder)).rejects.toThrow(/olist_customers_dataset.csv' cannot be read \(EISDIR/);
  });

  it('cannot shift where there is no order, and leaves what was there', async () => {
    await seedOlist(database.client, { orders: 20 });
    await write('customers', CUSTOMERS);
    const shifted = seedOlist(database.client, { data: [folder], shiftTo: '2026-01-01' });
    await expect(shifted).rejects.toThrow(/no order to go by/);
    expect(await rows('select count(*)::int from orders')).toEqual([{ count: 20 }]);
  });
});

describe('loading a SQLite file', () => {
  function create(...statements: string[]): string {
    const path = join(folder, 'olist.sqlite');
    const file = new sqlite.Database(path);
    for (const statement of statements) file.exec(statement);
    file.close();
    return path;
  }
  const CUSTOMERS_TABLE = `create table customers (customer_id TEXT, customer_unique_id TEXT,
    customer_zip_code_prefix INTEGER, customer_city TEXT, customer_state TEXT)`;

  it('reads its tables, numbers and booleans included, and gives zip codes their zeros back', async () => {
    const path = create(
      CUSTOMERS_TABLE,
      `insert into customers values ('${a}', '${b}', 1001, 'são paulo', 'SP')`,
      `create table leads_qualified (mql_id TEXT, first_contact_date TEXT, landing_page_id TEXT, origin TEXT)`,
      `insert into leads_qualified values ('${c}', '2018-02-01', '${d}', null)`,
      `create table leads_closed (mql_id TEXT, seller_id TEXT, sdr_id TEXT, sr_id TEXT, won_date TEXT,
         business_segment TEXT, lead_type TEXT, lead_behaviour_profile TEXT, has_company INTEGER, has_gtin INTEGER,
         average_stock TEXT, business_type TEXT, declared_product_catalog_size REAL, declared_monthly_revenue REAL)`,
      `insert into leads_closed values ('${c}', '${a}', '${a}', '${a}', '2018-02-26 19:58:54', 'pet', null, 'cat',
         1, null, null, 'reseller', 12.0, 99.9)`,
    );
    const report = await seed(path);
    expect(report.inserted).toMatchObject({ customers: 1, leads_closed: 1 });
    expect(
      await rows('select customer_zip_code_prefix as zip, customer_city as city from customers'),
    ).toEqual([{ zip: '01001', city: 'são paulo' }]);
    expect(
      await rows(`select has_company, has_gtin, declared_product_catalog_size as size,
        declared_monthly_revenue as revenue from leads_closed`),
    ).toEqual([{ has_company: true, has_gtin: null, size: 12, revenue: '99.90' }]);
  });

  it('stops at a value that does not fit, naming table, row and column', async () => {
    create(CUSTOMERS_TABLE, `insert into customers values ('${a}', null, 1001, 'x', 'SP')`);
    await expect(seed()).rejects.toThrow(
      /olist.sqlite, table customers, row 1, column customer_unique_id: is blank/,
    );
  });
});
