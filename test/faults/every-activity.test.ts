import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities, type Activities } from '../../activities/index.ts';
import type { Connectors, StepLog } from '../../activities/connectors.ts';
import type { Extractor } from '../../connectors/extractor/port.ts';
import type { Lake } from '../../connectors/lake/port.ts';
import type { Metrics } from '../../connectors/metrics/port.ts';
import type { Notify } from '../../connectors/notify/port.ts';
import { aReceiver } from './webhook.ts';
import type { Pages } from '../../connectors/pages/port.ts';
import type { Source } from '../../connectors/source/port.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import { definePipeline } from '../../core/pipeline.ts';
import { resolveAll } from '../../core/registry.ts';
import { day, Lab } from './lab.ts';
import { openConnectors, startOwnWorker, type OwnWorker } from './own-worker.ts';
import { registry } from './shop.ts';
import { eventually } from './wait.ts';

const WORKFLOW = join(import.meta.dirname, 'one-activity.fixture.ts');
const interval = { start: '2024-03-02T00:00:00Z', end: '2024-03-03T00:00:00Z' };
const run = { runId: 'r', workflowId: 'w', pipeline: 'shop', interval };
const [table] = registry.get('shop')?.tables ?? [];
const span = { after: '2024-03-02T00:00:00Z', upTo: '2024-03-20T00:00:00Z' };
const load = {
  loadId: 'l',
  rows: 1,
  rowsDeleted: 0,
  rowsOutdated: 0,
  alreadyApplied: false,
  schemaChanges: [],
};
const task = { name: 'score', does: { script: ['true'] } };
const place = { pool: 'few', step: 'score', priority: 0 };
const loads = [{ table: 'orders', load }];
const bronze = { loadId: 'l', manifestUri: 'm', rows: 1, bytes: 1, unchanged: false };
const backfill = { pipeline: 'shop', from: '2024-03-01', to: '2024-03-03' };

const inbox = definePipeline({
  name: 'inbox',
  description: 'What arrives',
  schedule: { onFiles: { place: 'in' } },
  start: '2024-01-01',
  source: 'shop',
  tables: { rows: { domain: 'test', extract: { mode: 'files', format: 'csv', columns: { id: 'int64' } } } },
});

/** What each activity is called with: one that is not here does not compile. */
const CALLS: Readonly<Record<keyof Activities, readonly unknown[]>> = {
  openRun: [{ input: { pipeline: 'shop', interval: day('2024-03-02') }, ...run, nominalTime: interval.end }],
  closeRun: ['r', 'succeeded', null, []],
  extract: [run, 'shop', table],
  extractAll: [run, 'shop', [table]],
  load: [run, table, bronze],
  transform: [run, 'tag:lab', {}],
  check: [run, loads],
  publish: [run, loads],
  pages: [run, ['shop'], loads, { transform: 'succeeded', check: 'succeeded' }],
  runTask: [run, task, { params: {}, results: {} }],
  runElement: [run, task, { params: {}, results: {}, element: { value: 1, index: 0 } }],
  takeFiles: ['inbox'],
  lookFor: [run, { file: 'in/x' }, 'shop'],
  takePlace: [run, place, 'w'],
  awaitPlace: [run, place, 'w'],
  leavePool: ['r', place],
  beginStep: ['own', 'task', 'release', 'approval'],
  endStep: ['own', 'task', 'release', { result: {} }],
  skipStep: ['r', { step: 'task', table: 'score', reason: 'not today' }],
  report: [run],
  evictLost: [],
  countStale: [span],
  tellStale: [span],
  collectLake: ['7 days'],
  openBackfill: ['b', 'e', backfill, '2024-03-20T00:00:00Z'],
  plannedIntervals: ['b', 0, 10],
  endInterval: ['b', 0, 'succeeded', null],
  recordBackfill: ['b', { succeeded: 0, failed: 0, outcome: 'running' }],
};

/** Calls of ports that nobody has answered. */
let unanswered = 0;

/** A port that answers nothing but what is given; a call with a signal ends with it, as ports promise. */
function silent<T extends object>(answers: Partial<T> = {}): T {
  return new Proxy({} as T, {
    get: (_, name) => {
      if (name === 'then') return undefined; // a port that is waited for is there
      return (
        Reflect.get(answers, name) ??
        ((...rest: unknown[]) => {
          unanswered += 1;
          return new Promise((_resolve, reject) => {
            const signal = rest.find((each) => each instanceof AbortSignal);
            signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
          });
        })
      );
    },
  });
}

let lab: Lab;
let worker: OwnWorker;

beforeAll(async () => {
  lab = await Lab.open();
  const now =
    <T>(value: T) =>
    () =>
      Promise.resolve(value);
  const silentFor = (held: string) => (runId: string) =>
    runId === held ? silent<StepLog>().startStep(runId, 'task', null, 1) : Promise.resolve();
  const opened = {
    directory: '/nowhere',
    commit: () => Promise.reject(new Error('no')),
    abort: now(undefined),
  };
  const open = await openConnectors(lab.profile, lab.session.ledger);
  const connectors: Connectors = {
    ...open,
    registry: new Map([...open.registry, ...resolveAll([inbox])]),
    // Those of steps that are activities are written around them.
    steps: {
      startStep: silentFor('own'),
      finishStep: silentFor('own'),
      writeLog: now(undefined),
      addToLog: now(undefined),
    },
    ledger: silent(),
    pools: { few: 1 },
    lake: silent<Lake>({ open: now(opened), readManifest: now({} as never), fileUris: () => [] }),
    warehouse: silent<Warehouse>({ lastLoad: now(undefined) }),
    transform: silent(),
    tasks: silent(),
    files: silent(),
    pages: silent<Pages>(),
    notify: [aReceiver(silent<Notify>())],
    metrics: silent<Metrics>(),
    source: now(silent<Source>()),
    extractor: now(silent<Extractor>()),
  };
  worker = await startOwnWorker(lab.profile, connectors, WORKFLOW);
});
afterAll(async () => {
  await worker.stop();
  await lab.close();
});

describe('every activity, whatever it waits for', { timeout: 60_000 }, () => {
  it('is among those that are tried', async () => {
    const { ledger } = lab.session;
    const activities = createActivities(await openConnectors(lab.profile, ledger));
    expect(Object.keys(CALLS).sort()).toEqual(Object.keys(activities).sort());
  });

  it.each(Object.entries(CALLS))('heartbeats, and ends when it is cancelled: %s', async (name, args) => {
    unanswered = 0;
    const handle = await lab.session.temporal.workflow.start('oneActivity', {
      workflowId: `one-${name}`,
      taskQueue: lab.profile.temporal.taskQueue,
      args: [name, args],
    });
    await eventually('a call that nobody answers', () => unanswered > 0);
    await eventually('a heartbeat', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.[0]?.lastHeartbeatTime;
    });
    await handle.cancel();
    await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
});
