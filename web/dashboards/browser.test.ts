import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useLedger } from '../../connectors/ledger/postgres/harness.ts';
import { browserBinary, openBrowser } from '../browser-harness.ts';
import { openPages, type Pages } from '../pages.fixture.ts';
import { byState, CATEGORIES, openShop, sales, type Shop } from './fixture.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const OPEN_ALL = 'for (const each of document.querySelectorAll("details:not(.filter)")) each.open = true';
const binary = browserBinary();
const why = "there is no browser: 'node setup-browser.mjs' installs one";
const own = useLedger('web_dashboards');

type Filters = Readonly<Record<string, string | null>>;

/** The condition that a filter stands for. */
const CONDITIONS: Readonly<Record<string, (value: string | null) => string>> = {
  category: (value) => (value === null ? 'category is null' : `category = '${value.replaceAll("'", "''")}'`),
  state: (value) => (value === null ? 'state is null' : `state = '${value}'`),
  returned: (value) => (value === 'yes' ? 'returned' : 'not returned'),
};
const CASES: readonly Filters[] = [
  {},
  ...[...CATEGORIES, null].map((category) => ({ category })),
  { state: 'SP' },
  { state: null },
  { returned: 'yes' },
  { category: 'toys', state: 'RJ' },
  { category: '', returned: 'no' },
  { category: null, state: null },
  { state: 'XX', returned: 'yes' },
];

