import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { FolderPlace } from '../../connectors/pages/folder.ts';
import { Site } from '../../connectors/pages/site/site.tsx';
import { DuckDbWarehouse } from '../../connectors/warehouse/duckdb/warehouse.ts';
import { defineDashboard } from '../../core/dashboards/definition.ts';
import { toDataset } from '../../core/dashboards/dataset.ts';
import type { Publication, Receipt } from '../../core/dashboards/publication.ts';
import { resolveDashboard, type Dashboard } from '../../core/dashboards/resolve.ts';
import { selectOf } from '../../core/dashboards/sql.ts';

/** Texts that people really have, and some that nobody should. */
export const CATEGORIES = [
  'toys',
  '<img src=x onerror=alert(1)>',
  '</script><script>alert(2)</script>',
  'שלום עולם',
  '👩‍👩‍👧 family',
  '',
  'it\'s "quoted" & 100%',
  'a very long name of a category that goes on and on without ever coming to its end',
] as const;

/** Every kind of panel over one mart. */
export const sales = resolveDashboard(
  defineDashboard({
    name: 'shop-sales',
    title: 'Sales of the shop',
    description: 'Everything that is sold',
    pipeline: 'shop',
    data: {
      sales: {
        mart: 'sales',
        dimensions: {
          category: {},
          state: {},
          month: { column: 'sold_at', by: 'month' },
          returned: { order: ['no', 'yes'] },
        },
        measures: {
          orders: { count: true },
          price: { label: 'Sales', sum: 'price', unit: 'BRL' },
          score: { label: 'Score', mean: 'score', decimals: 2 },
          each: { label: 'Each', ratio: ['price', 'orders'], unit: 'BRL' },
          buyers: { distinct: 'buyer' },
        },
      },
    },
    filters: ['category', 'state', 'returned'],
    panels: [
      { kind: 'text', title: 'About', text: 'What is sold.\n\nAnd what comes back.' },
      { kind: 'number', title: 'Sales', data: 'sales', measure: 'price' },
      { kind: 'number', title: 'Orders', data: 'sales', measure: 'orders' },
      { kind: 'number', title: 'Buyers', data: 'sales', measure: 'buyers' },
      { kind: 'number', title: 'Score', data: 'sales', measure: 'score' },
      { kind: 'line', title: 'Sales per month', data: 'sales', by: 'month', measure: 'price' },
      { kind: 'bars', title: 'Returned', data: 'sales', by: 'returned', measure: 'orders' },
      { kind: 'share', title: 'Share of categories', data: 'sales', by: 'category', measure: 'price' },
      { kind: 'map', title: 'Where', country: 'BR', data: 'sales', by: 'state', measure: 'orders' },
      {
        kind: 'ranking',
        title: 'Best states',
        data: 'sales',
        by: 'state',
        measure: 'price',
        opens: { dashboard: 'shop-state', filter: 'state' },
      },
      {
        kind: 'table',
        title: 'Categories',
        data: 'sales',
        by: ['category'],
        measures: ['orders', 'price', 'score', 'each', 'buyers'],
        rows: 100,
      },
      { kind: 'table', title: 'Paged', data: 'sales', by: ['state', 'month'], measures: ['orders'], rows: 5 },
      {
        kind: 'select',
        title: 'Own select',
        select: 'select state, max(price) as highest from shop.sales group by 1 order by 1',
        rows: 5,
      },
    ],
  }),
);

export const byState = resolveDashboard({
  ...sales,
  name: 'shop-state',
  title: 'A state',
  panels: [{ kind: 'number', title: 'Sales', data: 'sales', measure: 'price' }],
});

export interface Shop {
  readonly warehouse: DuckDbWarehouse;
  readonly site: Site;
  readonly folder: string;
  /** Publishes a dashboard from the marts as they are. */
  publish(dashboard: Dashboard, change?: (made: Publication) => Publication): Promise<Publication>;
  close(): Promise<void>;
}

/** A warehouse with one mart, `shop.sales`, of so many rows. */
export async function openShop(rows: number): Promise<Shop> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-dashboards-'));
  const file = join(folder, 'warehouse.duckdb');
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  const names = CATEGORIES.map((text) => `'${text.replaceAll("'", "''")}'`).join();
  await connection.run(`create schema shop; select setseed(0.5);
    create table shop.sales as select [${names}, null][1 + (n * 7) % ${CATEGORIES.length + 1}] as category,
      ['SP', 'RJ', 'MG', 'RS', 'BA', 'XX', null][1 + (n * 11) % 7] as state,
      timestamp '2023-01-05' + (n % 700) * interval '1 day' as sold_at, n % 9 = 0 as returned,
      cast((n * 7919 % 100000) / 100.0 as decimal(18, 2)) as price, case when n % 4 = 0 then null else 1 + n % 5 end as score, n as id,
      case when n % 50 > 0 then 'b' || n % 40 end as buyer
    from range(${rows}) as t(n)`);
  connection.closeSync();
  instance.closeSync();
  const warehouse = new DuckDbWarehouse({ file, threads: 2 });
  const site = new Site(new FolderPlace(join(folder, 'pages')));
  return {
    warehouse,
    site,
    folder: join(folder, 'pages'),
    publish: async (dashboard, change = (made) => made) => {
      const publication = change(await publicationOf(warehouse, dashboard));
      await site.publish(publication);
      return publication;
    },
    close: async () => {
      await warehouse.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function publicationOf(warehouse: DuckDbWarehouse, dashboard: Dashboard): Promise<Publication> {
  const upTo = '2024-12-05T00:00:00Z';
  const receipt = (sql: string, numbers: unknown): Receipt => ({
    interval: { start: '2024-12-04T00:00:00Z', end: upTo },
    run: 'shop-2024-12-05T00:00:00Z',
    upTo,
    loads: [{ table: 'orders', loadId: '20241205t000000000-aaaa', rows: 12 }],
    checks: [
      { id: 'check', name: 'rows loaded are rows there', outcome: 'passed' },
      { id: 'test.a', name: 'unique sales.id', outcome: 'passed' },
      { id: 'test.b', name: 'not_null sales.state', outcome: 'warned' },
    ],
    sql,
    hash: createHash('sha256').update(JSON.stringify(numbers)).digest('hex'),
  });
  const data: Record<string, Publication['data'][string]> = {};
  for (const [name, definition] of Object.entries(dashboard.data)) {
    const sql = selectOf('shop', definition);
    const numbers = toDataset(definition, await warehouse.query(sql, { limit: 1_000_000 }));
    data[name] = { numbers, receipt: receipt(sql, numbers) };
  }
  const selects: Record<string, Publication['selects'][string]> = {};
  for (const [at, panel] of dashboard.panels.entries()) {
    if (panel.kind !== 'select') continue;
    const { columns, rows } = await warehouse.query(panel.select);
    const numbers = {
      columns: columns.map(({ name, type }) => ({ name, numeric: /DECIMAL|INT/.test(type) })),
      rows: rows.map((row) =>
        columns.map(({ name }) =>
          row[name] === null ? null : JSON.stringify(row[name]).replaceAll('"', ''),
        ),
      ),
    };
    selects[at] = { numbers, receipt: receipt(panel.select, numbers) };
  }
  return { dashboard, upTo, data, selects };
}
