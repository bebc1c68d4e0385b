import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useLedger } from '../../connectors/ledger/postgres/harness.ts';
import { openPages, type Pages } from '../pages.fixture.ts';
import { sales, shop, shopModels } from './fixture.ts';

const own = useLedger('web_lineage');
let pages: Pages;

describe('the lineage of a pipeline, on its page', () => {
  beforeAll(async () => {
    pages = await openPages(own.ledger(), new Map([['shop', shop]]), {
      dashboards: new Map([['shop-sales', sales]]),
    });
  });
  afterAll(() => pages.serving.close());
  beforeEach(() => own.ledger().recordModels({ pipeline: 'shop', runId: 'r1' }, shopModels));

  it('is reached from the page of the pipeline, and names each layer', async () => {
    expect(await pages.text('/pipelines/shop')).toContain('href="/pipelines/shop/lineage"');
    const html = await pages.text('/pipelines/shop/lineage');
    for (const name of [
      'shop/orders',
      'raw_shop.orders',
      'shop.fct_orders',
      'Sales by day',
      'raw_bank.rates',
    ])
      expect(html).toContain(name);
    expect(html).toContain('href="/runs/r1"');
  });

  it('follows a column to its source and to panels', async () => {
    const html = await pages.text('/pipelines/shop/lineage?of=fct_orders.total');
    expect(html).toContain('href="/pipelines/shop/lineage?of=source%3Ashop%2Forders.price"');
    expect(html).toContain('href="/pipelines/shop/lineage?of=shop-sales%2F1"');
    expect(html).toContain('sluice lineage shop shop.fct_orders.total');
    expect(html).not.toContain('orders.at"');
  });

  it('says what cannot be told, what is not there, and that nothing was built yet', async () => {
    expect(await pages.text('/pipelines/shop/lineage?of=fct_orders.odd')).toContain('cannot be told exactly');
    const none = await pages.get('/pipelines/shop/lineage?of=fct_orders.totel');
    expect(none.status).toBe(400);
    expect(await none.text()).toContain('fct_orders.total');
    expect((await pages.get('/pipelines/nothing/lineage')).status).toBe(404);
    await own.ledger().recordModels({ pipeline: 'shop', runId: 'r2' }, { nodes: [] });
    expect(await pages.text('/pipelines/shop/lineage')).toContain('href="/runs/r2"');
  });
});

describe('models in the ledger', () => {
  it('are those of the build that made them so first', async () => {
    const ledger = own.ledger();
    expect(await ledger.models('shop')).toBeUndefined();
    await ledger.recordModels({ pipeline: 'shop', runId: 'r1' }, shopModels);
    await ledger.recordModels({ pipeline: 'shop', runId: 'r2' }, shopModels);
    expect(await ledger.models('shop')).toMatchObject({ runId: 'r1', models: shopModels });
    await ledger.recordModels({ pipeline: 'shop', runId: 'r3' }, { nodes: [] });
    expect(await ledger.models('shop')).toMatchObject({ runId: 'r3', models: { nodes: [] } });
  });
});
