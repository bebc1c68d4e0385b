import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TransientError } from '../../core/errors.ts';
import { findSpark } from '../../aws-local/glue/spark-submit.ts';
import { seedOlist } from '../../seed/index.ts';
import { dashboardRuns } from './dashboards.ts';
import { Lakehouse } from './lab.ts';
import { retailSalesRuns } from './retail-sales.ts';

const REAL = join(
  process.env['SLUICE_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data'),
  'olist/sample_3k',
);
const isReal = existsSync(REAL);
if (!isReal)
  console.warn(
    `The lakehouse is NOT tested with real orders, but with generated ones: no folder ${REAL}. Set SLUICE_TEST_DATA to the folder that has olist/.`,
  );

const spark = findSpark();
if (typeof spark === 'string')
  describe.skip(`the lakehouse NOT TESTED: ${spark}`, () => it('runs', () => undefined));
else describe('the lakehouse', { timeout: 1_800_000 }, () => runs(spark.python));

/** What was sold, by the source: a row per order, seller, product and category. */
const SOLD = `
  SELECT i.order_id, i.seller_id, i.product_id, coalesce(n.product_category_name_english, p.product_category_name, 'none') AS product_category,
    count(*)::int AS quantity, sum(price + freight_value)::text AS gmv, o.order_status
  FROM order_items i JOIN orders o USING (order_id) JOIN products p USING (product_id) LEFT JOIN product_category_name_translation n USING (product_category_name)
  GROUP BY 1, 2, 3, 4, 7 ORDER BY 1, 2, 3, 4`;
const BIG = `
  SELECT order_id, seller_id, product_id, product_category, quantity::INTEGER AS quantity, gmv::VARCHAR AS gmv, order_status
  FROM olist_lakehouse.orders_obt ORDER BY 1, 2, 3, 4`;
const STATES = {
  orders:
    'order_id, customer_id, order_status, order_purchase_timestamp::text AS bought, order_approved_at::text AS approved',
  order_items: 'order_id, order_item_id, product_id, price::text AS price, freight_value::text AS freight',
  order_payments: 'order_id, payment_sequential, payment_type, payment_value::text AS paid',
  // As sums: what gives text to JavaScript leaves out a mark that it begins with.
  order_reviews: 'review_id, order_id, review_score, md5(review_comment_message) AS message',
  products: 'product_id, product_category_name, product_weight_g',
  customers: 'customer_id, customer_unique_id, customer_zip_code_prefix',
  product_category_name_translation: 'product_category_name, product_category_name_english',
};

