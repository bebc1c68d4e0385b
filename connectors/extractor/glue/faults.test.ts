import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { missingForStack } from '../../../aws-local/services/stack.ts';
import { BUCKET, startHarness, type GlueHarness } from '../../../aws-local/glue/extractor-harness.ts';
import { aRequest, aTable } from '../conformance/request.ts';
import { HandedOver } from '../../../core/errors.ts';
import { toInstant } from '../../../core/interval.ts';
import type { ExtractAllRequest } from '../port.ts';

const missing = missingForStack();
if (missing.length)
  describe.skip(`GlueExtractor under faults NOT TESTED: ${missing.join(' ')}`, () =>
    it('holds', () => undefined));
else describe('GlueExtractor under faults', { timeout: 600_000 }, underFaults);

function underFaults(): void {
  let harness: GlueHarness;
  /** A session beside the extraction's. */
  let slow: Client;
  beforeAll(async () => {
    harness = await startHarness();
    await harness.sql('CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 1000) i');
    slow = new Client({ connectionString: harness.url.href });
    await slow.connect();
  }, 600_000);
  afterEach(() => slow.query('ROLLBACK')); // what a test that fails has left would hold up the next
  afterAll(async () => {
    await slow.end();
    await harness.stop();
  });

  /** Until a session of an extraction is seen at something. */
  const sessionsThat = (condition: string) =>
    expect
      .poll(() => harness.sql(`SELECT 1 ${SESSIONS} AND ${condition}`), { timeout: 120_000, interval: 100 })
      .not.toEqual([]);

  const runsWith = async (token: string) => {
    const { JobRuns = [] } = await new GlueClient().send(
      new GetJobRunsCommand({ JobName: harness.stack.extractionJob }),
    );
    return JobRuns.filter((run) => run.Arguments?.['--token'] === token);
  };
  const loads = async () => {
    const found: string[] = [];
    for await (const { manifest } of harness.lake.list({
      pipeline: 'shop',
      domain: 'sales',
      table: 'orders',
    }))
      found.push(manifest.loadId);
    return found;
  };

  /** A worker of its own that is killed as soon as it says this. */
  const killedAt = async (request: ExtractAllRequest, moment: RegExp) => {
    const text = JSON.stringify({ request, bucket: BUCKET, options: harness.options });
    const script = join(import.meta.dirname, 'extract-once.fixture.ts');
    const worker = spawn(process.execPath, ['--import', 'tsx', script, text], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = false;
    for await (const line of createInterface(worker.stdout)) {
      if (said || !moment.test(line)) continue;
      said = true;
      worker.kill('SIGKILL');
    }
    if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
    expect(said).toBe(true);
  };

  for (const [what, moment] of [
    ['when the job had just started', /RUNNING/],
    ['when the job was done, before the manifest', /adopting/],
    ['when all was in the lake, before it was settled', /settling/],
  ] as const) {
    it(`joins the work of a worker that was killed ${what}`, async () => {
      const request = aRequest([aTable()]);
      const before = await loads();
      await killedAt(request, moment);
      const next = { ...aRequest([aTable()], request.token) };
      const [orders] = await harness.extractor.extractAll(next, never());
      expect(orders).toMatchObject({ table: 'orders', manifest: { rows: 1000 } });
      expect((await runsWith(request.token)).map(({ JobRunState }) => JobRunState)).toEqual(['SUCCEEDED']);
      expect((await loads()).filter((id) => !before.includes(id))).toContain(next.tables[0]?.loadId);
      const landing = harness.lake.landing(request.token);
      expect(await landing.text('results/orders.json')).toBeDefined();
      await harness.extractor.release(request.token);
      expect(await landing.text('results/orders.json')).toBeUndefined();
    });
  }

  it('stops the job run when cancelled, and the lake has nothing of it', async () => {
    const abort = new AbortController();
    const request = aRequest([aTable()]);
    const running = harness.extractor.extractAll(request, abort.signal, (details) => {
      if (JSON.stringify(details).includes('RUNNING')) abort.abort(new Error('cancelled'));
    });
    await expect(running).rejects.toThrow('cancelled');
    expect((await runsWith(request.token)).map(({ JobRunState }) => JobRunState)).toEqual(['STOPPED']);
    expect(await loads()).not.toContain(request.tables[0]?.loadId);
  });

  it('leaves the job run alone when handed over, and the next attempt joins it', async () => {
    const abort = new AbortController();
    const request = aRequest([aTable()]);
    const running = harness.extractor.extractAll(request, abort.signal, (details) => {
      if (JSON.stringify(details).includes('RUNNING')) abort.abort(new HandedOver('the worker stops'));
    });
    await expect(running).rejects.toBeInstanceOf(HandedOver);
    const next = { ...aRequest([aTable()], request.token) };
    const [orders] = await harness.extractor.extractAll(next, never());
    expect(orders).toMatchObject({ table: 'orders', manifest: { rows: 1000 } });
    expect((await runsWith(request.token)).map(({ JobRunState }) => JobRunState)).toEqual(['SUCCEEDED']);
  });

  it('calls a database that cannot be reached one that is waited for', async () => {
    const { extractor } = harness.reopened({ source: { ...harness.options.source, port: 1 } });
    const [orders] = await extractor.extractAll(aRequest([aTable()]), never());
    expect(orders).toMatchObject({
      table: 'orders',
      error: {
        name: 'Unreachable',
        message: expect.stringMatching(/Table 'orders' could not be read: .*refused.*tried again/) as string,
      },
    });
  });

  it('waits for one that is lost while rows flow', async () => {
    await harness.sql(`CREATE FUNCTION held(n int) RETURNS int LANGUAGE plpgsql VOLATILE AS
      'BEGIN PERFORM pg_advisory_xact_lock_shared(4712); RETURN n; END'`);
    await harness.sql('CREATE VIEW rows_held AS SELECT held(id) AS id FROM orders');
    await slow.query('BEGIN; SELECT pg_advisory_xact_lock(4712)');
    const running = harness.extractor.extractAll(aRequest([aTable({ name: 'rows_held' })]), never());
    await sessionsThat(`wait_event = 'advisory'`);
    await harness.sql(`SELECT pg_terminate_backend(pid) ${SESSIONS}`);
    const [held] = await running;
    await slow.query('ROLLBACK');
    expect(held).toMatchObject({
      error: {
        name: 'Unreachable',
        message: expect.stringMatching(/terminating connection due to administrator command/) as string,
      },
    });
  });

  describe('beside a transaction that began within an interval', () => {
    const events = aTable({
      name: 'events',
      extract: { mode: 'interval', cursor: 'at', cursorNulls: 'fail' },
    });
    const ended = async () => {
      await harness.sql(`DROP TABLE IF EXISTS events;
        CREATE TABLE events (id serial PRIMARY KEY, at timestamptz DEFAULT now()); INSERT INTO events DEFAULT VALUES`);
      const end = new Date(Date.now() + 1_000);
      await slow.query('BEGIN; INSERT INTO events DEFAULT VALUES');
      await expect.poll(() => Date.now(), { timeout: 5_000 }).toBeGreaterThan(end.getTime());
      const interval = { start: toInstant(new Date(end.getTime() - 3_600_000)), end: toInstant(end) };
      return harness.extractor.extractAll({ ...aRequest([events]), interval }, never());
    };

    it('waits until it has ended, and has its rows', async () => {
      const running = ended();
      await sessionsThat(`query ILIKE '%virtualtransaction = ANY%'`);
      await slow.query('COMMIT');
      expect((await running)[0]).toMatchObject({ manifest: { rows: 2 } });
    });

    it('fails as one that is waited for, naming the session, where it goes on', async () => {
      const [failed] = await ended();
      await slow.query('ROLLBACK');
      expect(failed).toMatchObject({
        error: {
          name: 'Unreachable',
          message: expect.stringMatching(
            /cannot be read yet: after 30 s, a transaction that began before .* has not ended \(pid \d+, user/,
          ) as string,
        },
      });
    });
  });
}

const SESSIONS = `FROM pg_stat_activity WHERE application_name = 'sluice' AND datname = current_database()`;

function never(): AbortSignal {
  return new AbortController().signal;
}
