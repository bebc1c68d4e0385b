import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GetJobRunsCommand, GlueClient } from '@aws-sdk/client-glue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForStack } from '../../../aws-local/services/stack.ts';
import {
  aRequest,
  aTable,
  BUCKET,
  startHarness,
  type GlueHarness,
} from '../../../aws-local/glue/extractor-harness.ts';
import { HandedOver } from '../../../core/errors.ts';
import type { ExtractAllRequest } from '../port.ts';

const missing = missingForStack();
if (missing.length)
  describe.skip(`GlueExtractor under faults NOT TESTED: ${missing.join(' ')}`, () =>
    it('holds', () => undefined));
else describe('GlueExtractor under faults', { timeout: 600_000 }, underFaults);

function underFaults(): void {
  let harness: GlueHarness;
  beforeAll(async () => {
    harness = await startHarness();
    await harness.sql('CREATE TABLE orders AS SELECT i AS id FROM generate_series(1, 1000) i');
  }, 600_000);
  afterAll(() => harness.stop());

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
  ] as const) {
    it(`joins the work of a worker that was killed ${what}`, async () => {
      const request = aRequest([aTable()]);
      const before = await loads();
      await killedAt(request, moment);
      const next = { ...aRequest([aTable()], request.token) };
      const [orders] = await harness.extractor.extractAll(next, new AbortController().signal);
      expect(orders).toMatchObject({ table: 'orders', manifest: { rows: 1000 } });
      expect((await runsWith(request.token)).map(({ JobRunState }) => JobRunState)).toEqual(['SUCCEEDED']);
      expect((await loads()).filter((id) => !before.includes(id))).toContain(next.tables[0]?.loadId);
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
    const [orders] = await harness.extractor.extractAll(next, new AbortController().signal);
    expect(orders).toMatchObject({ table: 'orders', manifest: { rows: 1000 } });
    expect((await runsWith(request.token)).map(({ JobRunState }) => JobRunState)).toEqual(['SUCCEEDED']);
  });

  it('calls a database that cannot be reached transient', async () => {
    const { extractor } = harness.reopened({ source: { ...harness.options.source, port: 1 } });
    const [orders] = await extractor.extractAll(aRequest([aTable()]), new AbortController().signal);
    expect(orders).toMatchObject({
      table: 'orders',
      error: {
        name: 'TransientError',
        message: expect.stringMatching(/Table 'orders' could not be read: .*refused/) as string,
      },
    });
  });
}
