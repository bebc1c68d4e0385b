import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { motoProgram, startMoto, type MotoServer } from '../../aws-local/services/moto.ts';
import { howToGet } from '../../aws-local/services/tools.ts';
import { recorded } from './cloudwatch.ts';
import type { LabWorker } from './crew.ts';
import { lockTable, untilBlocked } from './holder.ts';
import { day, Lab } from './lab.ts';
import { eventually } from './wait.ts';
import { startWebhook, type Webhook } from './webhook.ts';

const DAY = day('2024-03-02');
const ENVIRONMENT = 'lab';
/** Its connection is not in the profile, so every run of it fails. */
const BROKEN = 'shop_stranger';
const withMoto = motoProgram() !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'sluice-reports-'));
let moto: MotoServer | undefined;
let webhook: Webhook;
let lab: Lab;
let worker: LabWorker;

beforeAll(async () => {
  webhook = await startWebhook();
  if (withMoto) {
    moto = await startMoto(folder);
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_CLOUDWATCH: moto.endpoint,
    });
  }
  lab = await Lab.open((profile) => ({
    ...profile,
    notify: { type: 'webhook', url: webhook.url },
    ...(withMoto ? { metrics: { type: 'cloudwatch', environment: ENVIRONMENT } } : {}),
  }));
  worker = await lab.startWorker();
});
afterAll(async () => {
  await lab.close();
  await moto?.stop();
  await webhook.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => webhook.clear());

const failures = () => recorded('runFailures', ENVIRONMENT);
const fail = async () => {
  const run = await lab.run({ pipeline: BROKEN, interval: DAY });
  await expect(run.result()).rejects.toThrow();
  return run;
};

describe('the end of a run', { timeout: 120_000 }, () => {
  it('is told where it failed: once, with the reason, the next step and the page of the run', async () => {
    const run = await fail();
    expect(webhook.notices).toEqual([
      {
        kind: 'run-failed',
        pipeline: BROKEN,
        interval: { start: '2024-03-02T00:00:00Z', end: '2024-03-03T00:00:00Z' },
        runId: run.firstExecutionRunId,
        message: expect.stringMatching(/2 of 2 tables failed.*no connection 'stranger'/s) as string,
        link: `${lab.profile.temporal.ui ?? ''}/namespaces/default/workflows/${BROKEN}-2024-03-03T00%3A00%3A00Z/${run.firstExecutionRunId}/history`,
      },
    ]);
  });

  it('is not told where it succeeded, nor where it was cancelled', async () => {
    await (await lab.run({ interval: DAY, tables: ['prices'] })).result();
    const unlock = await lockTable(lab, 'shop.orders');
    const cancelled = await lab.run({ interval: DAY, tables: ['orders'] });
    await untilBlocked(lab);
    await cancelled.cancel();
    await expect(cancelled.result()).rejects.toThrow();
    await unlock();
    expect(webhook.notices).toEqual([]);
  });

  it('is told at the next attempt where the webhook is busy', async () => {
    webhook.answer(503);
    await fail();
    expect(webhook.notices).toHaveLength(1);
  });

  it('stays what it was where nobody can be told, which is in the log and the history', async () => {
    webhook.answer(404);
    const run = await fail();
    expect(webhook.notices).toEqual([]);
    const { events } = await run.fetchHistory();
    const failed = events?.findLast((event) => event.activityTaskFailedEventAttributes);
    expect(failed?.activityTaskFailedEventAttributes?.failure?.message).toMatch(/webhook at .* answers 404/);
    await eventually('a line in the log', () => worker.log().includes('The end of the run was not reported'));
    const record = await lab.failedRun();
    expect(record).toMatchObject({
      runId: run.firstExecutionRunId,
      error: expect.stringContaining('tables failed') as string,
    });
  });

  const numbers = withMoto ? it : it.skip;
  numbers(
    `counts once, and as 0 where it did not fail${withMoto ? '' : ` NOT TESTED: ${howToGet('moto')}`}`,
    async () => {
      const before = await failures();
      await fail();
      expect(await failures()).toEqual({ sum: before.sum + 1, count: before.count + 1 });
      webhook.answer(503, 503);
      await fail();
      expect(await failures()).toEqual({ sum: before.sum + 2, count: before.count + 2 });
      await (await lab.run({ interval: DAY, tables: ['prices'] })).result();
      expect(await failures()).toEqual({ sum: before.sum + 2, count: before.count + 3 });
    },
  );
});
