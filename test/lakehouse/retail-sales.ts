import { expect, it } from 'vitest';
import { toDataset } from '../../core/dashboards/dataset.ts';
import type { DataDefinition } from '../../core/dashboards/definition.ts';
import { selectOf } from '../../core/dashboards/sql.ts';
import { retailSales as dashboard } from '../../dashboards/retail-sales.ts';
import { seedRetail } from '../../seed/retail/index.ts';
import type { Lakehouse } from './lab.ts';

const PIPELINE = 'retail_sales';
const PERSON = `p.salesperson_id AS seller, CONCAT(p.firstname, ' ', p.lastname) AS seller_name`;
const CLIENT = `c.client_id AS client, CONCAT(c.firstname, ' ', c.lastname) AS client_name, a.state AS state, a.city AS city`;
const MONTH = `DATE_FORMAT(s.sale_date, '%Y-%m-01') AS sold_in`;
const PRODUCT = `i.product_id AS product, r.product_name AS product_name`;
const AGE = 'TIMESTAMPDIFF(YEAR, c.birth_date, s.sale_date)';
const GROUP = `CASE WHEN ${AGE} < 15 THEN 'children' WHEN ${AGE} < 25 THEN 'teenager' WHEN ${AGE} < 65 THEN 'adult' ELSE 'senior' END AS ages`;
const SALES = `FROM sales s JOIN sales_people p USING (salesperson_id) JOIN clients c USING (client_id)
  JOIN client_addresses a ON a.client_id = c.client_id AND a.address_id = (SELECT MIN(address_id) FROM client_addresses WHERE client_id = c.client_id)`;
const LINES = `FROM sales_items i JOIN sales s USING (sale_id) JOIN sales_people p USING (salesperson_id) LEFT JOIN products r USING (product_id)`;
const GOLD_NAMES = {
  seller: 'salesperson_id AS seller, salesperson_name AS seller_name',
  month: 'sale_month::VARCHAR AS sold_in',
  product: 'product_id AS product, product_name',
  client: 'client_id AS client, client_name, state, city',
  age: 'age_group AS ages',
};
type Key = keyof typeof GOLD_NAMES;
const KEYS: Readonly<Record<Key, readonly [string, number]>> = {
  seller: [PERSON, 2],
  month: [MONTH, 1],
  product: [PRODUCT, 2],
  client: [CLIENT, 4],
  age: [GROUP, 1],
};
/** Of each table what it is by, and whether it adds up sales or lines. */
const GOLD: Readonly<Record<string, readonly ['sales' | 'lines', ...Key[]]>> = {
  sales_people_by_total: ['sales', 'seller'],
  sales_people_by_month: ['sales', 'seller', 'month'],
  sales_people_by_product: ['lines', 'seller', 'product'],
  sales_people_by_product_month: ['lines', 'seller', 'product', 'month'],
  top_selling_products: ['lines', 'product'],
  top_selling_products_by_month: ['lines', 'month', 'product'],
  top_spending_clients: ['sales', 'client'],
  top_spending_clients_by_age_group: ['sales', 'age', 'client'],
};

/** Of each table with places what they are within, and what decides between equals. */
const PLACES = [
  ['top_selling_products', undefined, 'product_id'],
  ['top_selling_products_by_month', 'sale_month', 'product_id'],
  ['top_spending_clients', undefined, 'client_id'],
  ['top_spending_clients_by_age_group', 'age_group', 'client_id'],
] as const;
/** Of data of the dashboard, what a dimension of it is by SQL of the source. */
const SHOWN = [
  ['people', 'salesperson_name', `CONCAT(p.firstname, ' ', p.lastname)`, 'sales'],
  ['people_months', 'sale_month', `DATE_FORMAT(s.sale_date, '%Y-%m')`, 'sales'],
  ['people_products', 'product_name', 'r.product_name', 'lines'],
  ['people_products_months', 'sale_month', `DATE_FORMAT(s.sale_date, '%Y-%m')`, 'lines'],
  ['products', 'product_name', 'r.product_name', 'lines'],
  ['products_months', 'sale_month', `DATE_FORMAT(s.sale_date, '%Y-%m')`, 'lines'],
  ['clients', 'state', 'a.state', 'sales'],
  ['clients_ages', 'age_group', GROUP.replace(' AS ages', ''), 'sales'],
] as const;

