import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Output } from '../../cli/output.ts';
import { compareCounts } from '../../cli/compare-counts.ts';
import { status } from '../../operations/status-lines.ts';
import { followRun } from '../../cli/follow-run.ts';
import { startRun } from '../../operations/start-run.ts';
import { openWarehouse } from '../../profiles/open.ts';
import { registry } from '../../pipelines/index.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import type { RunSummary } from '../../core/run.ts';
import { advanceOlist, seedOlist } from '../../seed/index.ts';
import { content } from './content.ts';
import { startTestStack, type TestStack } from './stack.ts';

const WHOLE = '2016-09-01/2019-01-01';
const olist = pipelineNamed(registry, 'olist');
let stack: TestStack;
vi.setConfig({ testTimeout: 300_000 }); // on a busy machine; a test that is given up leaves its run to the next

const run = async (input: Partial<RunPipelineInput>): Promise<RunSummary> => {
  const handle = await startRun(stack.session, registry, { pipeline: 'olist', ...input });
  return followRun(stack.session, handle, new Output(true));
};
const counts = async () => {
  const warehouse = await openWarehouse(stack.session.profile);
  try {
    return await compareCounts(stack.source, warehouse, olist);
  } finally {
    await warehouse.close();
  }
};

beforeAll(async () => {
  stack = await startTestStack();
  await seedOlist(stack.source, { orders: 400 });
});
afterAll(() => stack.stop());

describe('the daily run of olist', () => {
  it('brings every row of the source, and every customer with a delivered order into one segment', async () => {
    const summary = await run({ interval: WHOLE });
    const tables = await counts();
    expect(tables).toHaveLength(11);
    for (const { source, warehouse, table } of tables)
      expect(`${table} ${warehouse}`).toBe(`${table} ${source}`);
    expect(summary.rows).toBe(tables.reduce((sum, each) => sum + each.source, 0));
    const [row] = await stack.sql(`SELECT
      (SELECT count(DISTINCT customer_unique_id) FROM raw_olist.orders JOIN raw_olist.customers USING (customer_id) WHERE order_status = 'delivered') AS customers,
      (SELECT count(*) FROM olist.mart_customer_segments) AS segmented,
      (SELECT count(*) FROM olist.mart_customer_segments WHERE segment IS NULL) AS without`);
    expect(row?.['segmented']).toBe(row?.['customers']);
    expect(Number(row?.['without'])).toBe(0);
  });

  it('changes no row and no checksum when the interval runs again', async () => {
    const before = await content(stack);
    const summary = await run({ interval: WHOLE });
    expect(await content(stack)).toEqual(before);
    expect(summary.rows).toBeGreaterThan(0);
  });

  it('takes over what the next day brings', async () => {
    await advanceOlist(stack.source, { days: 1 });
    await run({ interval: WHOLE });
    for (const { source, warehouse, table } of await counts())
      expect(`${table} ${warehouse}`).toBe(`${table} ${source}`);
  });

  it('is followed by a second command that wants the very same, and refuses one that wants something else', async () => {
    const wanted = { pipeline: 'olist', interval: '2018-03-01' };
    const handle = await startRun(stack.session, registry, wanted);
    const second = await startRun(stack.session, registry, { ...wanted, kind: 'manual' });
    expect(second.firstExecutionRunId).toBe(handle.firstExecutionRunId);
    expect(await followRun(stack.session, second, new Output(true))).toEqual(await handle.result());
    const third = await startRun(stack.session, registry, wanted);
    expect(third.firstExecutionRunId).not.toBe(handle.firstExecutionRunId);
    await expect(startRun(stack.session, registry, { ...wanted, tables: ['orders'] })).rejects.toThrow(
      /already being run by olist-2018-03-02T02:00:00Z, with other inputs/,
    );
    await third.result();
  });

  it('says that nobody works on it, when nobody does, and goes on when somebody comes', async () => {
    const elsewhere = { ...stack.session.profile.temporal, taskQueue: 'nobody-is-here' };
    const session = { ...stack.session, profile: { ...stack.session.profile, temporal: elsewhere } };
    const handle = await startRun(session, registry, { pipeline: 'olist', interval: '2018-03-05' });
    const said: string[] = [];
    const output = Object.assign(new Output(true), { progress: (line: string) => said.push(line) });
    const following = followRun(session, handle, output).catch((error: unknown) => error);
    await expect
      .poll(() => said.join('\n'), { timeout: 60_000, interval: 200 })
      .toMatch(/no worker has taken a task from queue 'nobody-is-here' for 2\d s: .* 'sluice worker'/);
    await handle.terminate();
    expect(String(await following)).toContain('terminated');
  });

  it('can start at a later step, with the results of the steps before', async () => {
    const summary = await run({ interval: WHOLE, fromStep: 'transform' });
    expect(summary).toMatchObject({ reused: 22, tables: 11 });
  });

  it('refuses to start at a step whose input no run has made', async () => {
    await expect(run({ interval: '2017-01-01', fromStep: 'load' })).rejects.toThrow(
      /no earlier run has a result for extract:orders/,
    );
  });
});

describe('a failing table', () => {
  it('fails the run, which names it and keeps the others; a rerun does only what is missing', async () => {
    const { default: pg } = await import('pg');
    const client = new pg.Client(stack.source);
    await client.connect();
    await client.query('ALTER TABLE order_reviews RENAME COLUMN review_creation_date TO hidden');
    const [, failed] = await Promise.all([
      Promise.resolve(),
      run({ interval: '2018-05-01' }).catch((error: unknown) => error as Error),
    ]);
    expect(failed).toBeInstanceOf(Error);
    expect((failed as Error).message).toMatch(/1 of 11 tables failed; the others are loaded/);
    expect((failed as Error).message).toMatch(/order_reviews: .*review_creation_date/);
    await client.query('ALTER TABLE order_reviews RENAME COLUMN hidden TO review_creation_date');
    await client.end();

    const [record] = await stack.session.ledger.runs({ pipeline: 'olist', limit: 1 });
    expect(record).toMatchObject({ outcome: 'failed' });
    const summary = await run({ interval: '2018-05-01', resume: record?.runId, kind: 'rerun' });
    expect(summary.reused).toBe(20);
    const [line] = await status(stack.session.ledger, 'olist', olist, 10, '2019-01-02T00:00:00Z').then(
      (lines) => lines.filter((each) => each.interval.start === '2018-05-01T00:00:00Z'),
    );
    expect(line).toMatchObject({ run: { outcome: 'succeeded', kind: 'rerun' } });
  });
});

describe('cancelling', () => {
  it('ends the run as cancelled and leaves nothing half done', async () => {
    const before = await content(stack);
    const handle = await startRun(stack.session, registry, { pipeline: 'olist', interval: '2018-06-01' });
    await handle.cancel();
    await expect(followRun(stack.session, handle, new Output(true))).rejects.toThrow(/was cancelled/);
    const [record] = await stack.session.ledger.runs({ id: handle.firstExecutionRunId });
    expect(record?.outcome).toBe('cancelled');
    const after = await content(stack);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    await run({ interval: '2018-06-01' });
  });
});
