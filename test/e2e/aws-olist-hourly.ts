import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { expect } from 'vitest';
import { connectionOf } from '../../cli/seeding.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { registry } from '../../pipelines/index.ts';
import { seedOlistInMysql } from '../../seed/mysql/index.ts';
import type { TestStack } from './stack.ts';

const PIPELINE = 'olist_hourly';
const FIRST = '2018-12-31T23:00:00Z/2019-01-01T00:00:00Z';
const NEXT = '2019-01-01T00:00:00Z/2019-01-01T01:00:00Z';
const THIRD = '2019-01-01T01:00:00Z/2019-01-01T02:00:00Z';

/** The same question to the source (first) and to the warehouse (second). */
const QUESTIONS: Readonly<Record<string, readonly [source: string, warehouse: string]>> = {
  'orders and their keys': [
    `SELECT order_status AS status, COUNT(*) AS n, COUNT(DISTINCT order_id) AS ids FROM orders GROUP BY order_status`,
    `SELECT order_status AS status, count(*) AS n, count(DISTINCT order_id) AS ids FROM raw_olist_hourly.orders GROUP BY order_status`,
  ],
  'items, their keys and cents': [
    `SELECT COUNT(*) AS n, COUNT(DISTINCT order_id, order_item_id) AS ids, SUM(price) AS price, SUM(freight_value) AS freight FROM order_items`,
    `SELECT count(*) AS n, count(DISTINCT order_id || '/' || CAST(order_item_id AS VARCHAR(9))) AS ids, sum(price) AS price, sum(freight_value) AS freight
     FROM raw_olist_hourly.order_items`,
  ],
  'payments and their cents': [
    `SELECT payment_type AS type, COUNT(*) AS n, SUM(payment_value) AS paid, SUM(payment_installments) AS parts FROM order_payments GROUP BY payment_type`,
    `SELECT payment_type AS type, count(*) AS n, sum(payment_value) AS paid, sum(payment_installments) AS parts FROM raw_olist_hourly.order_payments GROUP BY payment_type`,
  ],
  'sales by category': [
    `SELECT COALESCE(product_category_name_english, product_category_name, 'none') AS category, YEAR(order_purchase_timestamp) AS year,
       COUNT(*) AS items_sold, COUNT(DISTINCT order_id) AS orders, SUM(price) AS price, SUM(freight_value) AS freight
     FROM order_items JOIN orders USING (order_id) LEFT JOIN products USING (product_id)
       LEFT JOIN product_category_name_translation USING (product_category_name) GROUP BY 1, 2`,
    `SELECT category, year, items_sold, orders, price, freight FROM olist_hourly.sales_by_category`,
  ],
};

/** Runs `olist_hourly` three times: rows, keys and cents of the source; an hour with nothing new changes no row; what is deleted within the window goes. */
export async function expectOlistHourlyToRun(stack: TestStack): Promise<void> {
  const settings = connectionOf(stack.session.profile, 'olist_mysql');
  if (settings.type !== 'mysql') throw new Error('The profile has no MySQL.');
  await seedOlistInMysql(settings, { orders: 300 });
  const { host, port, user, password, database } = settings;
  const client = await mysql.createConnection({ host, port, user, password, database });
  try {
    await stack.run(PIPELINE, FIRST);
    await expectWhatTheSourceSays(stack, client);
    const first = await contents(stack);

    await stack.run(PIPELINE, NEXT);
    expect(await contents(stack)).toEqual(first);

    const [late, other] = await ordersFromTheEnd(client);
    for (const table of ['orders', 'order_items', 'order_payments', 'order_reviews'])
      await client.query(`DELETE FROM ${table} WHERE order_id = ?`, [late]);
    await client.query('UPDATE order_items SET price = price + 1.01 WHERE order_id = ?', [other]);
    await stack.run(PIPELINE, THIRD);
    await expectWhatTheSourceSays(stack, client);
    const third = await contents(stack);
    const { orders = [] } = first;
    expect(third['orders']).toEqual(orders.filter((row) => !row.includes(String(late))));
    expect(third['orders']).toHaveLength(orders.length - 1);
  } finally {
    await client.end();
  }
}

async function expectWhatTheSourceSays(stack: TestStack, client: Connection): Promise<void> {
  for (const [what, [ofSource, ofWarehouse]] of Object.entries(QUESTIONS)) {
    const [asked] = await client.query<RowDataPacket[]>(ofSource);
    const expected = inOrder(asked);
    expect(expected.length, what).toBeGreaterThan(0);
    expect(inOrder(await stack.sql(ofWarehouse)), what).toEqual(expected);
  }
}

/** All rows of raw tables and the mart as text, without what tells their loads, in an order of its own. */
async function contents(stack: TestStack): Promise<Record<string, string[]>> {
  const tables = pipelineNamed(registry, PIPELINE).tables.map(({ name }) => `raw_${PIPELINE}.${name}`);
  const found: Record<string, string[]> = {};
  for (const table of [...tables, `${PIPELINE}.sales_by_category`]) {
    const rows = await stack.sql(`SELECT * FROM ${table}`);
    found[table.replace(/.*\./, '')] = rows
      .map((row) =>
        JSON.stringify(Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('_')))),
      )
      .sort();
  }
  return found;
}

/** Of the last orders with items, the newest first. */
async function ordersFromTheEnd(client: Connection): Promise<unknown[]> {
  const [rows] = await client.query<RowDataPacket[]>(
    'SELECT DISTINCT order_id, order_purchase_timestamp FROM orders JOIN order_items USING (order_id) ORDER BY order_purchase_timestamp DESC LIMIT 2',
  );
  return rows.map(({ order_id }) => order_id as unknown);
}

function inOrder(rows: readonly object[]): string[] {
  return rows
    .map((row) =>
      Object.values(row)
        .map((value: unknown) => String(value))
        .join('|'),
    )
    .sort();
}