/** Of `retail_sales`, in a house that other pipelines have used as well. */
export function retailSalesRuns(house: () => Lakehouse): void {
  const mustEqualTheSource = async () => {
    for (const [table, [of, ...keys]] of Object.entries(GOLD)) {
      const measure = of === 'sales' ? 'COUNT(*)' : 'SUM(i.quantity)';
      const money = of === 'sales' ? 's' : 'i';
      const width = keys.reduce((sum, key) => sum + KEYS[key][1], 0);
      const by = Array.from({ length: width }, (_, at) => at + 1).join(', ');
      const expected = await house().retail.sql(
        `SELECT ${keys.map((key) => KEYS[key][0]).join(', ')}, CAST(${measure} AS CHAR) AS number, CAST(SUM(${money}.total_amount) AS CHAR) AS money
         ${of === 'sales' ? SALES : LINES} GROUP BY ${by}`,
      );
      const found = await house().query(
        `SELECT ${keys.map((key) => GOLD_NAMES[key]).join(', ')}, ${of === 'sales' ? 'sales' : 'quantity'}::BIGINT::VARCHAR AS number, total_sales::VARCHAR AS money FROM ${PIPELINE}.${table}`,
      );
      expect(expected.length, table).toBeGreaterThan(3);
      expect(sorted(found), table).toEqual(sorted(expected));
    }
    for (const [table, within, key] of PLACES) {
      const better = `o.total_sales > t.total_sales OR o.total_sales = t.total_sales AND o.${key} < t.${key}`;
      expect(
        await house().query(`SELECT t.* FROM ${PIPELINE}.${table} t WHERE place <> 1 +
          (SELECT count(*) FROM ${PIPELINE}.${table} o WHERE ${within ? `o.${within} = t.${within} AND` : ''} (${better}))`),
        table,
      ).toEqual([]);
    }
  };
  const gold = async () =>
    Promise.all(
      Object.keys(GOLD).map((table) => house().query(`SELECT * FROM ${PIPELINE}.${table} ORDER BY ALL`)),
    );

  it('has in its eight tables what plain SQL says of the source', async () => {
    await seedRetail(house().retail.address);
    // Birthdays: on the day, the day after, and one that most years have not.
    await house().retail.sql(`
      UPDATE clients SET birth_date = '2010-05-05' WHERE client_id = 1;
      UPDATE clients SET birth_date = '2000-02-29' WHERE client_id = 2;
      INSERT INTO sales VALUES (5001, 1, 1, '2025-05-04', 10.01), (5002, 1, 1, '2025-05-05', 10.02), (5003, 2, 1, '2025-02-28', 10.03), (5004, 2, 1, '2025-03-01', 10.04),
        (5005, 3, 2, '2024-05-05', 10.05);
      INSERT INTO sales_items SELECT sale_id + 5000, sale_id, 77, 1, total_amount, total_amount, 0 FROM sales WHERE sale_id > 5000;
      INSERT INTO client_addresses (client_id, state, city) VALUES (4, 'SP', 'embu');
    `);
    const before = house().jobs;
    await house().run('2026-01-02', PIPELINE);
    expect(house().jobs).toBe(before + 1);
    await mustEqualTheSource();
    expect(
      await house().query(
        `SELECT sale_id, client_age, age_group FROM ${PIPELINE}_silver.sales WHERE sale_id BETWEEN 5001 AND 5004 ORDER BY 1`,
      ),
    ).toEqual([
      { sale_id: 5001, client_age: 14, age_group: 'children' },
      { sale_id: 5002, client_age: 15, age_group: 'teenager' },
      { sale_id: 5003, client_age: 24, age_group: 'teenager' },
      { sale_id: 5004, client_age: 25, age_group: 'adult' },
    ]);
  });

  it('is the same after another day on which nothing has changed, without Spark', async () => {
    const [before, jobs] = [await gold(), house().jobs];
    await house().run('2026-01-03', PIPELINE);
    expect(house().jobs).toBe(jobs);
    expect(await gold()).toEqual(before);
  });

  it('follows updates, insertions and deletions of every table', async () => {
    await house().retail.sql(`
      UPDATE clients SET birth_date = '2013-01-01', lastname = 'Ávila' WHERE client_id = 5;
      UPDATE client_addresses SET city = 'olinda', state = 'PE' WHERE client_id = 6;
      UPDATE sales_people SET firstname = 'Zuleica' WHERE salesperson_id = 3;
      UPDATE products SET product_name = 'Camiseta Nova' WHERE product_id = 1;
      DELETE FROM products WHERE product_id = 2;
      DELETE FROM sales_items WHERE sale_id <= 20;
      DELETE FROM sales WHERE sale_id <= 20;
      UPDATE sales SET sale_date = '2024-01-31', total_amount = total_amount + 0.01 WHERE sale_id = 30;
      UPDATE sales_items SET total_amount = total_amount + 0.01, quantity = quantity + 1 WHERE sale_id = 30;
      INSERT INTO sales VALUES (6001, 5, 3, '2026-01-03', 99.99);
      INSERT INTO sales_items VALUES (60001, 6001, 1, 3, 33.33, 99.99, 0);
    `);
    await house().run('2026-01-04', PIPELINE);
    await mustEqualTheSource();
  });

  it('shows on its dashboard, by every dimension, what plain SQL says of the source', async () => {
    expect(SHOWN.map(([name]) => name)).toEqual(Object.keys(dashboard.data));
    for (const [name, dimension, by, of] of SHOWN) {
      const definition: DataDefinition = dashboard.data[name];
      const { sums, dimensions } = toDataset(
        definition,
        await house().result(selectOf(PIPELINE, definition)),
      );
      const { values = [], codes = [] } = dimensions[dimension] ?? {};
      const shown = new Map<string, number>();
      for (const [at, cents] of (sums['total_sales']?.values ?? []).entries()) {
        const value = String(values[codes[at] ?? -1]);
        shown.set(value, (shown.get(value) ?? 0) + cents);
      }
      const wanted = await house().retail.sql(
        `SELECT ${by} AS value, CAST(ROUND(SUM(${of === 'sales' ? 's' : 'i'}.total_amount) * 100) AS SIGNED) AS cents ${of === 'sales' ? SALES : LINES} GROUP BY 1`,
      );
      expect(sums['total_sales']?.scale, name).toBe(2);
      expect(wanted.length, name).toBeGreaterThan(3);
      expect([...shown].map(([value, cents]) => `${value} ${cents}`).sort(), name).toEqual(
        wanted.map(({ value, cents }) => `${value} ${cents}`).sort(),
      );
    }
  });
}

function sorted(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(Object.values(row).map(String))).sort();
}
