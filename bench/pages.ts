import { gzipSync } from 'node:zlib';
import pg from 'pg';
import type { Page } from 'playwright-core';
import type { Session } from '../cli/session.ts';
import { defineDashboard } from '../core/dashboards/definition.ts';
import { resolveDashboard } from '../core/dashboards/resolve.ts';
import { selectOf } from '../core/dashboards/sql.ts';
import { resolvePipeline } from '../core/resolve.ts';
import { browserBinary, openBrowser } from '../web/browser-harness.ts';
import { openShop } from '../web/dashboards/fixture.ts';
import { openPages } from '../web/pages.fixture.ts';
import { median, quantile } from './figures.ts';

export interface PageFigures {
  readonly what: string;
  readonly medianMs: number;
  readonly p95Ms: number;
  /** Compressed; null where nothing is sent. */
  readonly kilobytes: number | null;
}

const INTERVALS = 87_600;
const TABLES = 12;
const ROUNDS = 21;
const ROWS = 100_000;

const hourly = resolvePipeline({
  name: 'bench_grid',
  description: 'Ten years by the hour',
  schedule: { every: '1 hour' },
  start: '2016-01-01T00:00:00Z',
  source: 'olist',
  tables: Object.fromEntries(
    Array.from({ length: TABLES }, (_, n) => [
      `table_${n}`,
      { domain: 'bench', extract: { mode: 'interval', cursor: 'at' }, primaryKey: ['id'] } as const,
    ]),
  ),
});

/** Ten years of hourly runs with 25 steps each, as a ledger has them that was used for so long. */
const FILL = `
  DELETE FROM runs WHERE pipeline = 'bench_grid';
  ALTER TABLE steps DISABLE TRIGGER step_interval;
  INSERT INTO runs (run_id, workflow_id, pipeline, interval_start, interval_end, kind, outcome, code_version, input, definition, started_at, finished_at)
    SELECT 'bench_grid-' || n, 'bench_grid-' || n, 'bench_grid', at, at + interval '1 hour', 'scheduled',
      CASE WHEN n % 500 = 7 THEN 'failed' ELSE 'succeeded' END, 'bench', '{"pipeline": "bench_grid"}', $DEFINITION, at + interval '1 hour', at + interval '65 minutes'
    FROM (SELECT n, timestamptz '2016-01-01 00:00Z' + n * interval '1 hour' AS at FROM generate_series(0, ${INTERVALS - 1}) AS n) AS hours;
  INSERT INTO steps (run_id, step, table_name, outcome, attempt, started_at, finished_at, rows, bytes, result, pipeline, interval_start, interval_end)
    SELECT run_id, step, table_name, CASE WHEN outcome = 'failed' AND step = 'transform' THEN 'failed' ELSE 'succeeded' END, 1, started_at, finished_at, 100, 4096, '{}',
      pipeline, interval_start, interval_end
    FROM runs, (SELECT step, 'table_' || n AS table_name FROM generate_series(0, ${TABLES - 1}) AS n, unnest(ARRAY['extract', 'load']) AS step
      UNION ALL SELECT 'transform', '') AS kinds
    WHERE pipeline = 'bench_grid';
  ALTER TABLE steps ENABLE TRIGGER step_interval;
  ANALYZE runs; ANALYZE steps;`;

/** Pages of a grid of ten years by the hour, as the server gives them. */
export async function benchGrid({
  profile,
  ledger,
}: Pick<Session, 'profile' | 'ledger'>): Promise<PageFigures[]> {
  const { host, port, database, user, password } = profile.ledger;
  const client = new pg.Client({ host, port, database, user, password });
  await client.connect();
  const pages = await openPages(ledger, new Map([['bench_grid', hourly]]));
  try {
    await client.query(FILL.replace('$DEFINITION', () => client.escapeLiteral(JSON.stringify(hourly))));
    const asked: readonly (readonly [what: string, path: string])[] = [
      ['the newest page', '/pipelines/bench_grid'],
      ['with its tables', '/pipelines/bench_grid?expand=load'],
      ['a page of five years ago', '/pipelines/bench_grid?before=2021-01-01T00:00:00Z'],
      ['the overview', '/'],
    ];
    const all: PageFigures[] = [];
    for (const [what, path] of asked) {
      const times: number[] = [];
      let body = await pages.text(path);
      for (let round = 0; round < ROUNDS; round += 1) {
        const began = performance.now();
        body = await pages.text(path);
        times.push(performance.now() - began);
      }
      all.push(figures(what, times, gzipSync(body).length));
    }
    return all;
  } finally {
    await client.query(`DELETE FROM runs WHERE pipeline = 'bench_grid'`);
    await client.end();
    await pages.serving.close();
  }
}

