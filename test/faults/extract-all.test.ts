import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunHandle } from '../../operations/start-run.ts';
import type { Connectors } from '../../activities/connectors.ts';
import { TerminalError, TransientError, Unreachable } from '../../core/errors.ts';
import type { StepRecord } from '../../connectors/ledger/port.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import { day, Lab } from './lab.ts';
import { openConnectors, startOwnWorker, type OwnWorker } from './own-worker.ts';
import { RemoteExtractor } from './remote-extractor.ts';
import { SMALL } from './shop.ts';
import { eventually } from './wait.ts';
import { startWebhook, type Webhook } from './webhook.ts';

const DAY = day('2024-03-02');
const ALL = { interval: DAY, tables: [...SMALL] };
const ROWS = { orders: '100', clicks: '100', visits: '300', prices: '50' };
let lab: Lab;
let webhook: Webhook;
let remote: RemoteExtractor;
let connectors: Connectors;
let worker: OwnWorker;

beforeAll(async () => {
  webhook = await startWebhook();
  lab = await Lab.open((profile) => ({
    ...profile,
    notify: [{ type: 'webhook', url: webhook.url, severity: 'warning' }],
  }));
  const opened = await openConnectors(lab.profile, lab.session.ledger);
  remote = new RemoteExtractor(await opened.source('shop'), opened.lake, join(lab.home, 'landing'));
  connectors = {
    ...opened,
    warehouse: answering(opened.warehouse),
    extractsTogether: () => true,
    extractor: () => Promise.resolve(remote),
  };
  worker = await startOwnWorker(lab.profile, connectors);
});
afterAll(async () => {
  await worker.stop();
  await (await connectors.source('shop')).close();
  await connectors.warehouse.close();
  await lab.close();
  await webhook.close();
});
beforeEach(async () => {
  await lab.forget();
  remote.clear();
  webhook.clear();
});

/** What the warehouse answers once all is read, when it is asked for what there is: once each. */
const settling: Error[] = [];

function answering(warehouse: Warehouse): Warehouse {
  return new Proxy(warehouse, {
    get(real, name) {
      const value: unknown = Reflect.get(real, name);
      if (typeof value !== 'function') return value;
      return (...rest: unknown[]): unknown => {
        const error = name === 'lastLoad' && remote.jobs.at(-1)?.state === 'done' && settling.shift();
        return error ? Promise.reject(error) : Reflect.apply(value, real, rest);
      };
    },
  });
}

/** How many rows each raw table has. */
const rows = async (): Promise<Record<string, unknown>> => {
  const { warehouse } = connectors;
  const { rows: tables } = await warehouse.query(
    `SELECT table_name AS name FROM duckdb_tables() WHERE schema_name = 'raw_shop'`,
  );
  const counted = tables.map(async ({ name }) => {
    const { rows: found } = await warehouse.query(`SELECT count(*) AS rows FROM raw_shop.${String(name)}`);
    return [String(name), found[0]?.['rows']] as const;
  });
  return Object.fromEntries(await Promise.all(counted));
};

const scheduled = async (run: RunHandle): Promise<string[]> =>
  ((await run.fetchHistory()).events ?? []).flatMap(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
  );

const extracts = async (run: RunHandle): Promise<Record<string, Pick<StepRecord, 'outcome' | 'attempt'>>> => {
  const steps = await lab.session.ledger.steps([run.firstExecutionRunId]);
  return Object.fromEntries(
    steps
      .filter(({ step }) => step === 'extract')
      .map(({ table, outcome, attempt }) => [table ?? '', { outcome, attempt }]),
  );
};

const untilUnderWay = () => eventually('a job under way', () => remote.jobs.at(-1)?.state === 'running');

