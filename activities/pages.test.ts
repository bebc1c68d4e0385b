import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import { defineDashboard, type DataDefinition } from '../core/dashboards/definition.ts';
import { MOST_ROWS } from '../core/dashboards/dataset.ts';
import { resolveDashboard, type Dashboard } from '../core/dashboards/resolve.ts';
import { openShop, type Shop } from '../web/dashboards/fixture.ts';
import type { Connectors } from './connectors.ts';
import { pages } from './pages.ts';

const own = useLedger('pages_step');
let shop: Shop;
beforeAll(async () => {
  shop = await openShop(MOST_ROWS + 1);
}, 120_000);
afterAll(() => shop.close());

const run = {
  runId: 'a-run',
  workflowId: 'shop-2024-12-05T00:00:00Z',
  pipeline: 'shop',
  interval: { start: '2024-12-04T00:00:00Z', end: '2024-12-05T00:00:00Z' },
};

/** A number over the mart, grouped by nothing else than what it counts. */
function counting(name: string, where?: string): Dashboard {
  const sales: DataDefinition = {
    mart: 'sales',
    dimensions: { state: {} },
    measures: { orders: { distinct: 'id' }, price: { sum: 'price' } },
    ...(where !== undefined && { where }),
  };
  return resolveDashboard(
    defineDashboard({
      name,
      title: name,
      description: 'Counts orders',
      pipeline: 'shop',
      data: { sales },
      panels: [{ kind: 'number', title: 'Orders', data: 'sales', measure: 'orders' }],
    }),
  );
}

/** The step over the warehouse and a folder of pages; what dbt and Temporal know of a run is left out. */
function publish(...dashboards: readonly Dashboard[]) {
  const connectors = {
    warehouse: shop.warehouse,
    pages: shop.site,
    ledger: own.ledger(),
    registry: new Map(),
    dashboards: new Map(dashboards.map((each) => [each.name, each])),
    transform: { graph: () => Promise.resolve({ nodes: [], checks: [] }) },
  } as unknown as Connectors;
  const context = {
    cancellationSignal: new AbortController().signal,
    heartbeat: () => undefined,
    log: { info: () => undefined, warn: () => undefined },
  } as unknown as Context;
  const names = dashboards.map(({ name }) => name);
  return asyncLocalStorage.run(context, () =>
    pages(connectors, run, names, [], { transform: 'succeeded', check: 'succeeded' }),
  );
}

describe('the step that publishes dashboards', { timeout: 240_000 }, () => {
  it('refuses more rows than a page can hold, and publishes the others', async () => {
    const [few, many] = [counting('shop-few', 'id < 1000'), counting('shop-many')];
    await expect(publish(many, few)).rejects.toThrow(
      new RegExp(`shop-many: .*sales: more than ${MOST_ROWS} rows after grouping, which no page can hold`),
    );
    expect(await shop.site.list('shop-many')).toEqual([]);
    expect(await shop.site.list('shop-few')).toHaveLength(1);
  });

  it('publishes a page that weighs more than it should, and says what weighs most', async () => {
    const { dashboards, warnings } = await publish(counting('shop-heavy', `id < ${MOST_ROWS}`));
    expect(dashboards).toMatchObject([{ name: 'shop-heavy', isNew: true }]);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^shop-heavy: its data weigh \d+ KB \(gzip\), more than the 700 KB .* The most is .* of 'sales'/,
      ),
    ]);
    const [published] = await shop.site.list('shop-heavy');
    const { data } = await shop.site.read('shop-heavy', published?.path ?? '');
    expect(data['sales']?.numbers?.rows).toBe(MOST_ROWS);
  });
});
