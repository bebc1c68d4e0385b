import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toDataset } from '../../core/dashboards/dataset.ts';
import { grouped, type Chosen } from '../../core/dashboards/groups.ts';
import type { DataDefinition } from '../../core/dashboards/definition.ts';
import { doubledKeys, selectOf } from '../../core/dashboards/sql.ts';
import { bikestoreCustomers, bikestoreOverview, bikestoreProducts } from '../../dashboards/bikestore.ts';
import { seedBikestore } from '../../seed/bikestore/index.ts';
import { Bikestore, SALES, STAR, sums } from './lab.ts';

const FILES = join(
  process.env['SLUICE_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data'),
  'bikestore',
);
const absent = !existsSync(FILES);
if (absent)
  console.warn(
    `The star of the real bike stores is NOT tested: no folder ${FILES}. Set SLUICE_TEST_DATA to the folder that has bikestore/.`,
  );

const NET = `SELECT count(*)::INTEGER AS wrong FROM bikestore.fact_sales WHERE total_price_with_discount <> total_price - discount_amount`;
let bikes: Bikestore;
beforeAll(async () => {
  bikes = await Bikestore.open();
});
afterAll(() => bikes.close());

const contents = async () =>
  Promise.all(
    STAR.map(async (table) => [
      table,
      (await bikes.query(`SELECT * FROM bikestore.${table}`)).map((row) => JSON.stringify(row)).sort(),
    ]),
  );
const versionsOf = (dimension: string, where: string, columns: string) =>
  bikes.query(
    `SELECT ${columns}, is_current, is_deleted FROM bikestore.${dimension} WHERE ${where} ORDER BY valid_from`,
  );
/** Orders, customers and products of each status, and of all, each once whatever versions there are of them. */
const mustCountAsTheSource = async () => {
  const definition: DataDefinition = bikestoreOverview.data.sales;
  const set = toDataset(definition, await bikes.result(selectOf('bikestore', definition)));
  const counted = ['orders', 'customers', 'products'];
  const wanted = `count(DISTINCT o.order_id)::text, count(DISTINCT o.customer_id)::text AS customers, count(DISTINCT i.product_id)::text AS products`;
  const of = async (where: string) =>
    Object.values(
      (
        await bikes.source(`SELECT ${wanted} FROM orders o JOIN order_items i USING (order_id) ${where}`)
      )[0] ?? {},
    );
  const shown = (chosen: Chosen) =>
    grouped(set, definition.measures, chosen, [], counted)[0]?.amounts.map((each) => String(each?.value));
  expect(shown({})).toEqual(await of(''));
  for (const [status, id] of [
    ['Pending', 1],
    ['Rejected', 2],
    ['Completed', 3],
  ] as const)
    expect([status, shown({ status: [status] })]).toEqual([
      status,
      await of(`WHERE order_status_id = ${id}`),
    ]);
};
/** Orders in time, late and not shipped, with their days: each order once, however many lines it has. */
const mustShipAsTheSource = async () => {
  const definition: DataDefinition = bikestoreOverview.data.sales;
  const set = toDataset(definition, await bikes.result(selectOf('bikestore', definition)));
  const measures = ['orders', 'days_to_ship', 'days_promised'];
  const shown = grouped(set, definition.measures, {}, ['delivery'], measures).map(({ key, amounts }) => ({
    delivery: key[0],
    orders: amounts[0]?.sum.units,
    days: amounts[1]?.sum.units ?? null,
    shipped: amounts[1]?.over?.units ?? 0,
    promised: amounts[2]?.sum.units,
  }));
  expect(shown.length).toBeGreaterThan(1);
  expect(shown).toEqual(
    await bikes.source(`
      SELECT CASE WHEN shipped_date IS NULL THEN 'not shipped' WHEN shipped_date > required_date THEN 'late' ELSE 'in time' END AS delivery,
        count(*)::int AS orders, sum(shipped_date - order_date)::int AS days, count(shipped_date)::int AS shipped,
        sum(required_date - order_date)::int AS promised
      FROM orders WHERE EXISTS (SELECT FROM order_items AS i WHERE i.order_id = orders.order_id) GROUP BY 1 ORDER BY 1`),
  );
};
/** Sales beside the versions that they refer to. */
const sale = (where: string) =>
  bikes.query(`SELECT s.quantity, c.city, c.is_deleted, p.list_price, st.order_status, s.shipped_date_key IS NOT NULL AS shipped
    FROM bikestore.fact_sales s JOIN bikestore.dim_customers c ON c.history_key = s.customer_key
    JOIN bikestore.dim_products p ON p.history_key = s.product_key JOIN bikestore.dim_order_status st USING (order_status_id) WHERE ${where}`);