describe('a connection whose tables are extracted together', { timeout: 120_000 }, () => {
  it('has all of them extracted by one activity, each a step of its own', async () => {
    const run = await lab.run(ALL);
    await run.result();
    expect(remote.jobs).toEqual([{ token: run.firstExecutionRunId, tables: [...SMALL], state: 'done' }]);
    expect((await scheduled(run)).filter((name) => name.startsWith('extract'))).toEqual(['extractAll']);
    const done = { outcome: 'succeeded', attempt: 1 };
    expect(await extracts(run)).toEqual({ orders: done, clicks: done, visits: done, prices: done });
    expect(await rows()).toEqual(ROWS);
    expect(webhook.notices).toEqual([]);
  });

  it('loads the others where one table fails, then fails, and a rerun extracts only what is missing', async () => {
    remote.fail('orders', new TerminalError("Table 'orders' has no column 'ordered_at'. Correct 'cursor'."));
    const run = await lab.run(ALL);
    await expect(run.result()).rejects.toThrow();
    const { orders, ...others } = ROWS;
    expect(await rows()).toEqual(others);
    expect(webhook.notices).toEqual([
      expect.objectContaining({
        kind: 'run-failed',
        message: expect.stringMatching(
          /1 of 4 tables failed; the others are loaded:\s+- orders: .*no column/,
        ) as string,
      }),
    ]);

    const rerun = await lab.run({ ...ALL, resume: run.firstExecutionRunId, kind: 'rerun' });
    await rerun.result();
    expect(remote.jobs.at(-1)).toMatchObject({ token: rerun.firstExecutionRunId, tables: ['orders'] });
    expect(await rows()).toEqual({ ...others, orders });
    expect(webhook.notices.map(({ kind }) => kind)).toEqual(['run-failed', 'recovered']);
  });

  it('tries a failure again that may pass, and reads again only the table that failed', async () => {
    remote.fail('prices', new TransientError('The source does not answer. Try again.'));
    const run = await lab.run(ALL);
    await run.result();
    expect(remote.jobs.map(({ tables }) => tables)).toEqual([[...SMALL], ['prices']]);
    expect((await extracts(run))['orders']).toEqual({ outcome: 'succeeded', attempt: 2 });
    expect(await rows()).toEqual(ROWS);
    expect(webhook.notices).toEqual([]);
  });

  it('loads what was read where the warehouse is away when it is settled', async () => {
    settling.push(...SMALL.map(() => new Unreachable('The warehouse does not answer. It is tried again.')));
    const run = await lab.run(ALL);
    await run.result();
    expect(settling).toEqual([]);
    expect((await extracts(run))['orders']).toEqual({ outcome: 'succeeded', attempt: 1 });
    expect(await rows()).toEqual(ROWS);
  });

  it('reads nothing again where settling fails otherwise, and keeps what was read until the run has ended', async () => {
    settling.push(new TransientError('The warehouse says something odd. Try again.'));
    const run = await lab.run(ALL);
    await run.result();
    expect((await extracts(run))['orders']).toEqual({ outcome: 'succeeded', attempt: 2 });
    expect(remote.jobs).toEqual([{ token: run.firstExecutionRunId, tables: [...SMALL], state: 'done' }]);
    expect(await rows()).toEqual(ROWS);
    expect(remote.kept.filter((key) => key.startsWith(run.firstExecutionRunId))).toEqual([]);
  });

  it('has the work elsewhere stopped where the run is cancelled', async () => {
    const release = remote.hold();
    const run = await lab.run(ALL);
    await untilUnderWay();
    await run.cancel();
    await expect(run.result()).rejects.toThrow();
    expect(remote.jobs.map(({ state }) => state)).toEqual(['stopped']);
    const cancelled = { outcome: 'cancelled', attempt: 1 };
    expect(await extracts(run)).toMatchObject({ orders: cancelled, prices: cancelled });
    release();
    expect(webhook.notices).toEqual([]);
  });

  it('has it stopped where the run is gone', async () => {
    const release = remote.hold();
    const run = await lab.run(ALL);
    await untilUnderWay();
    await run.terminate();
    await eventually('the job to be stopped', () => remote.jobs[0]?.state === 'stopped');
    release();
  });

  it('leaves it alone where its worker stops: the next one joins it', async () => {
    const release = remote.hold();
    const run = await lab.run(ALL);
    await untilUnderWay();
    await worker.stop();
    expect(remote.jobs.map(({ state }) => state)).toEqual(['running']);
    worker = await startOwnWorker(lab.profile, connectors);
    await eventually('the next attempt', async () => (await extracts(run))['orders']?.attempt === 2);
    release();
    await run.result();
    expect(remote.jobs).toEqual([{ token: run.firstExecutionRunId, tables: [...SMALL], state: 'done' }]);
    expect(await rows()).toEqual(ROWS);
    expect(webhook.notices).toEqual([]);
  });
});
