import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aRequest, aWorkplace } from './fixture.ts';
import type { Workplace } from './fixture.ts';
import { columnsOf, emptyRaw, smallRaw } from './raw-olist-fixture.ts';
import type { RawTable } from './raw-olist-fixture.ts';
import { segmentsOf } from './segments-oracle.ts';

const minutes = 60_000;
const data = resolve(
  import.meta.dirname,
  '../../..',
  process.env['SLUICE_TEST_DATA'] ?? '../shared/data',
  'olist',
);
const hasData = existsSync(join(data, 'sample_3k/olist_orders_dataset.csv'));

describe('customer segments', () => {
  it('are those that plain arithmetic over the raw rows gives', { timeout: 3 * minutes }, async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    await place.transform.build(aRequest(), new AbortController().signal);
    const { marts, oracle } = await bothWays(place);
    expect(marts.size).toBeGreaterThan(300);
    expect(marts).toEqual(oracle);
    expect(await moneyOf(place)).toMatchObject({ paid: '0.00', priced: '0.00' });
    // A second build, seen from another day, changes recency and nothing else.
    const first = await place.sql(
      'select customer_unique_id, monetary from olist.mart_customer_segments order by all',
    );
    await place.transform.build(
      aRequest({ variables: { as_of: '2019-01-01' } }),
      new AbortController().signal,
    );
    const later = await place.sql(
      'select customer_unique_id, monetary from olist.mart_customer_segments order by all',
    );
    expect(later).toEqual(first);
    expect((await bothWays(place, '2019-01-01')).marts).toEqual((await bothWays(place, '2019-01-01')).oracle);
  });

  it('are none when there is no order at all', { timeout: 2 * minutes }, async () => {
    const place = await aWorkplace();
    await place.sql(emptyRaw);
    const { nodes } = await place.transform.build(aRequest(), new AbortController().signal);
    expect(nodes.filter((node) => node.status !== 'success')).toEqual([]);
    expect(await place.sql('select count(*)::int as n from olist.mart_customer_segments')).toEqual([
      { n: 0 },
    ]);
  });

  it.skipIf(!hasData)(
    `hold over real data${hasData ? '' : ` (SKIPPED: no sample_3k in ${data}; set SLUICE_TEST_DATA)`}`,
    { timeout: 3 * minutes },
    async () => {
      const place = await aWorkplace();
      await place.sql(emptyRaw);
      for (const [table, file] of Object.entries(files)) await place.sql(copyOf(table as RawTable, file));
      const { nodes } = await place.transform.build(aRequest(), new AbortController().signal);
      expect(nodes.filter((node) => node.status !== 'success')).toEqual([]);
      const { marts, oracle } = await bothWays(place);
      expect(marts.size).toBeGreaterThan(2_800);
      expect(marts).toEqual(oracle);
      expect(await moneyOf(place)).toMatchObject({ paid: '0.00', priced: '0.00' });
      const [shape] = await place.sql(
        `select (select count(*)::int from olist.dim_customers) as customers,
           (select count(*)::int from olist.dim_customers where customer_lat is null) as unplaced,
           (select count(*)::int from olist.dim_products where product_category_name in
             ('pc_gamer', 'portateis_cozinha_e_preparadores_de_alimentos')
             and product_category_name_english = product_category_name) as untranslated`,
      );
      expect(shape).toEqual({ customers: 3_000, unplaced: 8, untranslated: 13 });
    },
  );
});

const files: Partial<Record<RawTable, string>> = {
  customers: 'sample_3k/olist_customers_dataset.csv',
  geolocation: 'sample_3k/olist_geolocation_dataset.csv',
  orders: 'sample_3k/olist_orders_dataset.csv',
  order_items: 'sample_3k/olist_order_items_dataset.csv',
  order_payments: 'sample_3k/olist_order_payments_dataset.csv',
  order_reviews: 'sample_3k/olist_order_reviews_dataset.csv',
  products: 'olist_products_dataset.csv',
  sellers: 'olist_sellers_dataset.csv',
  product_category_name_translation: 'product_category_name_translation.csv',
  leads_qualified: 'olist_marketing_qualified_leads_dataset.csv',
  leads_closed: 'olist_closed_deals_dataset.csv',
};

function copyOf(table: RawTable, file: string): string {
  const values = columnsOf(table).map(({ name, type }) => `cast("${name}" as ${type})`);
  return `insert into raw_olist.${table} select ${values.join(', ')}, 'load-1', now(), now()
    from read_csv('${join(data, file)}', all_varchar = true, header = true)`;
}

/** The mart, and the same computed from raw rows outside the warehouse. */
async function bothWays(place: Workplace, asOf?: string) {
  const mart = await place.sql(
    `select customer_unique_id as person, recency_days, frequency, monetary::varchar as monetary, r_score, f_score, m_score, segment
     from olist.mart_customer_segments`,
  );
  const raw = await place.sql(
    `select c.customer_unique_id as person, datediff('day', date '2000-01-01', o.order_purchase_timestamp::date)::int as day,
       (select coalesce(sum(payment_value * 100), 0)::bigint::varchar from raw_olist.order_payments p where p.order_id = o.order_id) as cents,
       (select coalesce(string_agg(review_score::varchar, ','), '') from raw_olist.order_reviews r where r.order_id = o.order_id) as scores
     from raw_olist.orders o join raw_olist.customers c using (customer_id) where o.order_status = 'delivered'`,
  );
  const [latest] = await place.sql(
    `select datediff('day', date '2000-01-01', ${asOf ? `date '${asOf}'` : 'max(order_purchase_timestamp)::date + 1'})::int as day
     from raw_olist.orders`,
  );
  const orders = raw.map((row) => ({
    person: String(row['person']),
    day: Number(row['day']),
    cents: BigInt(String(row['cents'])),
    scores: String(row['scores']).split(',').filter(Boolean).map(Number),
  }));
  const marts = new Map(
    mart.map((row) => [
      row['person'],
      {
        recencyDays: row['recency_days'],
        frequency: row['frequency'],
        monetary: row['monetary'],
        r: row['r_score'],
        f: row['f_score'],
        m: row['m_score'],
        segment: row['segment'],
      },
    ]),
  );
  return { marts, oracle: segmentsOf(orders, Number(latest?.['day'])) };
}

/** Differences between marts and raw. */
async function moneyOf(place: Workplace) {
  const [money] = await place.sql(
    `select ((select sum(payment_total) from olist.fct_orders) - (select sum(payment_value) from raw_olist.order_payments))::varchar as paid,
       ((select sum(price_total) from olist.fct_orders) - (select sum(price) from raw_olist.order_items))::varchar as priced`,
  );
  return money;
}
