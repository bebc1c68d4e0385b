import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { missingForStack } from '../../aws-local/services/stack.ts';
import { compareCounts } from '../../cli/compare-counts.ts';
import { s3Client } from '../../connectors/aws/s3-client.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { registry } from '../../pipelines/index.ts';
import { openWarehouse } from '../../profiles/open.ts';
import { seedOlist, type SeedOptions } from '../../seed/index.ts';
import { expectBikestoreToRun } from './aws-bikestore.ts';
import { expectContainerToRun } from './aws-container.ts';
import { expectOlistHourlyToRun } from './aws-olist-hourly.ts';
import { expectPagesOf } from './aws-pages.ts';
import { startTestStack, type TestStack } from './stack.ts';

const INTERVAL = '2016-09-01/2019-01-01';
const MARTS = ['fct_orders', 'dim_customers', 'dim_products', 'mart_customer_segments'];
const TIMEOUT = 900_000;
const missing = missingForStack();
const why = missing.length ? `NOT TESTED: ${missing.join(' ')}` : '';
const data = resolve(process.env['SLUICE_TEST_DATA'] ?? '../shared/data', 'olist');
const real = ['sample_3k', '.'].map((folder) => join(data, folder));
const hasReal = real.every(existsSync);

describe.skipIf(missing.length)(`the aws-local profile ${why}`, { timeout: TIMEOUT }, () => {
  it('brings generated rows to the same marts as the embedded profile, and again; runs a container of a task, a star with history, hourly windows of MySQL; publishes the dashboards of all in its bucket', () =>
    expectSameMarts({ orders: 400 }, async (stack) => {
      await expectContainerToRun(stack);
      // Beside each other, as on any night.
      const others = [expectBikestoreToRun(stack), expectOlistHourlyToRun(stack)];
      await Promise.allSettled(others);
      await Promise.all(others);
      for (const pipeline of ['bikestore', 'olist_hourly']) await expectPagesOf(stack, pipeline);
    }));

  it.skipIf(!hasReal)(
    `brings real rows to the same marts as the embedded profile${hasReal ? '' : ` (SKIPPED: no sample_3k in ${data}; set SLUICE_TEST_DATA)`}`,
    () => expectSameMarts({ data: real }),
  );
});

async function expectSameMarts(
  seed: SeedOptions,
  also: (stack: TestStack) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const expected = await onStack('embedded', seed, marts);
  for (const [mart, rows] of Object.entries(expected)) expect(rows.length, mart).toBeGreaterThan(0);
  await onStack('aws-local', seed, async (stack) => {
    expectSame(await marts(stack), expected);
    // Once more over the same interval: nothing changes.
    await stack.run('olist', INTERVAL);
    expectSame(await marts(stack), expected);
    await expectPagesOf(stack, 'olist');
    await expectTidy(stack);
    await also(stack);
  });
}

async function onStack<T>(
  profile: string,
  seed: SeedOptions,
  use: (stack: TestStack) => Promise<T>,
): Promise<T> {
  const stack = await startTestStack(profile, { mysql: profile === 'aws-local' });
  try {
    await seedOlist(stack.source, seed);
    await stack.run('olist', INTERVAL);
    const warehouse = await openWarehouse(stack.session.profile);
    const counts = await compareCounts(stack.source, warehouse, pipelineNamed(registry, 'olist'));
    await warehouse.close();
    for (const { table, source, warehouse } of counts)
      expect(`${table} ${warehouse}`).toBe(`${table} ${source}`);
    return await use(stack);
  } finally {
    await stack.stop();
  }
}

/** Every row of every mart as text, in an order of its own. */
async function marts(stack: TestStack): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const mart of MARTS) {
    const rows = await stack.sql(`SELECT * FROM olist.${mart}`);
    found[mart] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return found;
}

function expectSame(found: Record<string, string[]>, expected: Record<string, string[]>): void {
  for (const mart of MARTS) expect(found[mart], mart).toEqual(expected[mart]);
}

/** One job run for each run of the pipeline, no upload left open, no staging table. */
async function expectTidy(stack: TestStack): Promise<void> {
  const { profile } = stack.session;
  const glue = new GlueClient();
  const olist = profile.connections['olist'];
  const by = olist?.type === 'postgres' ? olist.extractor : undefined;
  const job = by?.type === 'glue' ? by.job : '';
  const { JobRuns = [] } = await glue.send(new GetJobRunsCommand({ JobName: job }));
  expect(JobRuns.map(({ JobRunState }) => JobRunState)).toEqual(['SUCCEEDED', 'SUCCEEDED']);
  const bucket = profile.lake.type === 's3' ? profile.lake.bucket : '';
  const s3 = s3Client({ pathStyle: true });
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }));
  expect(Uploads).toEqual([]);
  const tables = await stack.sql(
    `SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw_olist' ORDER BY 1`,
  );
  expect(tables.map((row) => row['table_name'])).toEqual(
    pipelineNamed(registry, 'olist')
      .tables.map(({ name }) => name)
      .sort(),
  );
}