function runs(python: string): void {
  let house: Lakehouse;
  beforeAll(async () => {
    house = await Lakehouse.open(python);
    await seedOlist(house.client, isReal ? { data: [REAL] } : { orders: 1_000 });
  }, 600_000);
  afterAll(() => house.close());

  const mustEqualTheSource = async () => {
    const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();
    for (const [table, columns] of Object.entries(STATES)) {
      const silver = await house.query(
        `SELECT ${columns.replaceAll('::text', '::VARCHAR')} FROM olist_lakehouse_silver.${table}`,
      );
      expect(sorted(silver), table).toEqual(sorted(await house.source(`SELECT ${columns} FROM ${table}`)));
    }
    expect(await house.query(BIG)).toEqual(await house.source(SOLD));
  };
  const rowIds = () => house.query('SELECT order_id, row_id FROM olist_lakehouse_silver.orders ORDER BY ALL');

  it('has in silver what the source has, cleaned, and in gold what was sold, to the cent', async () => {
    await house.source(`
      UPDATE customers SET customer_city = 'sÃ£o paulo' WHERE customer_id = (SELECT min(customer_id) FROM customers);
      UPDATE sellers SET seller_city = 'sp', seller_state = 'sp' WHERE seller_id = (SELECT min(seller_id) FROM sellers);
      UPDATE geolocation SET geolocation_city = 'embu', geolocation_zip_code_prefix = '01234', geolocation_lat = -23.5, geolocation_lng = -46.6
        WHERE ctid = (SELECT min(ctid) FROM geolocation);
      INSERT INTO geolocation VALUES ('01234', 48.8566, 2.3522, 'paris', 'SP');
    `);
    await house.run('2026-01-02');
    await mustEqualTheSource();
    expect(house.jobs).toBe(1);
    expect(
      await house.query(
        `SELECT customer_city AS city FROM olist_lakehouse_silver.customers ORDER BY customer_id LIMIT 1`,
      ),
    ).toEqual([{ city: 'Sao Paulo' }]);
    expect(
      await house.query(
        `SELECT seller_city AS city, seller_state AS state FROM olist_lakehouse_silver.sellers ORDER BY seller_id LIMIT 1`,
      ),
    ).toEqual([{ city: 'Sao Paulo', state: 'SP' }]);
    const [places] = await house.query(`
      SELECT count(*)::INTEGER AS rows, count(DISTINCT row_id)::INTEGER AS ids, max(geolocation_lat) < 5.28 AS inside,
        count(*) FILTER (geolocation_city = 'Embu Das Artes' AND geolocation_zip_code_prefix_3 = '012') > 0 AS embu
      FROM olist_lakehouse_silver.geolocation`);
    const [known] = await house.source(`
      SELECT count(*)::int AS rows FROM geolocation
      WHERE geolocation_lng BETWEEN -73.99222 AND -34.79306 AND geolocation_lat BETWEEN -33.75083 AND 5.27222`);
    expect(places).toEqual({ rows: known?.['rows'], ids: known?.['rows'], inside: true, embu: true });
  });

  it('does nothing again where nothing has changed', async () => {
    const before = await rowIds();
    await house.run('2026-01-03');
    expect(house.jobs).toBe(1);
    expect(await rowIds()).toEqual(before);
  });

  it('follows updates, insertions and deletions; an attempt that is killed before it publishes leaves what was there', async () => {
    const before = new Map((await rowIds()).map((row) => [row['order_id'], row['row_id']]));
    const [sum] = await house.query('SELECT sum(gmv)::VARCHAR AS gmv FROM olist_lakehouse.orders_obt');
    const [line] = await house.source(
      'SELECT order_id, product_id, seller_id FROM order_items ORDER BY order_id LIMIT 1',
    );
    const id = String(line?.['order_id']);
    await house.source(`
      UPDATE orders SET order_status = 'canceled', order_approved_at = NULL WHERE order_id IN (SELECT order_id FROM orders ORDER BY order_id LIMIT 20);
      UPDATE orders SET order_approved_at = '2018-09-09 12:34:56' WHERE order_approved_at IS NULL AND order_id NOT IN (SELECT order_id FROM orders ORDER BY order_id LIMIT 20);
      UPDATE order_items SET price = price + 0.01 WHERE order_id = '${id}';
      INSERT INTO order_items SELECT order_id, 99, product_id, seller_id, shipping_limit_date, 10.10, 0.07 FROM order_items WHERE order_id = '${id}' LIMIT 1;
      DELETE FROM order_items WHERE order_id IN (SELECT order_id FROM order_items ORDER BY order_id DESC LIMIT 5);
      UPDATE order_items SET order_item_id = 42 WHERE (order_id, order_item_id) = (SELECT order_id, order_item_id FROM order_items ORDER BY order_id DESC LIMIT 1);
      UPDATE products SET product_category_name = NULL WHERE product_id = '${String(line?.['product_id'])}';
      DELETE FROM order_reviews WHERE order_id = (SELECT order_id FROM order_reviews ORDER BY order_id LIMIT 1);
      DELETE FROM order_payments WHERE order_id = '${id}';
      INSERT INTO order_payments VALUES ('${id}', 1, 'voucher', 1, 50), ('${id}', 2, 'credit_card', 3, 30), ('${id}', 3, 'credit_card', 5, 20);
    `);
    let seen: readonly unknown[] = [];
    house.meanwhile = async () => {
      seen = await house.query(
        'SELECT sum(price + freight_value)::VARCHAR AS gmv FROM olist_lakehouse_silver.order_items',
      );
      throw new TransientError('The worker died.');
    };
    await house.run('2026-01-04');
    expect(seen).toEqual([sum]);
    expect(house.jobs).toBe(3);
    await mustEqualTheSource();
    expect(
      await house.query(
        `SELECT DISTINCT payment_type, payment_installments FROM olist_lakehouse.orders_obt WHERE order_id = '${id}'`,
      ),
    ).toEqual([{ payment_type: 'credit_card', payment_installments: 5 }]);
    for (const { order_id, row_id } of await rowIds()) expect(before.get(order_id) ?? row_id).toBe(row_id);
    expect(
      await house.query(`SELECT count(*)::INTEGER AS rows FROM olist_lakehouse_silver.orders WHERE (year IS NULL) <> (order_approved_at IS NULL)
        OR year <> year(order_approved_at) OR month <> month(order_approved_at)`),
    ).toEqual([{ rows: 0 }]);
  });

  describe('the dashboards', () => dashboardRuns(() => house));
  describe('retail sales', () => retailSalesRuns(() => house));
}