/** Over all rows of a mart, for whose sake each travels: what counts keys cannot be added up. */
const wide = resolveDashboard(
  defineDashboard({
    name: 'bench-wide',
    title: 'Wide',
    description: 'A row for each of the mart',
    pipeline: 'shop',
    data: {
      sales: {
        mart: 'sales',
        dimensions: {
          category: {},
          state: {},
          month: { column: 'sold_at', by: 'month' },
          day: { column: 'sold_at', by: 'day' },
          returned: { order: ['no', 'yes'] },
        },
        measures: {
          orders: { distinct: 'id' },
          price: { sum: 'price', unit: 'BRL' },
          score: { mean: 'score' },
        },
      },
    },
    filters: ['category', 'state', 'returned'],
    panels: [
      { kind: 'number', title: 'Sales', data: 'sales', measure: 'price' },
      { kind: 'number', title: 'Orders', data: 'sales', measure: 'orders' },
      { kind: 'line', title: 'Sales per month', data: 'sales', by: 'month', measure: 'price' },
      { kind: 'bars', title: 'Returned', data: 'sales', by: 'returned', measure: 'orders' },
      { kind: 'share', title: 'Categories', data: 'sales', by: 'category', measure: 'price' },
      { kind: 'ranking', title: 'Best states', data: 'sales', by: 'state', measure: 'price' },
      {
        kind: 'table',
        title: 'By state and month',
        data: 'sales',
        by: ['state', 'month'],
        measures: ['orders', 'price', 'score'],
      },
    ],
  }),
);

/** A line and a table of 20,000 points. */
const points = resolveDashboard(
  defineDashboard({
    name: 'bench-points',
    title: 'Points',
    description: 'Many points',
    pipeline: 'shop',
    data: {
      sales: {
        mart: 'sales',
        dimensions: { id: {}, returned: { order: ['no', 'yes'] } },
        measures: { price: { sum: 'price', unit: 'BRL' } },
        where: 'id < 20000',
      },
    },
    filters: ['returned'],
    panels: [
      { kind: 'number', title: 'Sales', data: 'sales', measure: 'price' },
      { kind: 'line', title: 'Each', data: 'sales', by: 'id', measure: 'price' },
      { kind: 'table', title: 'All', data: 'sales', by: ['id'], measures: ['price'] },
    ],
  }),
);

const FILTER = (choice: string) => `new Promise((done) => {
  const input = document.querySelector('[data-of=returned] input[value=' + JSON.stringify(JSON.stringify(${JSON.stringify(choice)})) + ']');
  const began = performance.now();
  input.click();
  requestAnimationFrame(() => { const channel = new MessageChannel(); channel.port1.onmessage = () => done(performance.now() - began); channel.port2.postMessage(0); });
})`;

/** Dashboards in a browser: until the first numbers stand, and from a click on a filter until it is drawn. Undefined without a browser. */
export async function benchDashboards(): Promise<
  | { readonly queryMs: number; readonly publishMs: number; readonly figures: readonly PageFigures[] }
  | undefined
> {
  const binary = browserBinary();
  if (binary === undefined) return undefined;
  const shop = await openShop(ROWS);
  const pages = await openPages({} as never, new Map(), { pages: shop.site });
  const browser = await openBrowser(binary);
  try {
    const began = performance.now();
    for (const data of Object.values(wide.data))
      await shop.warehouse.query(selectOf('shop', data), { limit: 1_000_000 });
    const queried = performance.now();
    const { data } = await shop.publish(wide);
    if (data['sales']?.numbers?.rows !== ROWS)
      throw new Error('The page does not have a row for each of the mart');
    const published = performance.now();
    await shop.publish(points);
    const all: PageFigures[] = [];
    for (const [what, name] of [
      ['100,000 rows', 'bench-wide'],
      ['20,000 points', 'bench-points'],
    ] as const) {
      const firsts: number[] = [];
      const filters: number[] = [];
      let bytes = 0;
      for (let round = 0; round < ROUNDS; round += 1) {
        const page = await browser.newPage();
        bytes = 0;
        page.on(
          'requestfinished',
          (request) => void request.sizes().then(({ responseBodySize }) => (bytes += responseBodySize)),
        );
        await page.goto(`${pages.serving.address}/dashboards/${name}/index.html`, { waitUntil: 'load' });
        firsts.push(await firstNumbers(page));
        filters.push(await page.evaluate<number>(FILTER('yes')), await page.evaluate<number>(FILTER('no')));
        await page.close();
      }
      all.push(
        figures(`${what}: first numbers`, firsts, bytes),
        figures(`${what}: filter to redrawn`, filters, null),
      );
    }
    return { queryMs: queried - began, publishMs: published - queried, figures: all };
  } finally {
    await browser.close();
    await pages.serving.close();
    await shop.close();
  }
}

/** Of the first paint that has contents, and until filters answer, whichever is later; milliseconds from the request. */
async function firstNumbers(page: Page): Promise<number> {
  await page.waitForSelector('form.filters:not([hidden])', { state: 'attached' });
  return page.evaluate<number>(
    `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? performance.now()`,
  );
}

function figures(what: string, times: readonly number[], bytes: number | null): PageFigures {
  return {
    what,
    medianMs: median(times),
    p95Ms: quantile(times, 0.95),
    kilobytes: bytes === null ? null : bytes / 1024,
  };
}
