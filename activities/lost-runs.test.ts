import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { expect, it } from 'vitest';
import { aRun, march, ran } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import type { Happening } from '../core/lineage/open-lineage.ts';
import type { Ledger, RunFilter } from '../connectors/ledger/port.ts';
import type { Connectors } from './connectors.ts';
import { evictLost, freePlaces } from './lost-runs.ts';

const own = useLedger('lost');

/** Looks for lost runs where Temporal says of each what `statusOf` does. @returns those that were, the outcomes that were counted, and the events of lineage */
async function look(statusOf: (runId: string) => Promise<string>, ledger: Ledger = own.ledger()) {
  const counted: string[] = [];
  const events: Happening[] = [];
  const connectors = {
    ledger,
    registry: new Map(),
    notify: [],
    lineage: (each: Happening) => void events.push(each),
    metrics: { record: ({ outcome }: { outcome: string }) => Promise.resolve(void counted.push(outcome)) },
  } as unknown as Connectors;
  const describe = async (runId: string) => ({ status: { name: await statusOf(runId) } });
  const client = {
    workflow: { getHandle: (_: string, runId: string) => ({ describe: () => describe(runId) }) },
  };
  const context = { client, log: { warn: () => undefined } } as unknown as Context;
  const lost = await asyncLocalStorage.run(context, () => evictLost(connectors));
  return { lost, counted, events };
}
const outcomes = async () =>
  Object.fromEntries((await own.ledger().runs({})).map(({ runId, outcome }) => [runId, outcome]));

it('a run that was ended from outside is closed and counted once; one that goes on is left alone', async () => {
  await own.ledger().openRun(aRun('gone', march(1)));
  await own.ledger().openRun(aRun('open', march(2)));
  const status = (runId: string) => Promise.resolve(runId === 'gone' ? 'TERMINATED' : 'RUNNING');
  expect(await look(status)).toEqual({
    lost: [aRun('gone', march(1)).workflowId],
    counted: ['failed'],
    events: [
      {
        runId: 'gone',
        at: expect.any(String) as string,
        end: { outcome: 'failed', error: expect.stringContaining('ended from outside') as string },
      },
    ],
  });
  expect(await outcomes()).toEqual({ gone: 'failed', open: 'running' });
  expect(await look(status)).toEqual({ lost: [], counted: [], events: [] });
});

it('of a run that was ended from outside people are to hear, though who closes it dies with that', async () => {
  await own.ledger().openRun(aRun('gone', march(1)));
  const died = () => Promise.reject(new Error('killed'));
  const terminated = () => Promise.resolve('TERMINATED');
  const dying = {
    runs: (filter: RunFilter) => own.ledger().runs(filter),
    evict: (...of: Parameters<Ledger['evict']>) =>
      own
        .ledger()
        .evict(...of)
        .then(died),
  } as Ledger;
  await expect(look(terminated, dying)).rejects.toThrow('killed');
  expect(await look(terminated)).toEqual({ lost: [], counted: [], events: [] });
  expect((await own.ledger().toldIncidents()).map(({ kind, notice }) => [kind, notice])).toEqual([
    [
      'run-failed',
      expect.objectContaining({ runId: 'gone', message: expect.stringContaining('terminated') as string }),
    ],
  ]);
});

it('a run that ends by itself while it is looked for has said so, and is not counted again', async () => {
  await own.ledger().openRun(aRun('day', march(1)));
  const found = await look(async () => {
    await ran(own.ledger(), aRun('day', march(1)), ['orders']);
    return 'COMPLETED';
  });
  expect(found).toEqual({ lost: [], counted: [], events: [] });
  expect(await outcomes()).toEqual({ day: 'succeeded' });
});

it('a run that several look for at once is counted once', async () => {
  await own.ledger().openRun(aRun('gone', march(1)));
  let asking = 0;
  const all = async () => {
    asking += 1;
    await expect.poll(() => asking, { timeout: 30_000 }).toBe(5); // each has found it open in the ledger
    return 'TERMINATED';
  };
  const looks = await Promise.all(Array.from({ length: 5 }, () => look(all)));
  expect(looks.flatMap(({ counted }) => counted)).toEqual(['failed']);
});

it('a place stays with a run that was ended from outside until its work has surely stopped; the line is left at once', async () => {
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
  const place = (pool: string, takenAt: Date | null) =>
    own.ledger().takePlace({
      pool,
      size: takenAt ? 2 : 0,
      step: 'score',
      run: aRun('gone', march(1)),
      priority: 0,
      waitsIn: 'w',
    });
  await own.ledger().openRun(aRun('gone', march(1)));
  await place('held', ago(0));
  await place('awaited', null);
  await own
    .database()
    .client.query(
      `UPDATE pool_places SET asked_at = now() - interval '1 minute', taken_at = taken_at - interval '1 minute'`,
    );
  const freed = async (closeTime: Date | undefined) => {
    const describe = () =>
      Promise.resolve({ status: { name: closeTime ? 'TERMINATED' : 'RUNNING' }, closeTime });
    const context = {
      client: { workflow: { getHandle: () => ({ describe }) } },
      log: { warn: () => undefined },
    };
    const has = await asyncLocalStorage.run(context as unknown as Context, async () =>
      freePlaces({ ledger: own.ledger() }, await own.ledger().places()),
    );
    return { has, left: (await own.ledger().places()).map(({ pool }) => pool) };
  };
  expect(await freed(undefined)).toEqual({ has: false, left: ['awaited', 'held'] });
  expect(await freed(ago(5))).toEqual({ has: true, left: ['held'] });
  await own.ledger().evict(aRun('gone', march(1)), 'lost');
  expect(await freed(ago(5))).toEqual({ has: false, left: ['held'] });
  expect(await freed(ago(31))).toEqual({ has: true, left: [] });
});

it('a place that nobody stands in line for is given up with the runs that are looked for', async () => {
  const run = aRun('gone', march(1));
  await own.ledger().takePlace({ pool: 'held', size: 1, step: 'score', run, priority: 0, waitsIn: 'w' });
  await own.database().client.query(`UPDATE pool_places SET taken_at = taken_at - interval '1 minute'`);
  await look(() => Promise.resolve('TERMINATED'));
  expect(await own.ledger().places()).toEqual([]);
});
