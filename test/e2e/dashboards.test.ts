import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Output } from '../../cli/output.ts';
import { followRun } from '../../cli/follow-run.ts';
import { rerun } from '../../operations/rerun.ts';
import { runToPublish } from '../../operations/run-to-publish.ts';
import { startRun } from '../../operations/start-run.ts';
import { verifyDashboard } from '../../operations/verify-dashboard.ts';
import { find, traceOf } from '../../core/lineage/trace.ts';
import { dashboards } from '../../dashboards/index.ts';
import { lineageNow } from '../../operations/lineage.ts';
import { registry } from '../../pipelines/index.ts';
import { openPages, openWarehouse } from '../../profiles/open.ts';
import { seedOlist } from '../../seed/index.ts';
import { startTestStack, type TestStack } from './stack.ts';

const WHOLE = '2016-09-01/2019-01-01';
const NAMES = ['olist-sales', 'olist-segments'];
let stack: TestStack;
vi.setConfig({ testTimeout: 600_000 });

beforeAll(async () => {
  stack = await startTestStack();
  await seedOlist(stack.source, { orders: 300 });
});
afterAll(() => stack.stop());

const run = async (): Promise<string> => {
  const handle = await startRun(stack.session, registry, { pipeline: 'olist', interval: WHOLE });
  await followRun(stack.session, handle, new Output(true));
  return handle.firstExecutionRunId;
};
const pages = async () => {
  const opened = await openPages(stack.session.profile);
  if (!opened) throw new Error('nowhere to publish');
  return opened;
};
const newest = async (name: string) => {
  const [first] = await (await pages()).list(name);
  return (await pages()).read(name, first?.path ?? '');
};
const everything = () => {
  const folder = join(stack.home, 'pages');
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => [
        join(each.parentPath, each.name),
        readFileSync(join(each.parentPath, each.name), 'utf8'),
      ]),
  );
};
const inSource = async (statement: string) => {
  const client = new pg.Client(stack.source);
  await client.connect();
  await client.query(statement).finally(() => client.end());
};
const verified = async () => {
  const warehouse = await openWarehouse(stack.session.profile);
  try {
    const site = await pages();
    return await Promise.all(NAMES.map((name) => verifyDashboard(site, warehouse, name)));
  } finally {
    await warehouse.close();
  }
};

describe('the dashboards of a pipeline', () => {
  it('are published by its run, and show what SQL gives', async () => {
    const id = await run();
    const step = (await stack.session.ledger.steps([id])).find((each) => each.step === 'pages');
    expect(step).toMatchObject({
      outcome: 'succeeded',
      result: { dashboards: NAMES.map((name) => ({ name, isNew: true, withheld: [] })) },
    });
    for (const { dashboard, problems, numbers } of await verified()) {
      expect([dashboard, problems]).toEqual([dashboard, []]);
      expect(numbers).toBeGreaterThan(20);
    }
    const receipt = (await newest('olist-segments')).data['customers']?.receipt;
    expect(receipt?.loads).toHaveLength(11);
    expect(
      receipt?.checks.find(({ name }) => name === 'unique mart_customer_segments.customer_unique_id')
        ?.outcome,
    ).toBe('passed');
    expect(new Set(receipt?.checks.map(({ outcome }) => outcome))).toEqual(new Set(['passed']));
  });

  it('are followed to the columns of the source, through every model', async () => {
    if (!(await stack.session.ledger.models('olist'))) await run();
    const { lineage } = await lineageNow(stack.session.ledger, registry, dashboards, 'olist');
    const models = lineage.nodes.filter(({ layer }) => layer === 'model' || layer === 'raw');
    for (const { id, columns } of models) {
      expect([id, columns.length]).not.toEqual([id, 0]);
      expect([id, columns.filter(({ from }) => from === null)]).toEqual([id, []]);
    }
    const panel = lineage.nodes.find(({ of, title }) => of === 'olist-segments' && title === 'Paid');
    const { upstream } = traceOf(lineage, find(lineage, panel?.id ?? 'Paid'));
    expect(upstream.map(({ node }) => node.id)).toContain('source:olist/order_payments');
    const paid = traceOf(lineage, find(lineage, 'source:olist/order_payments.payment_value'));
    expect(paid.downstream.map(({ node, columns }) => [node.id, columns])).toContainEqual([
      'olist.fct_orders',
      ['payment_total'],
    ]);
    expect(paid.downstream.map(({ node }) => node.of)).toContain('olist-segments');
  });

  it('are byte for byte the same when the interval runs again', async () => {
    const before = everything();
    await run();
    expect(everything()).toEqual(before);
  });

  it('keep the last good numbers of what a failed check looks at, say which, and go on once it is mended', async () => {
    if (!(await (await pages()).list('olist-segments')).length) await run();
    const before = await newest('olist-segments');
    await inSource(
      'ALTER TABLE order_reviews DROP CONSTRAINT order_reviews_review_score_check; UPDATE order_reviews SET review_score = 9 WHERE review_id = (SELECT min(review_id) FROM order_reviews)',
    );
    await expect(run()).rejects.toThrow(/accepted_values/);
    const [failed] = await stack.session.ledger.runs({ pipeline: 'olist', limit: 1 });
    const held = (await newest('olist-segments')).data['customers'];
    expect(held?.withheld?.checks.join()).toContain('accepted_values stg_olist__order_reviews.review_score');
    expect(held?.numbers).toEqual(before.data['customers']?.numbers);
    expect(held?.receipt).toEqual(before.data['customers']?.receipt);

    // What has failed is not made good by starting behind it, nor by a build.
    const behind = await rerun(stack.session, registry, failed?.runId ?? '', { fromStep: 'pages' }, 'test');
    await expect(followRun(stack.session, behind, new Output(true))).rejects.toThrow(
      `transform failed in ${failed?.runId ?? ''}; rerun from there`,
    );
    await expect(runToPublish(stack.session, 'olist')).rejects.toThrow('transform failed in');
    expect((await newest('olist-segments')).data['customers']).toEqual(held);

    await inSource('UPDATE order_reviews SET review_score = 5 WHERE review_score = 9');
    await followRun(
      stack.session,
      await rerun(stack.session, registry, failed?.runId ?? '', { all: true }, 'test'),
      new Output(true),
    );
    expect((await newest('olist-segments')).data['customers']?.withheld).toBeUndefined();
    for (const { dashboard, problems } of await verified())
      expect([dashboard, problems]).toEqual([dashboard, []]);
  });
});