describe.skipIf(!binary)(
  binary ? 'a dashboard in a browser' : `a dashboard in a browser: NOT TESTED, ${why}`,
  { timeout: 300_000 },
  () => {
    let shop: Shop;
    let pages: Pages;
    let browser: Browser;
    beforeAll(async () => {
      shop = await openShop(3_000);
      await shop.publish(sales);
      await shop.publish(byState);
      pages = await openPages(own.ledger(), new Map(), { pages: shop.site });
      browser = await openBrowser(binary ?? '');
    });
    afterAll(async () => {
      await browser.close();
      await pages.serving.close();
      await shop.close();
    });

    const address = (filters: Filters = {}, name = 'shop-sales') => {
      const query = Object.entries(filters).map(
        ([key, value]) => `${key}=${encodeURIComponent(value ?? '\uE000')}`,
      );
      return `${pages.serving.address}/dashboards/${name}/index.html${query.length ? `?${query.join('&')}` : ''}`;
    };
    async function open(
      filters: Filters = {},
      options: Parameters<Browser['newPage']>[0] = {},
      name?: string,
    ): Promise<Page> {
      const page = await browser.newPage(options);
      await page.goto(address(filters, name), { waitUntil: 'load' });
      return page;
    }
    const panel = (title: string) => `section[aria-labelledby]:has(h2:text-is("${title}"))`;
    /** Cells of a panel's table, money as plain numbers. */
    const cells = async (page: Page, title: string): Promise<string[][]> => {
      const rows = page.locator(`${panel(title)} table.rows tbody tr`);
      const all = await rows.evaluateAll((found) =>
        (found as unknown as { cells: ArrayLike<{ textContent: string | null }> }[]).map((row) =>
          Array.from(row.cells, (cell) => cell.textContent ?? ''),
        ),
      );
      return all.map(([first = '', ...rest]) => [first, ...rest.map((text) => text.replace(/^R\$ |,/g, ''))]);
    };
    const conditionOf = (filters: Filters) =>
      Object.entries(filters)
        .map(([name, value]) => CONDITIONS[name]?.(value) ?? '')
        .join(' and ') || 'true';
    const bySql = async (filters: Filters): Promise<string[][]> => {
      const { rows } = await shop.warehouse.query(
        `select coalesce(case category when '' then '(empty)' else category end, '(none)') as category, count(*)::varchar as orders,
           sum(price)::varchar as price, coalesce(sum(score), 0)::varchar as score, count(score)::varchar as scored, count(distinct buyer)::varchar as buyers
         from shop.sales where ${conditionOf(filters)} group by category`,
      );
      return rows.map((row) => {
        const [category = '', orders = '', price = '', score = '', scored = '', buyers = ''] =
          Object.values(row).map(String);
        const cents = BigInt(price.replace('.', ''));
        return [
          category,
          orders,
          price,
          hundredths(BigInt(score) * 100n, BigInt(scored)),
          hundredths(cents, BigInt(orders)),
          buyers,
        ];
      });
    };
    const sorted = (rows: readonly (readonly string[])[]) => rows.map((row) => row.join('|')).sort();

    it('shows what SQL gives, for no filter, each and pairs', async () => {
      for (const [at, filters] of CASES.entries()) {
        // Whoever looks may be a day before or behind: dates are those of the data.
        const page = await open(filters, { timezoneId: at % 2 ? 'Pacific/Kiritimati' : 'Pacific/Honolulu' });
        expect([filters, sorted(await cells(page, 'Categories'))]).toEqual([
          filters,
          sorted(await bySql(filters)),
        ]);
        const { rows } = await shop.warehouse.query(
          `select count(distinct buyer)::varchar as buyers from shop.sales where ${conditionOf(filters)}`,
        );
        expect([filters, await page.textContent(`${panel('Buyers')} .figure`)]).toEqual([
          filters,
          rows[0]?.['buyers'],
        ]);
        await page.close();
      }
    });

    it('is filtered by the keyboard, and by a click on a value; the address says so', async () => {
      const page = await open();
      const all = await page.textContent(`${panel('Orders')} .figure`);
      expect(all).toBe('3,000');
      await page.focus('[data-of=state] summary');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      const first = (await page.locator('[data-of=state] input:checked').getAttribute('value')) ?? '';
      expect(new URL(page.url()).searchParams.get('state')).toBe(JSON.parse(first));
      await page.keyboard.press('Escape');
      expect(await page.evaluate('document.activeElement.textContent')).toContain(
        `State: ${String(JSON.parse(first))}`,
      );
      await page.click(`${panel('Categories')} a.choice:has(bdi:text-is("toys"))`);
      const wanted = await bySql({ category: 'toys', state: JSON.parse(first) as string });
      expect(await cells(page, 'Categories')).toEqual(wanted);
      await page.click('button[type=reset]');
      await page.waitForFunction('!location.search');
      expect(await page.textContent(`${panel('Orders')} .figure`)).toBe(all);
      await page.close();
    });

    it('sorts and pages tables, of own selects as well', async () => {
      const page = await open();
      await page.click(`${panel('Paged')} button[data-page="1"]`);
      expect(await page.textContent(`${panel('Paged')} .pager`)).toMatch(/6–10 of 1\d\d/);
      await page.click(`${panel('Categories')} button[data-sort=price]`);
      const prices = (await cells(page, 'Categories')).map(([, , price]) => Number(price));
      expect(prices).toEqual([...prices].sort((a, b) => b - a));
      await page.click(`${panel('Own select')} button[data-sort=highest]`);
      const highest = (await cells(page, 'Own select')).map(([, price]) => Number(price));
      expect(highest).toEqual([...highest].sort((a, b) => b - a));
      await page.close();
    });

    it('carries a value to another dashboard', async () => {
      const page = await open();
      await page.click(`${panel('Best states')} a:has(bdi:text-is("SP"))`);
      await page.waitForURL(/shop-state\/index\.html\?state=SP/);
      const { rows } = await shop.warehouse.query(
        "select sum(price)::varchar as price from shop.sales where state = 'SP'",
      );
      const shown = await page.textContent(`${panel('Sales')} .figure`);
      expect(shown?.replace(/^R\$ |,/g, '')).toBe(rows[0]?.['price']);
      await page.close();
    });

    it('shuts nobody out, in light and in dark, withheld as well', async () => {
      await shop.publish({ ...sales, name: 'shop-withheld' }, withheld);
      for (const colorScheme of ['light', 'dark'] as const)
        for (const name of ['shop-sales', 'shop-withheld']) {
          const page = await open({ state: 'SP' }, { colorScheme, bypassCSP: true }, name);
          await page.evaluate(OPEN_ALL);
          const found =
            await page.evaluate(`(() => { ${AXE}; return axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
            violations.map(({ id, nodes }) => [id, ...nodes.map(({ html, failureSummary }) => html.slice(0, 200) + ' ' + failureSummary)])) })()`);
          expect([name, colorScheme, found]).toEqual([name, colorScheme, []]);
          await page.close();
        }
    });

    it('says which check withholds it, and keeps the numbers of before', async () => {
      await shop.publish({ ...sales, name: 'shop-withheld' }, withheld);
      const page = await open({}, {}, 'shop-withheld');
      const text = await page.textContent(panel('Orders'));
      expect(text).toContain('not_null sales.price failed on data up to 2024-12-06 00:00Z');
      expect(text).toContain('the last good numbers, of data up to 2024-12-05 00:00Z');
      expect(await page.textContent(`${panel('Orders')} .figure`)).toBe('3,000');
      expect(await page.getAttribute(`${panel('Orders')} [data-run] a`, 'href')).toBe(
        '/runs/shop-2024-12-06T00%3A00%3A00Z',
      );
      await page.close();
    });

    it('fits on 320 pixels, asks nothing of another origin, and breaks no rule', async () => {
      const page = await browser.newPage({ viewport: { width: 320, height: 640 } });
      const asked: string[] = [];
      const said: string[] = [];
      page.on('request', (request) => asked.push(new URL(request.url()).origin));
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(error.message));
      page.on('dialog', (dialog) => said.push(dialog.message()));
      for (const filters of [{}, { category: CATEGORIES[1] }, { category: CATEGORIES[2] }]) {
        await page.goto(address(filters), { waitUntil: 'load' });
        await page.evaluate(OPEN_ALL);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
      }
      expect([...new Set(asked)]).toEqual([pages.serving.address]);
      expect(said).toEqual([]);
      await page.close();
    });

    it('opens from a file, in parts and as one', async () => {
      const [newest] = await shop.site.list('shop-sales');
      const one = join(shop.folder, 'one.html');
      writeFileSync(one, await shop.site.inOneFile(await shop.site.read('shop-sales', newest?.path ?? '')));
      for (const file of [
        one,
        join(shop.folder, 'shop-sales', 'index.html'),
        join(shop.folder, 'shop-sales', newest?.path ?? '', 'index.html'),
      ]) {
        const page = await browser.newPage();
        const said: string[] = [];
        page.on('pageerror', (error) => said.push(error.message));
        page.on('requestfailed', (request) => said.push(request.url()));
        await page.goto(`${pathToFileURL(file).href}?state=SP`);
        expect(sorted(await cells(page, 'Categories'))).toEqual(sorted(await bySql({ state: 'SP' })));
        expect(said).toEqual([]);
        await page.close();
      }
    });

    it('shows its numbers without its script', async () => {
      const page = await open({}, { javaScriptEnabled: false });
      expect(sorted(await cells(page, 'Categories'))).toEqual(sorted(await bySql({})));
      await page.close();
    });

    it('shows any publication of before', async () => {
      await shop.publish(sales, (made) => ({ ...made, upTo: '2024-12-04T00:00:00Z' }));
      const page = await open({ state: 'SP' });
      await page.selectOption('[data-publications] select', { label: '2024-12-04 00:00Z' });
      await page.waitForURL(/2024-12-04T000000Z\/[0-9a-f]+\/index\.html\?state=SP/);
      expect(await page.textContent('.asof time')).toBe('2024-12-04 00:00Z');
      await page.close();
    });

    it('has 50,000 values of a filter at hand', async () => {
      const many = await openShop(50_000);
      try {
        const { sales: data } = sales.data;
        const published = await many.publish({
          ...sales,
          name: 'shop-many',
          data: {
            sales: {
              mart: 'sales',
              dimensions: { id: {}, ...data?.dimensions },
              measures: data?.measures ?? {},
            },
          },
          filters: ['id'],
        });
        const html = await many.site.pageOf(published);
        const block = /<script type="application\/json"[^]*?<\/script>/.exec(html)?.[0] ?? '';
        expect(gzipSync(block).length).toBeLessThan(700_000);
        const scripts = await Promise.all(
          [...html.matchAll(/"\.\.\/\.\.\/\.\.\/(assets\/[^"]+)"/g)].map(
            async ([, path]) => gzipSync((await many.site.file(path ?? '')) ?? '').length,
          ),
        );
        expect(scripts).toHaveLength(2);
        expect(gzipSync(html.replace(block, '')).length + scripts.reduce((a, b) => a + b, 0)).toBeLessThan(
          40_000,
        );
        const file = join(many.folder, 'one.html');
        writeFileSync(file, await many.site.inOneFile(published));
        const page = await browser.newPage();
        await page.goto(pathToFileURL(file).href);
        expect(await page.locator('[data-of=id] label').count()).toBe(40);
        await page.click('[data-of=id] summary');
        await page.fill('[data-of=id] input[type=search]', '49999');
        await page.check('[data-of=id] label:has-text("49999") input');
        expect(await page.textContent(`${panel('Orders')} .figure`)).toBe('1');
        await page.close();
      } finally {
        await many.close();
      }
    });
  },
);

/** Half away from nought, as SQL rounds decimals. */
function hundredths(above: bigint, below: bigint): string {
  if (!below) return '–';
  const digits = String((2n * above + below) / (2n * below)).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** The newest publication, of which a check failed. */
function withheld(made: Parameters<NonNullable<Parameters<Shop['publish']>[1]>>[0]) {
  const why = {
    upTo: '2024-12-06T00:00:00Z',
    run: 'shop-2024-12-06T00:00:00Z',
    interval: { start: '2024-12-05T00:00:00Z', end: '2024-12-06T00:00:00Z' },
    checks: ['not_null sales.price'],
  };
  const held = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).map(([name, each]) => [name, { ...each, withheld: why }]));
  return { ...made, upTo: why.upTo, data: held(made.data), selects: held(made.selects) };
}