describe('the star of the bike stores', { timeout: 600_000 }, () => {
  it('has a sale for each line, and the sums of the source', async () => {
    await seedBikestore(bikes.database.url, { orders: 300 });
    // Whom the first reading finds deleted was there when orders were placed.
    await bikes.source('DELETE FROM customers WHERE customer_id = 8');
    const brought = await bikes.run();
    expect(brought).toMatchObject({ orders: 300, customers: 270, products: 321 });
    expect(await bikes.query(SALES)).toEqual(await bikes.source(sums('order_items')));
    expect(await bikes.query(NET)).toEqual([{ wrong: 0 }]);
    expect(
      await versionsOf('dim_customers', 'customer_id = 8', `valid_from < TIMESTAMP '2016-01-01' AS "always"`),
    ).toEqual([
      { always: true, is_current: false, is_deleted: false },
      { always: false, is_current: true, is_deleted: true },
    ]);
    expect(
      await bikes.query(
        'SELECT DISTINCT is_deleted FROM bikestore.fact_sales JOIN bikestore.dim_customers ON history_key = customer_key',
      ),
    ).toEqual([{ is_deleted: false }]);
  });

  it('shows on its dashboards what SQL gives, whatever is chosen', async () => {
    for (const { pipeline, data } of [bikestoreOverview, bikestoreProducts, bikestoreCustomers])
      for (const definition of Object.values<DataDefinition>(data)) {
        for (const { sql } of doubledKeys(pipeline, definition)) expect(await bikes.query(sql)).toEqual([]);
        const { sums, rows, dimensions } = toDataset(
          definition,
          await bikes.result(selectOf(pipeline, definition)),
        );
        // No row is lost by a join, and none counted twice.
        const [all] = await bikes.query(
          `SELECT CAST(sum(total_price_with_discount) * 100 AS BIGINT)::VARCHAR AS revenue, sum(quantity)::VARCHAR AS units, count(*)::VARCHAR AS lines FROM bikestore.fact_sales`,
        );
        const total = (of: string) => (sums[of]?.values ?? []).reduce((sum, each) => sum + each, 0);
        expect({
          revenue: String(total('revenue')),
          units: String(total('units')),
          lines: String(total('lines')),
        }).toEqual(all);
        expect(rows).toBeGreaterThan(10);
        for (const [name, { values }] of Object.entries(dimensions))
          expect([name, values.length > 0]).toEqual([name, true]);
        // By status, written out by hand.
        const status = dimensions['status'];
        const completed = status?.values.indexOf('Completed') ?? -1;
        const ofCompleted = (sums['revenue']?.values ?? []).reduce<number>(
          (sum, each, at) => sum + (status?.codes[at] === completed ? each : 0),
          0,
        );
        const [byHand] = await bikes.query(
          `SELECT CAST(coalesce(sum(total_price_with_discount), 0) * 100 AS BIGINT)::VARCHAR AS cents FROM bikestore.fact_sales WHERE order_status_id = 3`,
        );
        expect(String(ofCompleted)).toBe(byHand?.['cents']);
      }
    // A join by what is no key is seen: one key that is there twice.
    const { sales } = bikestoreProducts.data;
    const joins = { product: { mart: 'dim_products', on: { category_name: 'product_key' } } };
    const [doubled] = doubledKeys('bikestore', { ...sales, joins });
    expect(await bikes.query(doubled?.sql ?? '')).toHaveLength(1);
    for (const { panels } of [bikestoreOverview, bikestoreCustomers])
      for (const panel of panels)
        if (panel.kind === 'select') expect((await bikes.query(panel.select)).length).toBeGreaterThan(0);
    await mustCountAsTheSource();
    await mustShipAsTheSource();
  });

  it('is the same after a second run, which reads nothing again', async () => {
    const before = await contents();
    expect(await bikes.run()).toMatchObject({ customers: 0, products: 0, staffs: 0, stores: 0 });
    expect(await contents()).toEqual(before);
  });

  it('follows a second day: changes, deletions, who comes back, lines that change alone, orders that move on', async () => {
    const [pending] = await bikes.source(
      'SELECT min(order_id) AS id FROM orders WHERE order_status_id = 1 AND order_id > 40',
    );
    const [line] = await bikes.source(
      'SELECT product_id AS id, list_price::text AS price FROM order_items WHERE order_id = 20 AND item_id = 1',
    );
    const [buyer] = await bikes.source(
      'SELECT customer_id AS id, city FROM orders JOIN customers USING (customer_id) WHERE order_id = 20',
    );
    const today = `(now() AT TIME ZONE 'Asia/Bangkok')::date`;
    await bikes.source(`
      UPDATE customers SET is_active = 'Y' WHERE customer_id = 8;
      UPDATE customers SET city = 'Elsewhere' WHERE customer_id = ${Number(buyer?.['id'])};
      UPDATE products SET list_price = list_price + 1 WHERE product_id = ${Number(line?.['id'])};
      UPDATE staffs SET phone = phone WHERE staff_id = 3;
      UPDATE order_items SET quantity = 9 WHERE order_id = 10 AND item_id = 1;
      INSERT INTO order_items VALUES (11, 77, 1, 2, 10.05, 0.1);
      DELETE FROM order_items WHERE order_id = 12 AND item_id = 1;
      DELETE FROM order_items WHERE order_id = 13;
      UPDATE orders SET order_status_id = 3, shipped_date = required_date WHERE order_id = ${Number(pending?.['id'])};
      INSERT INTO orders VALUES (9001, ${Number(buyer?.['id'])}, 1, ${today}, ${today}, NULL, 1, 1);
      INSERT INTO order_items VALUES (9001, 1, ${Number(line?.['id'])}, 1, 5, 0);
    `);
    await bikes.source('DELETE FROM customers WHERE customer_id = 9');
    expect(await bikes.run()).toMatchObject({ customers: 3, products: 1, staffs: 1, stores: 0 });

    expect(await bikes.query(SALES)).toEqual(await bikes.source(sums('order_items')));
    const [before] = await sale('s.order_id = 20 AND s.item_id = 1');
    const [after] = await sale('s.order_id = 9001');
    expect(before).toMatchObject({ city: buyer?.['city'], list_price: line?.['price'] });
    expect(after).toMatchObject({
      city: 'Elsewhere',
      list_price: (Number(line?.['price']) + 1).toFixed(2),
      order_status: 'Pending',
    });
    expect(await sale('s.order_id = 10 AND s.item_id = 1')).toMatchObject([{ quantity: 9 }]);
    expect(await sale('s.order_id = 11 AND s.item_id = 77')).toMatchObject([{ quantity: 2 }]);
    expect(await sale('s.order_id = 12 AND s.item_id = 1 OR s.order_id = 13')).toEqual([]);
    expect(await sale(`s.order_id = ${Number(pending?.['id'])}`)).toContainEqual(
      expect.objectContaining({ order_status: 'Completed', shipped: true }),
    );
    expect(
      (await versionsOf('dim_customers', 'customer_id = 8', '1 AS one')).map((row) => row['is_deleted']),
    ).toEqual([false, true, false]);
    expect(
      (await versionsOf('dim_customers', 'customer_id = 9', '1 AS one')).map((row) => row['is_deleted']),
    ).toEqual([false, true]);
    // Touched, and not changed: no version.
    expect(await versionsOf('dim_staffs', 'staff_id = 3', '1 AS one')).toHaveLength(1);
    // Buyers and products have several versions now.
    await mustCountAsTheSource();
  });

  it.skipIf(absent)('equals what plain SQL says of the real files', async () => {
    const real = await Bikestore.open();
    try {
      await seedBikestore(real.database.url, { data: [FILES] });
      await real.run();
      const instance = await DuckDBInstance.create();
      const connection = await instance.connect();
      const csv = (name: string, types = '') =>
        `read_csv('${join(FILES, name)}'${types && `, types = {${types}}`}, nullstr = 'NULL')`;
      const lines = csv('order_items.csv', `'list_price': 'DECIMAL(10,2)', 'discount': 'DECIMAL(4,2)'`);
      const expected = async (sql: string) => (await connection.runAndReadAll(sql)).getRowObjectsJson();
      expect(await real.query(SALES)).toEqual(await expected(sums(lines)));
      expect(
        await real.query(`SELECT category_name AS name, sum(quantity)::VARCHAR AS pieces, sum(total_price_with_discount)::VARCHAR AS net
          FROM bikestore.fact_sales JOIN bikestore.dim_products ON history_key = product_key GROUP BY 1 ORDER BY 1`),
      ).toEqual(
        await expected(`SELECT category_name AS name, sum(i.quantity)::VARCHAR AS pieces,
            sum(i.list_price * i.quantity - round(i.list_price * i.quantity * discount, 2))::VARCHAR AS net
          FROM ${lines} i JOIN ${csv('products.csv')} p USING (product_id) JOIN ${csv('categories.csv')} c USING (category_id) GROUP BY 1 ORDER BY 1`),
      );
      expect(
        await real.query(`SELECT order_status AS status, count(DISTINCT order_id)::INTEGER AS orders, count(DISTINCT rejected_date_key)::INTEGER > 0 AS rejected
          FROM bikestore.fact_sales JOIN bikestore.dim_order_status USING (order_status_id) GROUP BY 1 ORDER BY 1`),
      ).toEqual([
        { status: 'Completed', orders: 1445, rejected: false },
        { status: 'Pending', orders: 125, rejected: false },
        { status: 'Rejected', orders: 45, rejected: true },
      ]);
      connection.closeSync();
      instance.closeSync();
    } finally {
      await real.close();
    }
  });
});
