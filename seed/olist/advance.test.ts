import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { InvalidInput } from '../../core/errors.ts';
import { NotSeeded } from '../errors.ts';
import { advanceOlist, seedOlist } from '../index.ts';
import { testDatabase, type TestDatabase } from '../../test/setup/database.ts';

/** Milliseconds; a real database on a busy machine takes its time. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase('seed');
});
afterAll(() => database.close());

async function value(sql: string): Promise<unknown> {
  const { rows } = await database.client.query<{ value: unknown }>(`select (${sql})::text as value`);
  return rows[0]?.value;
}

const digest = () =>
  value(`select md5(string_agg(x, '|' order by x collate "C")) from (
    select t::text from orders t union all select t::text from order_items t union all select t::text from order_payments t
    union all select t::text from order_reviews t union all select t::text from customers t
    union all select t::text from leads_qualified t union all select t::text from leads_closed t) as rows (x)`);

describe('advanceOlist', () => {
  it('needs a seeded database', async () => {
    await expect(advanceOlist(database.client)).rejects.toThrow(NotSeeded);
    await expect(advanceOlist(database.client)).rejects.toThrow(
      /no table customers, .*Run 'sluice seed' first/,
    );
    await expect(advanceOlist(database.client, { days: 0 })).rejects.toThrow(InvalidInput);
  });

  it('adds the day after the newest order and moves earlier orders on', async () => {
    await seedOlist(database.client, { orders: 6000 });
    const report = await advanceOlist(database.client, { days: 1 });
    expect(report.newestPurchase).toBe('2018-10-18');
    for (const table of ['customers', 'orders', 'order_items', 'order_payments', 'order_reviews'] as const) {
      expect(report.inserted[table]).toBeGreaterThan(0);
    }
    expect(report.inserted.leads_qualified).toBeGreaterThan(0);
    expect(report.inserted.products).toBe(0);
    expect(report.updated.orders).toBeGreaterThan(0);
    const day = `'2018-10-18'`;
    expect(await value(`select count(*) from orders where order_purchase_timestamp::date = ${day}`)).toBe(
      String(report.inserted.orders),
    );
    expect(
      await value(`select count(*) from orders where order_delivered_customer_date::date = ${day}`),
    ).not.toBe('0');
    expect(await value(`select count(*) from order_reviews where review_creation_date = ${day}`)).toBe(
      String(report.inserted.order_reviews),
    );
  });

  it('keeps money and the order of events consistent', async () => {
    await seedOlist(database.client, { orders: 2000 });
    await advanceOlist(database.client, { days: 10 });
    expect(
      await value(`select count(*) from
        (select order_id, sum(price + freight_value) as due from order_items group by 1) i
        full join (select order_id, sum(payment_value) as paid from order_payments group by 1) p using (order_id)
        where coalesce(due, 0) <> coalesce(paid, 0)`),
    ).toBe('0');
    expect(
      await value(`select count(*) from orders where order_approved_at < order_purchase_timestamp
        or order_delivered_carrier_date < order_approved_at or order_delivered_customer_date < order_delivered_carrier_date`),
    ).toBe('0');
  });

  it('does the same from the same state, whether day by day or at once', async () => {
    await seedOlist(database.client, { orders: 1000 });
    await advanceOlist(database.client, { days: 3 });
    const atOnce = await digest();
    await seedOlist(database.client, { orders: 1000 });
    for (let day = 0; day < 3; day++) await advanceOlist(database.url);
    expect(await digest()).toBe(atOnce);
  });
});
