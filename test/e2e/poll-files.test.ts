import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import getPort from 'get-port';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TakenFiles } from '../../activities/take-files.ts';
import { startTemporal } from '../../cli/embedded/temporal.ts';
import { exactText, type DataInterval } from '../../core/interval.ts';
import { runWorkflowId } from '../../core/run.ts';
import { eventually } from '../faults/wait.ts';
import { end } from './poll-files.fixture.ts';

/** Batches, and what the runs of a stand-in have done with them. */
const batch = (second: number): DataInterval => ({
  start: `2024-03-01T00:00:0${second}Z`,
  end: `2024-03-01T00:00:0${second + 1}Z`,
});
const all = [1, 2, 3, 4].map(batch);
let taken: string[] = [];
let running = new Set<string>();
let tries = 0;
let looks = 0;
let mayBegin = true;
let everyMs = 500;
const activities = {
  takeFiles: (): Promise<TakenFiles> => {
    looks += 1;
    return Promise.resolve({
      claimed: 0,
      waiting: 0,
      batches: all.filter((each) => !taken.includes(exactText(each))),
      places: 2 - running.size,
      settleMs: 1_000,
      everyMs,
    });
  },
  open: (interval: string) => {
    tries += 1;
    if (mayBegin) {
      taken.push(interval);
      running.add(interval);
    }
    return Promise.resolve(mayBegin);
  },
  close: (interval: string) => Promise.resolve(void running.delete(interval)),
};

const home = mkdtempSync(join(tmpdir(), 'sluice-poll-'));
let temporal: Awaited<ReturnType<typeof startTemporal>>;
let client: Client;
let stop: () => Promise<void>;
beforeAll(async () => {
  const port = await getPort();
  mkdirSync(join(home, 'logs'));
  temporal = await startTemporal(home, port, await getPort());
  const address = `127.0.0.1:${port}`;
  const connection = await NativeConnection.connect({ address });
  client = new Client({ connection: await Connection.connect({ address }) });
  const workflowsPath = join(import.meta.dirname, 'poll-files.fixture.ts');
  const worker = await Worker.create({ connection, taskQueue: 'poll', workflowsPath, activities });
  const ended = worker.run();
  stop = async () => {
    worker.shutdown();
    await ended;
    await connection.close();
  };
}, 120_000);
afterAll(async () => {
  await stop();
  await client.connection.close();
  await temporal.stop();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  taken = [];
  running = new Set();
  [tries, looks, mayBegin, everyMs] = [0, 0, true, 500];
  pipeline = `inbox_${(polls += 1)}`;
});

/** Each test's own: what one has left is nothing to the next. */
let pipeline = '';
let polls = 0;
const poll = () =>
  client.workflow.start('pollFiles', {
    workflowId: `poll-${polls}`,
    taskQueue: 'poll',
    args: [pipeline],
  });
const runOf = ({ end }: DataInterval) => client.workflow.getHandle(runWorkflowId(pipeline, end));
const areTaken = (count: number) =>
  eventually(`${count} batches to be taken`, () => Promise.resolve(taken.length === count));
const [one, two, three, four] = all as [DataInterval, DataInterval, DataInterval, DataInterval];

describe('a poll of files', { timeout: 120_000 }, () => {
  it('starts a run whenever one has ended, and looks on, however long another takes', async () => {
    const polling = await poll();
    await areTaken(2);
    for (const [at, each] of [two, three].entries()) {
      await runOf(each).signal(end);
      await areTaken(3 + at);
    }
    const before = looks;
    await eventually('another look', () => Promise.resolve(looks > before));
    expect([...taken].sort()).toEqual(all.map(exactText)); // two begin at once
    for (const each of [one, four]) await runOf(each).signal(end);
    expect(await polling.result()).toEqual({ claimed: 0, runs: 4 });
  });

  it('goes on when a run is cancelled', async () => {
    const polling = await poll();
    await areTaken(2);
    running.delete(exactText(one));
    await runOf(one).cancel();
    await areTaken(3);
    for (const [at, each] of [two, three].entries()) {
      await runOf(each).signal(end);
      if (at === 0) await areTaken(4);
    }
    await runOf(four).signal(end);
    expect(await polling.result()).toEqual({ claimed: 0, runs: 4 });
  });

  it('does not try over and over what cannot begin', async () => {
    mayBegin = false;
    everyMs = 60_000; // so that the second look comes when both have ended
    expect(await (await poll()).result()).toMatchObject({ claimed: 0 });
    expect(tries).toBe(2);
    expect(looks).toBe(2);
  });
});
