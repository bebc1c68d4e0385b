import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRun, march, ran } from '../connectors/ledger/postgres/fixtures.ts';
import type { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import { browserBinary, openBrowser } from './browser-harness.ts';
import { sales, shop, shopModels } from './lineage/fixture.ts';
import { openPages, type Pages } from './pages.fixture.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const binary = browserBinary();
const why = "there is no browser: 'node setup-browser.mjs' installs one";
const registry = new Map([
  ['shop', { ...shop, freshness: { warnAfter: '1 day', errorAfter: '2 days' } } as const],
]);
const own = useLedger('web_browser');
/** What is folded away is looked at as well. */
const OPEN_ALL = 'for (const each of document.querySelectorAll("details")) each.open = true';
const TABLES = ['orders', 'clicks', 'prices'];
const PATHS = [
  '/',
  '/pipelines/shop?expand=load',
  '/pipelines/shop/lineage',
  '/pipelines/shop/lineage?of=fct_orders.total',
  '/pipelines/shop/lineage?of=raw_shop.orders',
  '/runs/broken',
  '/runs/day%205',
  '/runs/broken/log?step=load:orders',
  '/backfills',
  '/backfills/backfill-shop',
  '/notices',
  '/pools',
  '/actions',
  '/nothing',
];

describe.skipIf(!binary)(
  binary ? 'in a browser' : `in a browser: NOT TESTED, ${why}`,
  { timeout: 300_000 },
  () => {
    let ledger: PostgresLedger;
    let pages: Pages;
    let browser: Browser;
    beforeAll(async () => {
      ledger = own.ledger();
      pages = await openPages(ledger, registry, { dashboards: new Map([['shop-sales', sales]]) });
      browser = await openBrowser(binary ?? '');
    });
    afterAll(async () => {
      await browser.close();
      await pages.serving.close();
    });

    /** Something of everything that pages show. */
    async function scene(): Promise<void> {
      await ledger.recordModels({ pipeline: 'shop', runId: 'day 1' }, shopModels);
      for (let day = 1; day <= 9; day += 1) await ran(ledger, aRun(`day ${day}`, march(day)), TABLES);
      await ledger.openRun(aRun('broken', march(11)));
      await ledger.startStep('broken', 'load', 'orders', 1);
      await ledger.writeLog(
        'broken',
        'load',
        'orders',
        1,
        Array.from({ length: 30 }, (_, n) => `line ${n} ${'x'.repeat(200)}`),
      );
      await ledger.finishStep('broken', 'load', 'orders', 1, {
        error: `it broke ${'very'.repeat(80)}`,
        outcome: 'failed',
      });
      await ledger.closeRun(
        'broken',
        'failed',
        `orders: <b>it broke</b> ${'without a space'.replaceAll(' ', '').repeat(20)}`,
      );
      await ledger.openRun(aRun('asks', march(13)));
      await ledger.startStep(
        'asks',
        'task',
        'release',
        1,
        "approval: Release it? ('sluice approve x release', or --reject)",
      );
      await ledger.changeIncidents('shop', () => ({
        open: [{ kind: 'run-failed', subject: 'load:orders', upTo: march(11).end }],
        close: [],
        notices: [
          { kind: 'run-failed', pipeline: 'shop', interval: march(11), runId: 'broken', message: 'it broke' },
        ],
      }));
      await ledger.openBackfill({
        backfillId: 'backfill-shop',
        execution: 'e',
        pipeline: 'shop',
        range: march(1, 9),
        request: {
          pipeline: 'shop',
          from: '2024-03-01',
          to: '2024-03-09',
          concurrency: 2,
          reprocess: 'missing',
          transform: 'once',
          runsPerExecution: 200,
        },
        intervals: [1, 2, 3].map((day) => ({ interval: march(day), nominalTime: march(day).end })),
      });
      await ledger.endInterval('backfill-shop', 0, 'succeeded', null);
      await ledger.endInterval('backfill-shop', 1, 'failed', 'the source was away');
      await ledger.takePlace({
        pool: 'gpu',
        size: 1,
        step: 'score',
        priority: 0,
        run: aRun('asks', march(13)),
        waitsIn: 'asks',
      });
      await ledger.recordAction({
        actor: 'anna',
        action: 'approve',
        pipeline: 'shop',
        subject: 'x',
        reason: 'numbers look right',
      });
    }

    async function open(path: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
      const page = await browser.newPage(options);
      await page.goto(`${pages.serving.address}${path}`, { waitUntil: 'load' });
      await page.evaluate(OPEN_ALL);
      return page;
    }

    async function violations(page: Page): Promise<unknown[]> {
      return page.evaluate(`(() => { ${AXE}; return axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => [id, ...nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary)])) })()`);
    }

    it('has nothing that shuts people out, in light and in dark', async () => {
      await scene();
      for (const colorScheme of ['light', 'dark'] as const)
        for (const path of PATHS) {
          const page = await open(path, { colorScheme, bypassCSP: true });
          expect([path, colorScheme, await violations(page)]).toEqual([path, colorScheme, []]);
          await page.close();
        }
    });

    it('fits on a screen of 320 pixels, however long a name or a message is', async () => {
      await scene();
      for (const path of PATHS) {
        const page = await open(path, { viewport: { width: 320, height: 640 } });
        const wide = await page.evaluate('document.documentElement.scrollWidth');
        expect([path, wide]).toEqual([path, 320]);
        await page.close();
      }
    });

    it('asks nothing of another origin, and breaks no rule of its own', async () => {
      await scene();
      for (const path of PATHS) {
        const page = await browser.newPage();
        const asked: string[] = [];
        const said: string[] = [];
        page.on('request', (request) => asked.push(new URL(request.url()).origin));
        page.on('console', (message) => said.push(message.text()));
        page.on('pageerror', (error) => said.push(error.message));
        await page.goto(`${pages.serving.address}${path}`, { waitUntil: 'load' });
        expect([...new Set(asked)]).toEqual([pages.serving.address]);
        expect(said.filter((text) => !/404/.test(text))).toEqual([]);
        await page.close();
      }
    });

    it('is walked by the keyboard, from the first link over an interval to its run', async () => {
      await scene();
      const page = await open('/pipelines/shop');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toContain('Skip to the contents');
      await page.keyboard.press('Enter');
      for (let n = 0; n < 40; n += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate("document.activeElement.matches('a.sq.failed')")) break;
      }
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/runs\//);
      expect(await page.textContent('h1')).toContain('failed');
      await page.close();
    });

    it('is walked by the keyboard from a column to what it is made of', async () => {
      await scene();
      const page = await open('/pipelines/shop/lineage');
      await page.focus('details a[href*="fct_orders.total"]');
      await page.keyboard.press('Enter');
      await page.waitForURL(/of=/);
      expect(await page.textContent('h1')).toContain('shop.fct_orders.total');
      expect(await page.textContent('#main')).toContain('Sales by day');
      await page.close();
    });

    it('changes by itself when something has happened, and keeps the focus where it was', async () => {
      await ran(ledger, aRun('day 1', march(1)), TABLES);
      const page = await open('/pipelines/shop');
      await page.focus('#kind-load');
      await ran(ledger, aRun('day 2', march(2)), TABLES, 'failed');
      await page.waitForSelector('a.sq.failed', { timeout: 60_000 });
      expect(await page.evaluate('document.activeElement.id')).toBe('kind-load');
      await page.close();
    });

    it('works without its script', async () => {
      await scene();
      const page = await open('/', { javaScriptEnabled: false });
      await page.click('a[href="/pipelines/shop"]');
      await page.click('#kind-load');
      expect(await page.textContent('.grid')).toContain('clicks');
      await page.close();
    });

    it('is small: less than 12 KB of style and script', async () => {
      const html = await pages.text('/');
      const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
      expect(files).toHaveLength(2);
      const sizes = await Promise.all(files.map(async (path) => gzipSync(await pages.text(path)).length));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(12_000);
    });
  },
);
