import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import { aRun, march } from '../connectors/ledger/postgres/fixtures.ts';
import { HttpLineage } from '../connectors/lineage/http.ts';
import type { RunEvent } from '../core/lineage/open-lineage.ts';
import { sales, shop, shopModels } from '../web/lineage/fixture.ts';
import { LineageEvents, uuid, type LineageEventsOptions } from './lineage-events.ts';

const SCHEMAS = join(import.meta.dirname, '../connectors/lineage/schemas');
const own = useLedger('lineage_events');

/** The published schemas, of events and of every facet that we send. */
function validator() {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  for (const file of readdirSync(SCHEMAS))
    ajv.addSchema(JSON.parse(readFileSync(join(SCHEMAS, file), 'utf8')) as object);
  return (schema: string, value: unknown): unknown => {
    const validate = ajv.getSchema(schema);
    if (!validate) throw new Error(`no schema ${schema}`);
    void validate(value);
    return validate.errors ?? [];
  };
}

interface Faceted {
  readonly facets: Readonly<Record<string, object>>;
  readonly outputFacets?: Readonly<Record<string, object>>;
}

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A server that answers as it is told, or never. */
async function receiver(answer: (n: number, request: IncomingMessage) => number | 'never' = () => 201) {
  const received: RunEvent[] = [];
  const headers: IncomingMessage['headers'][] = [];
  let asked = 0;
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const status = answer((asked += 1), request);
      headers.push(request.headers);
      if (status === 'never') return;
      if (status < 300) received.push(JSON.parse(text) as RunEvent);
      response.writeHead(status).end();
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/lineage`;
  return { url, received, headers, asked: () => asked };
}

function events(url: string, over: Partial<LineageEventsOptions> = {}) {
  const said: string[] = [];
  const made = new LineageEvents({
    sink: new HttpLineage({ url, token: 'a-token' }),
    namespace: 'sluice',
    ledger: own.ledger(),
    registry: new Map([['shop', shop]]),
    dashboards: new Map([['shop-sales', sales]]),
    log: { warn: (...words: unknown[]) => void said.push(JSON.stringify(words)) },
    onDropped: () => undefined,
    ...over,
  });
  closing.push(() => void made.close());
  return { made, said };
}

const at = '2024-03-02T03:00:00.000Z';
const RUN = 'b2a4a1a0-0000-4000-8000-000000000001';

describe('lineage events', () => {
  it('of a run, its steps and its models are what OpenLineage has published, in their order', async () => {
    const ledger = own.ledger();
    await ledger.openRun(aRun(RUN, march(1)));
    await ledger.recordModels({ pipeline: 'shop', runId: RUN }, shopModels);
    const to = await receiver();
    const { made } = events(to.url);
    const extract = { kind: 'extract', subject: 'orders', attempt: 1 } as const;
    const load = { kind: 'load', subject: 'orders', attempt: 2 } as const;
    const transform = { kind: 'transform', subject: null, attempt: 1 } as const;
    const nodes = [
      { id: 'model.shop.fct_orders', outcome: 'succeeded', milliseconds: 1_500 },
      { id: 'test.shop.unique', outcome: 'failed', milliseconds: 10 },
    ] as const;
    made.tell({ runId: RUN, at });
    for (const step of [extract, load]) {
      made.tell({ runId: RUN, at, step });
      made.tell({ runId: RUN, at, step, end: { outcome: 'succeeded', rows: 7 } });
    }
    made.tell({ runId: RUN, at, step: transform });
    made.tell({ runId: RUN, at, step: transform, end: { outcome: 'failed', error: 'a test failed', nodes } });
    made.tell({ runId: RUN, at, step: { kind: 'pages', subject: null, attempt: 1 } });
    made.tell({ runId: RUN, at, end: { outcome: 'cancelled', error: 'by anna' } });
    await vi.waitFor(() => expect(to.received).toHaveLength(11), { timeout: 60_000 });

    expect(to.received.map(({ eventType, job }) => `${eventType} ${job.name}`)).toEqual([
      'START shop',
      'START shop.extract:orders',
      'COMPLETE shop.extract:orders',
      'START shop.load:orders',
      'COMPLETE shop.load:orders',
      'START shop.transform',
      'START shop.shop.fct_orders',
      'COMPLETE shop.shop.fct_orders',
      'FAIL shop.transform',
      'START shop.pages',
      'ABORT shop',
    ]);
    const errorsOf = validator();
    for (const event of to.received) {
      expect([event.job.name, errorsOf(event.schemaURL, event)]).toEqual([event.job.name, []]);
      const all: readonly Faceted[] = [event.run, event.job, ...event.inputs, ...event.outputs];
      const facets = all.flatMap((each) => Object.entries({ ...each.facets, ...each.outputFacets }));
      expect(facets.length).toBeGreaterThan(0);
      for (const [name, facet] of facets)
        expect([name, errorsOf((facet as { _schemaURL: string })._schemaURL, { [name]: facet })]).toEqual([
          name,
          [],
        ]);
    }
    expect(to.headers[0]?.authorization).toBe('Bearer a-token');
    // One run is one id; the parent of a step is its run, that of a model the step.
    const ids = to.received.map(({ run }) => run.runId);
    expect(ids[0]).toBe(RUN);
    expect(ids[10]).toBe(RUN);
    expect(new Set(ids).size).toBe(6);
    expect(to.received[6]?.run.facets['parent']).toMatchObject({ run: { runId: ids[5] } });
    expect(to.received[4]?.outputs).toMatchObject([
      {
        namespace: 'sluice/warehouse',
        name: 'raw_shop.orders',
        outputFacets: { outputStatistics: { rowCount: 7 } },
      },
    ]);
    expect(to.received[2]).toMatchObject({
      inputs: [{ namespace: 'sluice/source/shop', name: 'orders' }],
      outputs: [{ namespace: 'sluice/lake', name: 'bronze/shop/orders' }],
    });
    expect(to.received[7]?.outputs[0]?.facets).toMatchObject({
      schema: { fields: [{ name: 'day', type: 'INTEGER' }, { name: 'total' }, { name: 'odd' }, {}] },
      columnLineage: {
        fields: {
          total: {
            inputFields: [
              { namespace: 'sluice/warehouse', name: 'raw_shop.orders', field: 'price' },
              { namespace: 'sluice/warehouse', name: 'raw_bank.rates', field: 'rate' },
            ],
          },
        },
      },
    });
    // Panels are what the step `pages` writes, by the columns of their marts.
    const { inputs, outputs } = to.received[9] ?? { inputs: [], outputs: [] };
    expect(inputs.map(({ namespace, name }) => `${namespace} ${name}`)).toEqual([
      'sluice/warehouse shop.fct_orders',
    ]);
    expect(outputs).toMatchObject([{ namespace: 'sluice/dashboards', name: 'shop-sales/1' }]);
    expect(JSON.stringify(outputs)).toContain('"name":"shop.fct_orders","field":"total"');
    // Of a column that cannot be told nothing is said.
    expect(JSON.stringify(to.received[7]?.outputs[0]?.facets)).not.toContain('"odd":');
  });

  it('call a dataset that another pipeline makes as that pipeline does', async () => {
    const ledger = own.ledger();
    await ledger.openRun(aRun(RUN, march(1)));
    const nodes = shopModels.nodes.map((each) =>
      each.schema === 'raw_bank' ? { ...each, schema: 'bank_silver' } : each,
    );
    await ledger.recordModels({ pipeline: 'shop', runId: RUN }, { ...shopModels, nodes });
    const to = await receiver();
    const { made } = events(to.url, {
      registry: new Map([
        ['shop', shop],
        ['bank', { ...shop, name: 'bank' }],
      ]),
    });
    const step = { kind: 'transform', subject: null, attempt: 1 } as const;
    const built = [{ id: 'model.shop.fct_orders', outcome: 'succeeded', milliseconds: 1 }] as const;
    made.tell({ runId: RUN, at, step, end: { outcome: 'succeeded', nodes: built } });
    await vi.waitFor(() => expect(to.received).toHaveLength(3), { timeout: 60_000 });
    const rates = { namespace: 'sluice/lake', name: 'silver/bank/rates' };
    expect(to.received[1]?.inputs).toMatchObject([{ name: 'raw_shop.orders' }, rates]);
    expect(JSON.stringify(to.received[1]?.outputs)).toContain('"name":"silver/bank/rates","field":"rate"');
    expect(JSON.stringify(to.received)).not.toContain('bank_silver');
  });

  it('of a task name the datasets that it makes, and the loads that it makes them from', async () => {
    await own.ledger().openRun(aRun(RUN, march(1)));
    const to = await receiver();
    const clean = {
      name: 'clean',
      does: { script: ['true'] },
      after: ['load'],
      before: [],
      when: 'succeeded',
      timeout: '1 hour',
      writes: ['silver.orders'],
      datasets: { 'silver.orders': { from: ['orders'], partitionedBy: [], revision: 1 } },
    } as const;
    const { made } = events(to.url, { registry: new Map([['shop', { ...shop, tasks: [clean] }]]) });
    const step = { kind: 'task', subject: 'clean', attempt: 1 } as const;
    made.tell({ runId: RUN, at, step });
    made.tell({ runId: RUN, at, step, end: { outcome: 'failed', error: 'no room' } });
    await vi.waitFor(() => expect(to.received).toHaveLength(2), { timeout: 60_000 });
    // The last event of a run says it all again: receivers may keep that one alone.
    for (const event of to.received) {
      expect(validator()(event.schemaURL, event)).toEqual([]);
      expect(event.job.name).toBe('shop.clean');
      expect(event.inputs).toMatchObject([{ namespace: 'sluice/lake', name: 'bronze/shop/orders' }]);
      expect(event.outputs).toMatchObject([{ namespace: 'sluice/lake', name: 'silver/shop/orders' }]);
    }
    expect(to.received.map(({ eventType }) => eventType)).toEqual(['START', 'FAIL']);
  });

  it('hold nobody up: a receiver that never answers costs the events, which are counted and said', async () => {
    await own.ledger().openRun(aRun(RUN, march(1)));
    const to = await receiver(() => 'never');
    const { made, said } = events(to.url);
    for (let n = 0; n < 1_500; n += 1) made.tell({ runId: RUN, at });
    expect(made.dropped).toBeGreaterThanOrEqual(499);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('lineage events were dropped');
    await made.close();
    expect(made.dropped).toBeGreaterThanOrEqual(1_499);
    expect(to.received).toEqual([]);
  });

  it('are tried again where the receiver is busy, and not where it refuses', async () => {
    await own.ledger().openRun(aRun(RUN, march(1)));
    const busy = await receiver((n) => (n === 1 ? 503 : 201));
    events(busy.url).made.tell({ runId: RUN, at });
    await vi.waitFor(() => expect(busy.received).toHaveLength(1), { timeout: 60_000 });
    const refuses = await receiver(() => 403);
    const { made, said } = events(refuses.url);
    made.tell({ runId: RUN, at });
    await vi.waitFor(() => expect(made.dropped).toBe(1), { timeout: 60_000 });
    expect(refuses.asked()).toBe(1);
    expect(said[0]).toContain('answers 403');
  });

  it('are none of a run that nobody has opened', async () => {
    await own.ledger().openRun(aRun(RUN, march(1)));
    const to = await receiver();
    const { made } = events(to.url);
    made.tell({ runId: 'never-opened', at });
    made.tell({ runId: RUN, at });
    await vi.waitFor(() => expect(to.received).toHaveLength(1), { timeout: 60_000 });
    expect(made.dropped).toBe(0);
  });

  it('have ids that are the same for the same, and a UUID whatever a run is called', () => {
    expect(uuid(RUN)).toBe(RUN);
    expect(uuid('a')).toBe(uuid('a'));
    expect(uuid('a')).not.toBe(uuid('b'));
    expect(uuid('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
