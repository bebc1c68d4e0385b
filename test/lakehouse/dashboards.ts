import { expect, it } from 'vitest';
import { toDataset, type Dataset } from '../../core/dashboards/dataset.ts';
import type { DataDefinition } from '../../core/dashboards/definition.ts';
import { grouped, type Amount, type Chosen } from '../../core/dashboards/groups.ts';
import { selectOf } from '../../core/dashboards/sql.ts';
import { verifyDashboard } from '../../operations/verify-dashboard.ts';
import { olistGmv, olistSeller } from '../../dashboards/olist-lakehouse.ts';
import type { Lakehouse } from './lab.ts';

const PIPELINE = 'olist_lakehouse';

/** Lines of the source, one per piece, with all that a dashboard groups by; written from the source's own tables, and not as the models are. */
const LINES = `
  WITH paid AS (
    SELECT DISTINCT ON (order_id) order_id, payment_type FROM order_payments
    GROUP BY order_id, payment_type ORDER BY order_id, sum(payment_value) DESC, payment_type COLLATE "C"),
  reviewed AS (
    SELECT DISTINCT ON (order_id) order_id, review_score FROM order_reviews
    ORDER BY order_id, review_creation_date DESC, review_answer_timestamp DESC, review_id COLLATE "C"),
  lines AS (
    SELECT i.order_id, to_char(o.order_purchase_timestamp, 'YYYY-MM') AS month, i.seller_id AS seller, i.product_id AS product,
      coalesce(n.product_category_name_english, p.product_category_name, 'none') AS category, payment_type AS payment, order_status AS status,
      i.price, i.freight_value, review_score
    FROM order_items i JOIN orders o USING (order_id) JOIN products p USING (product_id)
      LEFT JOIN product_category_name_translation n USING (product_category_name) LEFT JOIN paid USING (order_id) LEFT JOIN reviewed USING (order_id))`;

/** Of each measure what it is in the source: what is added up, and for a mean how many. A review counts once for each product of a seller in its order. */
const SOURCE: Readonly<Record<string, string>> = {
  gmv: `(sum(price + freight_value) * 100)::bigint::text`,
  freight: `(sum(freight_value) * 100)::bigint::text`,
  pieces: `count(*)::text`,
  orders: `count(DISTINCT order_id)::text`,
  sellers: `count(DISTINCT seller)::text`,
  lines: `count(DISTINCT (order_id, seller, product))::text`,
  score: `(SELECT coalesce(sum(s), 0) || '/' || count(s) FROM (SELECT DISTINCT * FROM unnest(array_agg(order_id), array_agg(seller), array_agg(product), array_agg(review_score)) AS each (o, w, p, s)) AS once)`,
};

/** Of `olist_lakehouse`, once it has followed changes: what its pages give for no filter, each filter and each pair, held against SQL over the source. */
export function dashboardRuns(house: () => Lakehouse): void {
  for (const dashboard of [olistGmv, olistSeller])
    it(`shows on '${dashboard.name}' what plain SQL says of the source, whatever is chosen`, async () => {
      const definition: DataDefinition = dashboard.data.sold;
      const set = toDataset(definition, await house().result(selectOf(PIPELINE, definition)));
      expect(set.sums['gmv']?.scale).toBe(2);
      let compared = 0;
      for (const chosen of choices(set, dashboard.filters ?? []))
        for (const by of [[], ...panelKeys(dashboard.panels)])
          for (const measure of Object.keys(SOURCE).filter((name) => name in definition.measures)) {
            const shown = grouped(set, definition.measures, chosen, by, [measure]).map(
              ({ key, amounts: [amount] }) => JSON.stringify([...key, unitsOf(amount ?? null)]),
            );
            const wanted = await inSource(house(), set, measure, by, chosen);
            expect(shown.sort(), JSON.stringify({ chosen, by, measure })).toEqual(wanted);
            compared += shown.length;
          }
      expect(compared).toBeGreaterThan(500);
      // What counting orders is about: rows of the big table are more than orders.
      const [rows] = await house().query(
        'SELECT count(*) > count(DISTINCT order_id) AS more FROM olist_lakehouse.orders_obt',
      );
      expect(rows).toEqual({ more: true });
    });

  it('are published by each run, and all of their numbers are those of SQL', async () => {
    const { pages, warehouse } = house().connectors;
    if (!pages) throw new Error('nowhere to publish');
    for (const { name } of [olistGmv, olistSeller]) {
      const { problems, numbers, withheld } = await verifyDashboard(pages, warehouse, name);
      expect([problems, withheld]).toEqual([[], []]);
      expect(numbers).toBeGreaterThan(500);
      // The run that has found nothing new has published as well: data reach further.
      const published = await pages.list(name);
      expect(published.map(({ upTo }) => upTo.slice(0, 10))).toEqual([
        '2026-01-05',
        '2026-01-04',
        '2026-01-03',
      ]);
      const [newest, ...before] = await Promise.all(
        published.map(async ({ path }) => (await pages.read(name, path)).data['sold']?.receipt),
      );
      expect(newest?.checks.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(0);
      expect(newest?.loads.length).toBeGreaterThan(0);
      expect(before[0]?.hash).toBe(before[1]?.hash);
      expect(newest?.hash).not.toBe(before[0]?.hash);
    }
  });
}

/** Nothing chosen, the value of each filter that most rows have, and each pair of two. */
function choices(set: Dataset, filters: readonly string[]): Chosen[] {
  const each = filters.map((name) => [name, [mostOf(set, name)]] as const);
  const pairs = each.flatMap((one, at) => each.slice(at + 1).map((other) => [one, other]));
  return [[], ...each.map((one) => [one]), ...pairs].map((all) => Object.fromEntries(all));
}

function mostOf({ dimensions }: Dataset, name: string): string | null {
  const { values = [], codes = [] } = dimensions[name] ?? {};
  const counts = values.map((_, code) => codes.filter((one) => one === code).length);
  return values[counts.indexOf(Math.max(...counts))] ?? null;
}

/** What its panels group by, each once. */
function panelKeys(panels: (typeof olistGmv | typeof olistSeller)['panels']): string[][] {
  const keys = panels.flatMap((panel) => ('by' in panel ? [[panel.by].flat()] : []));
  return [...new Map(keys.map((key) => [key.join(), key])).values()];
}

/** In cents, pieces or scores; of a mean what was added up and how many. */
function unitsOf(amount: Amount): string {
  if (!amount) return '0/0';
  return amount.over ? `${amount.sum.units}/${amount.over.units}` : String(amount.sum.units);
}

/** Of ids the page has beginnings. */
const begins = (id: string, shown: string | null) => shown !== null && id.startsWith(shown.replace(/…$/, ''));

async function inSource(
  house: Lakehouse,
  set: Dataset,
  measure: string,
  by: readonly string[],
  chosen: Chosen,
): Promise<string[]> {
  const conditions = Object.entries(chosen).map(([name, [value]]) => `${name} = '${String(value)}'`);
  const rows = await house.source(
    `${LINES} SELECT ${[...by, `${SOURCE[measure] ?? ''} AS units`].join(', ')} FROM lines WHERE ${['true', ...conditions].join(' AND ')} ${by.length ? `GROUP BY ${by.join(', ')}` : ''}`,
  );
  const shownAs = (name: string, value: unknown) =>
    name === 'product' ? set.dimensions[name]?.values.find((each) => begins(String(value), each)) : value;
  return rows
    .map((row) => JSON.stringify([...by.map((name) => shownAs(name, row[name])), row['units'] ?? '0']))
    .sort();
}
