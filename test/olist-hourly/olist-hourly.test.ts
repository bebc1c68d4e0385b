import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedOlistInMysql } from '../../seed/mysql/index.ts';
import { OlistHourly } from './lab.ts';

const OLIST = join(
  process.env['SLUICE_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data'),
  'olist',
);
const SHOP = join(OLIST, 'merged_23k');
const absent = !existsSync(SHOP);
if (absent)
  console.warn(
    `The sums of the real shop are NOT tested: no folder ${SHOP}. Set SLUICE_TEST_DATA to the folder that has olist/.`,
  );

const FIRST = { start: '2018-12-31T23:00:00Z', end: '2019-01-01T00:00:00Z' };
const NEXT = { start: '2019-01-01T00:00:00Z', end: '2019-01-01T01:00:00Z' };

const csv = (name: string, types = '') =>
  `(SELECT * FROM read_csv('${existsSync(join(SHOP, name)) ? join(SHOP, name) : join(OLIST, name)}', header = true${types && `, types = {${types}}`}))`;
const ORDERS = csv('olist_orders_dataset.csv');
const ITEMS = csv(
  'olist_order_items_dataset.csv',
  `'price': 'DECIMAL(10,2)', 'freight_value': 'DECIMAL(10,2)'`,
);
const PAYMENTS = csv('olist_order_payments_dataset.csv', `'payment_value': 'DECIMAL(10,2)'`);
const REVIEWS = csv('olist_order_reviews_dataset.csv');
const CUSTOMERS = csv('olist_customers_dataset.csv', `'customer_zip_code_prefix': 'VARCHAR'`);
const NAMES = csv('product_category_name_translation.csv');
const SELLERS = csv('olist_sellers_dataset.csv');

/** What is asked of a raw table (first) and of the files (second) in the same words. */
const SUMS: Readonly<Record<string, readonly [raw: string, file: string, sums: string]>> = {
  'orders by their customer’s place': [
    'orders',
    `${ORDERS} JOIN ${CUSTOMERS} USING (customer_id)`,
    `customer_state, min(customer_city), max(customer_city), sum(CAST(customer_zip_code_prefix AS INTEGER)), count(*), count(DISTINCT order_id),
     count(order_approved_at), count(order_delivered_customer_date), min(order_purchase_timestamp), max(order_purchase_timestamp)`,
  ],
  'items and their cents': [
    'order_items',
    `${ITEMS} JOIN ${ORDERS} USING (order_id)`,
    `year(order_purchase_timestamp), count(*), count(DISTINCT (order_id, order_item_id)), sum(price) * 100, sum(freight_value) * 100, max(shipping_limit_date)`,
  ],
  'payments and their cents': [
    'order_payments',
    `${PAYMENTS} JOIN ${ORDERS} USING (order_id)`,
    `payment_type, count(*), count(DISTINCT (order_id, payment_sequential)), sum(payment_value) * 100, sum(payment_installments)`,
  ],
  'reviews and the length of what they say': [
    'order_reviews',
    REVIEWS,
    `review_score, count(*), count(DISTINCT (review_id, order_id)), count(review_comment_title), sum(length(review_comment_message)),
     max(review_answer_timestamp)`,
  ],
  sellers: ['sellers', SELLERS, 'seller_state, count(*), count(DISTINCT seller_id)'],
  'names of categories': ['product_category_name_translation', NAMES, '*'],
};
const SALES = `SELECT category, year, items_sold, orders, price, freight FROM olist_hourly.sales_by_category`;
const SALES_OF_FILES = `
  SELECT coalesce(product_category_name_english, product_category_name, 'none') AS category, CAST(year(order_purchase_timestamp) AS INTEGER) AS year,
    count(*) AS items_sold, count(DISTINCT order_id) AS orders, sum(price) AS price, sum(freight_value) AS freight
  FROM ${ITEMS} JOIN ${ORDERS} USING (order_id) LEFT JOIN ${csv('olist_products_dataset.csv')} USING (product_id)
    LEFT JOIN ${NAMES} USING (product_category_name) GROUP BY ALL`;

let shop: OlistHourly;
const asText = (sql: string) => `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${sql})`;
const inOrder = (rows: readonly object[]) => rows.map((row) => JSON.stringify(Object.values(row))).sort();
const ofWarehouse = async (sql: string) => inOrder(await shop.query(asText(sql)));

async function ofFiles(sql: string): Promise<string[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    return inOrder((await connection.runAndReadAll(asText(sql))).getRowObjectsJson());
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function expectTheFiles(): Promise<void> {
  for (const [what, [raw, file, sums]] of Object.entries(SUMS)) {
    // The columns of a raw row that the engine has put there are of no file.
    const from =
      sums === '*'
        ? `(SELECT * EXCLUDE (${await shop.ownColumns(raw)}) FROM raw_olist_hourly.${raw})`
        : `raw_olist_hourly.${raw}`;
    const group = sums === '*' ? '' : ' GROUP BY ALL';
    const found = await ofWarehouse(`SELECT ${sums} FROM ${from}${group}`);
    expect(found.length, what).toBeGreaterThan(2);
    expect(found, what).toEqual(await ofFiles(`SELECT ${sums} FROM ${file}${group}`));
  }
  const sales = await ofWarehouse(SALES);
  expect(sales.length).toBeGreaterThan(100);
  expect(sales).toEqual(await ofFiles(SALES_OF_FILES));
}

describe.skipIf(absent)('olist_hourly over the real files', { timeout: 600_000 }, () => {
  beforeAll(async () => {
    shop = await OlistHourly.open();
    await seedOlistInMysql(shop.mysql.address, { data: [SHOP, OLIST] });
  }, 400_000);
  afterAll(() => shop.close());

  it('has the rows, keys and cents that plain SQL finds in them', async () => {
    const brought = await shop.run(FIRST);
    expect(brought).toMatchObject({
      orders: 23_626,
      order_items: 26_975,
      order_payments: 24_636,
      geolocation: 0,
    });
    await expectTheFiles();
  });

  it('changes no row when the same hour is run again, nor when the next one reads its window', async () => {
    const before = await shop.contents();
    expect(await shop.run(FIRST)).toMatchObject({ orders: 23_626 });
    expect(await shop.contents()).toEqual(before);
    const window = await shop.run(NEXT);
    expect(window['orders']).toBeGreaterThan(0);
    expect(window['orders']).toBeLessThan(23_626);
    expect(await shop.contents()).toEqual(before);
    await expectTheFiles();
  });

  it('takes away what has vanished inside of the window, and nothing before it', async () => {
    const [late] = await shop.mysql.sql(
      'SELECT order_id FROM orders ORDER BY order_purchase_timestamp DESC LIMIT 1',
    );
    const [early] = await shop.mysql.sql(
      'SELECT order_id FROM orders ORDER BY order_purchase_timestamp LIMIT 1',
    );
    await shop.mysql.sql(
      `DELETE FROM orders WHERE order_id IN ('${late?.['order_id']}', '${early?.['order_id']}')`,
    );
    await shop.run(NEXT);
    expect(
      await shop.query(
        `SELECT order_id FROM raw_olist_hourly.orders WHERE order_id IN ('${late?.['order_id']}', '${early?.['order_id']}')`,
      ),
    ).toEqual([{ order_id: early?.['order_id'] }]);
  });
});
