import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { expect } from 'vitest';
import { sourceAddress } from '../../cli/seeding.ts';
import { seedBikestore } from '../../seed/bikestore/index.ts';
import { SALES, SETTLED, STAR, sums } from '../bikestore/lab.ts';
import type { TestStack } from './stack.ts';

const FIRST = '2025-12-31T17:00:00Z/2026-01-01T17:00:00Z';
const SECOND = '2026-01-01T17:00:00Z/2026-01-02T17:00:00Z';
const THIRD = '2026-01-02T17:00:00Z/2026-01-03T17:00:00Z';

/** Runs `bikestore` three times: sales have the sums of the source, a run with nothing new changes no row, a later day gives history. */
export async function expectBikestoreToRun(stack: TestStack): Promise<void> {
  const address = sourceAddress(stack.session.profile, 'bikestore');
  await seedBikestore(address, { orders: 120 });
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  const source = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
  const run = async (interval: string) => {
    while ((await source(SETTLED))[0]?.['settled'] !== true) await pause(50);
    await stack.run('bikestore', interval);
    expect(await stack.sql(SALES)).toEqual(await source(sums('order_items')));
  };
  try {
    await source('DELETE FROM customers WHERE customer_id = 8');
    await run(FIRST);
    const first = await star(stack);
    for (const [table, rows] of Object.entries(first)) expect(rows.length, table).toBeGreaterThan(2);

    await run(SECOND);
    expect(await star(stack)).toEqual(first);

    const [bought] = await source(
      'SELECT customer_id, city FROM orders JOIN customers USING (customer_id) WHERE order_id = 20',
    );
    const buyer = Number(bought?.['customer_id']);
    await client.query(`
      UPDATE customers SET is_active = 'Y' WHERE customer_id = 8;
      DELETE FROM customers WHERE customer_id = 9;
      UPDATE customers SET city = 'Elsewhere' WHERE customer_id = ${buyer};
      UPDATE order_items SET quantity = 9 WHERE order_id = 10 AND item_id = 1;
      DELETE FROM order_items WHERE order_id = 12 AND item_id = 1`);
    await run(THIRD);
    expect(await versions(stack, 8)).toEqual(['here', 'gone', 'here, now']);
    expect(await versions(stack, 9)).toEqual(['here', 'gone, now']);
    expect(
      await stack.sql(
        `SELECT DISTINCT c.city FROM bikestore.fact_sales s JOIN bikestore.dim_customers c ON c.history_key = s.customer_key WHERE s.order_id = 20`,
      ),
    ).toEqual([{ city: bought?.['city'] }]);
    expect(
      await stack.sql(
        `SELECT city FROM bikestore.dim_customers WHERE customer_id = ${buyer} ORDER BY valid_from`,
      ),
    ).toEqual([{ city: bought?.['city'] }, { city: 'Elsewhere' }]);
  } finally {
    await client.end();
  }
}

/** Every row of the star as text, in an order of its own. */
async function star(stack: TestStack): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of STAR)
    found[table] = (await stack.sql(`SELECT * FROM bikestore.${table}`))
      .map((row) => JSON.stringify(row))
      .sort();
  return found;
}

async function versions(stack: TestStack, customer: number): Promise<string[]> {
  const rows = await stack.sql(
    `SELECT is_deleted, is_current FROM bikestore.dim_customers WHERE customer_id = ${customer} ORDER BY valid_from`,
  );
  return rows.map((row) => `${row['is_deleted'] ? 'gone' : 'here'}${row['is_current'] ? ', now' : ''}`);
}
