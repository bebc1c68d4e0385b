import { afterAll, beforeAll, expect, it } from 'vitest';
import { openShop, sales, type Shop } from '../web/dashboards/fixture.ts';
import { verifyDashboard } from './verify-dashboard.ts';

let shop: Shop;
beforeAll(async () => (shop = await openShop(60)));
afterAll(() => shop.close());

it('holds every number of a page against SQL, distinct counts as well', async () => {
  const published = await shop.publish(sales);
  const rows = published.data['sales']?.numbers?.rows ?? 0;
  // Orders, price, two of the score, and buyers.
  expect(await verifyDashboard(shop.site, shop.warehouse, 'shop-sales')).toMatchObject({
    problems: [],
    numbers: rows * 5,
  });
});

it('finds a key that has gone to another group', async () => {
  await shop.publish(sales, (made) => {
    const { numbers, receipt } = made.data['sales'] ?? { numbers: null, receipt: null };
    const buyers = [...(numbers?.keys?.['buyers'] ?? [])];
    const at = buyers.indexOf(null);
    [buyers[at], buyers[at ? 0 : 1]] = [buyers[at ? 0 : 1] ?? null, null];
    const changed = numbers && { ...numbers, keys: { buyers } };
    return { ...made, upTo: '2024-12-06T00:00:00Z', data: { sales: { numbers: changed, receipt } } };
  });
  const { problems } = await verifyDashboard(shop.site, shop.warehouse, 'shop-sales');
  expect(problems.join('\n')).toMatch(/buyers is 0, and 1 by SQL[^]*buyers is 1, and 0 by SQL/);
});
