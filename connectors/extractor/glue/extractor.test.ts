import { join } from 'node:path';
import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET, startHarness, type GlueHarness } from '../../../aws-local/glue/extractor-harness.ts';
import { missingForStack } from '../../../aws-local/services/stack.ts';
import type { Manifest } from '../../../core/manifest.ts';
import { seedOlist } from '../../../seed/index.ts';
import { findExtension } from '../../duckdb/extension.ts';
import { PostgresSource } from '../../source/postgres/source.ts';
import { aRequest, aTable } from '../conformance/request.ts';
import { asTheWorker, everything } from '../conformance/suite.ts';
import { SETUP } from '../conformance/tables.ts';
import type { ExtractedTable } from '../port.ts';

const missing = missingForStack();
if (missing.length)
  describe.skip(`GlueExtractor NOT TESTED: ${missing.join(' ')}`, () => it('extracts', () => undefined));
else describe('GlueExtractor', { timeout: 600_000 }, extracts);

function extracts(): void {
  let harness: GlueHarness;
  let extracted: readonly ExtractedTable[];
  let source: PostgresSource;
  const request = everything();
  const states: unknown[] = [];
  beforeAll(async () => {
    harness = await startHarness();
    await seedOlist(harness.url.href, { orders: 2_000 });
    await harness.sql(SETUP);
    source = sourceOf(harness.url);
    extracted = await harness.extractor.extractAll(request, never(), (state) => states.push(state));
  }, 600_000);
  afterAll(async () => {
    await source.close();
    await harness.stop();
  });

  const entryOf = (name: string) => extracted.find(({ table }) => table === name);

  it('takes one job run for all tables, and says where it is', () => {
    const ids = new Set(states.flatMap((state) => (state as { jobRunId?: string }).jobRunId ?? []));
    expect(ids.size).toBe(1);
    expect(states).toContainEqual(expect.objectContaining({ state: 'RUNNING' }));
  });

  asTheWorker(() => ({
    ...harness,
    extracted,
    source,
    url: harness.url.href,
    local: (uri) => uri.replace(`s3://${BUCKET}`, join(harness.stack.s3.objects ?? '', BUCKET)),
  }));

  it('says nothing of a value, neither in the failure nor in its result nor in the log', async () => {
    const cast = entryOf('cast_in_view');
    const failure = cast && 'error' in cast ? cast.error.message : '';
    expect(failure).toMatch(
      /Table 'cast_in_view' could not be read: ERROR: invalid input syntax for type integer: "…". Correct it/,
    );
    const result = await harness.lake.landing(request.token).text('results/cast_in_view.json');
    const jobRunId = states.flatMap((state) => (state as { jobRunId?: string }).jobRunId ?? [])[0] ?? '';
    const place = { logGroupName: '/aws-glue/jobs/error', logStreamName: jobRunId, limit: 10_000 };
    const { events = [] } = await new CloudWatchLogsClient().send(new GetLogEventsCommand(place));
    const log = events.map(({ message }) => message).join('\n');
    for (const text of [failure, result, log]) {
      expect(text).toContain('cast_in_view');
      for (const part of ['CANARY7319', 'Brien', 'Elm St']) expect(text).not.toContain(part);
    }
  });

  it('reads again only what failed when asked again, and keeps what was read until it is released', async () => {
    await harness.sql(`UPDATE lossy SET n = 3 WHERE id = 7`);
    const again = aRequest([aTable({ name: 'matrix' }), aTable({ name: 'lossy' })], request.token);
    const both = await harness.extractor.extractAll({ ...again, interval: request.interval }, never());
    const before = entryOf('matrix') as { manifest: Manifest };
    expect(both.map((each) => ('manifest' in each ? each.manifest.rows : each.error.message))).toEqual([
      before.manifest.rows,
      2,
    ]);
    const matrix = both[0] as { manifest: Manifest };
    expect(matrix.manifest.extractedAt).toBe(before.manifest.extractedAt);
    const left = () => harness.lake.landing(request.token).text('results/lossy.json');
    expect(await left()).toBeDefined();
    await harness.extractor.release(request.token);
    expect(await left()).toBeUndefined();
  });

  it('says whose secret is missing', async () => {
    const { extractor } = harness.reopened({
      secretArn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:none',
    });
    const [matrix] = await extractor.extractAll(aRequest([aTable({ name: 'matrix' })]), never());
    expect(matrix).toMatchObject({
      error: {
        name: 'TerminalError',
        message: expect.stringMatching(/There is no secret arn:aws:.*:none.*Create it/) as string,
      },
    });
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function sourceOf(url: URL): PostgresSource {
  const extensionFile = findExtension('postgres_scanner', {
    pythonHome: join(process.cwd(), '.tools/python'),
  });
  return new PostgresSource({
    name: 'source',
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: url.username,
    password: url.password,
    ...(extensionFile === undefined ? {} : { extensionFile }),
  });
}
