import { beforeAll, describe, expect, it } from 'vitest';
import type { DataInterval } from '../../../core/interval.ts';
import { resolvePipeline } from '../../../core/resolve.ts';
import { eventually } from '../../../test/faults/wait.ts';
import { aRun, march, ran } from './fixtures.ts';
import { useLedger } from './harness.ts';
import { PostgresLedger } from './ledger.ts';

const BY_INTERVAL = ['clicks', 'orders'];
let ledger: PostgresLedger;
const own = useLedger('coverage');
beforeAll(() => {
  ledger = own.ledger();
});

const missing = (from = 1, to = 8) => ledger.missing('shop', BY_INTERVAL, march(from, to));
const failed = (tables: readonly string[] = BY_INTERVAL) => ledger.failed('shop', tables, march(1, 8));
const gap = (from: number, to: number, ...tables: string[]) => ({ ...march(from, to), tables });

describe('what is missing', () => {
  it('is all of it where nothing was loaded, and nothing where every table was', async () => {
    expect(await missing()).toEqual([gap(1, 8, ...BY_INTERVAL)]);
    await ran(ledger, aRun('week', march(1, 8)), BY_INTERVAL);
    expect(await missing()).toEqual([]);
    expect(await missing(3, 5)).toEqual([]);
  });

  it('is what a cancelled run has not loaded, and not what it has', async () => {
    await ran(ledger, aRun('week', march(1, 8)), [], 'cancelled');
    expect(await missing()).toEqual([gap(1, 8, ...BY_INTERVAL)]);
    await ran(ledger, aRun('again', march(1, 8)), ['orders'], 'cancelled');
    expect(await missing()).toEqual([gap(1, 8, 'clicks')]);
  });

  it('joins what meets: a week is there when its days are, whoever has run them', async () => {
    await ran(ledger, aRun('a', march(1, 4)), BY_INTERVAL);
    await ran(ledger, aRun('b', march(5)), BY_INTERVAL, 'failed');
    await ran(ledger, aRun('c', march(6, 9)), BY_INTERVAL);
    expect(await missing()).toEqual([gap(4, 5, ...BY_INTERVAL)]);
    await ran(ledger, aRun('d', march(4)), ['orders']);
    await ran(ledger, aRun('e', march(3, 6)), ['clicks']);
    expect(await missing()).toEqual([]);
  });

  it('is everything of a table that came to the pipeline later', async () => {
    await ran(ledger, aRun('week', march(1, 8)), ['orders']);
    expect(await missing()).toEqual([gap(1, 8, 'clicks')]);
    await ran(ledger, aRun('day', march(7), ['clicks']), ['clicks']);
    expect(await missing()).toEqual([gap(1, 7, 'clicks')]);
  });

  it('is what a run that was lost has not reported, and not what it has', async () => {
    await ledger.openRun(aRun('lost', march(1)));
    for (const table of BY_INTERVAL) await ledger.startStep('lost', 'load', table, 1);
    await ledger.finishStep('lost', 'load', 'orders', 1, { result: {}, rows: 1, bytes: 1 });
    await ledger.evict({ runId: 'lost', workflowId: 'shop-lost' }, 'terminated');
    expect(await missing(1, 2)).toEqual([gap(1, 2, 'clicks')]);
  });

  it('is what was loaded into a table that has been made anew since', async () => {
    const load = async (id: string, from: number, to: number, table: string, result: object) => {
      await ledger.openRun(aRun(id, march(from, to), [table]));
      await ledger.startStep(id, 'load', table, 1);
      await ledger.finishStep(id, 'load', table, 1, { result, rows: 1, bytes: 1 });
      await ledger.closeRun(id, 'succeeded', null);
    };
    await load('first', 1, 5, 'orders', { madeTarget: true });
    await load('clicks', 1, 8, 'clicks', { madeTarget: true });
    expect(await missing()).toEqual([gap(5, 8, 'orders')]);
    await load('second', 2, 3, 'orders', { madeTarget: true });
    await load('third', 6, 7, 'orders', {});
    expect(await missing()).toEqual([gap(1, 2, 'orders'), gap(3, 6, 'orders'), gap(7, 8, 'orders')]);
    await load('again', 2, 3, 'orders', { madeTarget: true });
    expect(await ledger.loadedUpTo('shop', ['orders', 'clicks'])).toEqual({
      orders: march(2).end,
      clicks: march(7).end,
    });
  });

  it('is nothing more where a load tells again that it made the table, as one that was applied already', async () => {
    const load = async (id: string, at: number, result: object) => {
      await ledger.openRun(aRun(id, march(at), ['orders']));
      await ledger.startStep(id, 'load', 'orders', 1);
      await ledger.finishStep(id, 'load', 'orders', 1, { result, rows: 1, bytes: 1 });
      await ledger.closeRun(id, 'succeeded', null);
    };
    const missing = () => ledger.missing('shop', ['orders'], march(1, 4));
    await load('maker', 1, { loadId: 'l1', alreadyApplied: false, madeTarget: true });
    await load('second', 2, { loadId: 'l2', alreadyApplied: false });
    await load('again', 1, { loadId: 'l1', alreadyApplied: true, madeTarget: true });
    expect(await missing()).toEqual([gap(3, 4, 'orders')]);
    await load('lost', 3, { loadId: 'l3', alreadyApplied: true, madeTarget: true });
    expect(await missing()).toEqual([gap(1, 3, 'orders')]);
    await load('back', 1, { loadId: 'l1', alreadyApplied: false, madeTarget: true });
    expect(await missing()).toEqual([gap(2, 4, 'orders')]);
  });

  it('is nothing of what was loaded beside the load that made the table, whoever tells of it first', async () => {
    const runs = { maker: 1, first: 2, last: 3 };
    for (const [id, at] of Object.entries(runs)) {
      await ledger.openRun(aRun(id, march(at), ['orders']));
      await ledger.startStep(id, 'load', 'orders', 1);
    }
    for (const id of ['first', 'maker', 'last'])
      await ledger.finishStep(id, 'load', 'orders', 1, {
        result: id === 'maker' ? { madeTarget: true } : {},
        rows: 1,
        bytes: 1,
      });
    expect(await ledger.missing('shop', ['orders'], march(1, 4))).toEqual([]);
    expect(await ledger.loadedUpTo('shop', ['orders'])).toEqual({ orders: march(3).end });
  });

  it('says for each stretch which tables it lacks', async () => {
    await ran(ledger, aRun('a', march(1, 3)), ['orders']);
    await ran(ledger, aRun('b', march(3, 5)), BY_INTERVAL);
    expect(await missing()).toEqual([gap(1, 3, 'clicks'), gap(5, 8, ...BY_INTERVAL)]);
  });
});

describe('what is missing of a pipeline without tables', () => {
  const tasks = resolvePipeline({
    name: 'shop',
    description: 'chores of a shop',
    schedule: 'manual',
    start: '2024-03-01',
    tasks: { sweep: { script: ['true'] } },
  });
  const done = async (
    id: string,
    interval: DataInterval,
    outcome: 'succeeded' | 'failed' | 'cancelled' = 'succeeded',
    skip?: ('transform' | 'tasks')[],
    definition = tasks,
  ) => {
    const run = { ...aRun(id, interval), definition };
    await ledger.openRun({ ...run, input: { pipeline: 'shop', ...(skip && { skip }) } });
    await ledger.closeRun(id, outcome, null);
  };
  const missing = async () => [
    await ledger.missing('shop', [], march(1, 8)),
    await ledger.missingOf('shop', [], march(1, 8)),
  ];
  const both = (...gaps: unknown[]) => [gaps, gaps];

  it('is what no run has succeeded over, and how far it is done the newest end of those that have', async () => {
    expect(await missing()).toEqual(both(gap(1, 8)));
    expect(await ledger.doneUpTo('shop')).toBeUndefined();
    await done('a', march(3, 5));
    await done('b', march(4));
    await done('c', march(6), 'failed');
    await done('d', march(7), 'cancelled');
    expect(await missing()).toEqual(both(gap(1, 3), gap(5, 8)));
    expect(await ledger.doneUpTo('shop')).toBe(march(4).end);
    await done('e', march(1));
    expect(await ledger.doneUpTo('shop')).toBe(march(4).end);
  });

  it('is done by runs that leave out the models, not by those that leave out the work of intervals', async () => {
    await done('a', march(1), 'succeeded', ['transform']);
    await done('whole', march(1, 8), 'succeeded', ['tasks']);
    expect(await missing()).toEqual(both(gap(2, 8)));
    const models = { ...tasks, tasks: [], transform: { dbt: { select: 'tag:shop' } } };
    await done('b', march(2), 'succeeded', ['transform'], models);
    expect(await missing()).toEqual(both(gap(2, 8)));
    expect(await ledger.doneUpTo('shop')).toBe(march(1).end);
  });

  it('is not done by a run of models alone that somebody has skipped', async () => {
    const definition = { ...tasks, tasks: [], transform: { dbt: { select: 'tag:shop' } } };
    await ledger.openRun({ ...aRun('a', march(1)), definition });
    await ledger.closeRun('a', 'succeeded', null, [{ step: 'transform', table: null, reason: 'not today' }]);
    expect(await ledger.doneUpTo('shop')).toBeUndefined();
    await ledger.openRun({ ...aRun('b', march(2)), definition });
    await ledger.closeRun('b', 'succeeded', null);
    expect(await ledger.doneUpTo('shop')).toBe(march(2).end);
  });

  it('is being done by one run at a time, as tasks are of their interval', async () => {
    await ledger.openRun({ ...aRun('week', march(1, 8)), definition: tasks });
    const day = { ...aRun('day', march(3)), definition: tasks };
    expect(await ledger.openRun(day)).toMatchObject({ runId: 'week' });
    // What ends a backfill leaves them out.
    expect(await ledger.openRun({ ...day, input: { pipeline: 'shop', skip: ['tasks'] } })).toBeUndefined();
  });
});

describe('what has failed', () => {
  it('is what no later run has mended, loaded or not', async () => {
    await ran(ledger, aRun('week', march(1, 8)), BY_INTERVAL, 'failed');
    expect(await failed()).toEqual([march(1, 8)]);
    await ran(ledger, aRun('day', march(3)), BY_INTERVAL);
    expect(await failed()).toEqual([march(1, 3), march(4, 8)]);
    await ran(ledger, aRun('rest', march(1, 9)), BY_INTERVAL);
    expect(await failed()).toEqual([]);
    await ran(ledger, aRun('late', march(2)), BY_INTERVAL, 'cancelled');
    expect(await failed()).toEqual([march(2)]);
  });

  it('is neither made nor mended by a run without the tables asked for', async () => {
    await ran(ledger, aRun('prices', march(1, 8), ['prices']), [], 'failed');
    expect(await failed()).toEqual([]);
    expect(await failed(['prices'])).toEqual([march(1, 8)]);
    await ran(ledger, aRun('day', march(3)), BY_INTERVAL, 'failed');
    await ran(ledger, aRun('part', march(3), ['orders', 'prices']), ['orders']);
    expect(await failed()).toEqual([march(3)]);
    expect(await failed(['prices'])).toEqual([march(1, 3), march(4, 8)]);
  });
});

describe('the loads of a span', () => {
  it('are the newest of each interval that ends in it, with their rows', async () => {
    const load = async (
      id: string,
      from: number,
      to: number,
      rows: number,
      result = {},
      outcome = 'succeeded',
    ) => {
      await ledger.openRun(aRun(id, march(from, to), ['orders']));
      await ledger.startStep(id, 'load', 'orders', 1);
      const failed = { error: 'no', outcome: 'failed' } as const;
      await ledger.finishStep(
        id,
        'load',
        'orders',
        1,
        outcome === 'failed' ? failed : { result, rows, bytes: 1 },
      );
      await ledger.closeRun(id, 'succeeded', null);
    };
    await load('a', 1, 2, 10, { madeTarget: true });
    await load('b', 2, 3, 20);
    await load('c', 3, 4, 30);
    await load('again', 2, 3, 21);
    await load('d', 4, 5, 40);
    await load('lost', 3, 4, 0, {}, 'failed');
    const of = async (from: number, to: number) => {
      const span = { start: new Date(march(from).start), end: new Date(march(to).start) };
      return (await ledger.loadsBefore('shop', 'orders', span)).map(({ rows, madeTarget }) => [
        rows,
        madeTarget,
      ]);
    };
    expect(await of(1, 4)).toEqual([
      [10, true],
      [21, false],
      [30, false],
    ]);
    expect(await of(2, 4)).toEqual([
      [21, false],
      [30, false],
    ]);
    expect(await of(6, 9)).toEqual([]);
    // The table is dropped, and made anew by a load of another interval.
    await load('anew', 8, 9, 90, { madeTarget: true });
    await load('since', 5, 6, 50);
    expect(await of(1, 9)).toEqual([
      [50, false],
      [90, true],
    ]);
  });

  it('say when their newest row is of, where that was written down', async () => {
    const newest = { at: '2024-03-01 07:00:00+00', type: 'timestamptz' } as const;
    await ran(ledger, aRun('a', march(1), ['orders']), ['orders'], 'succeeded', { newest });
    await ran(ledger, aRun('b', march(2), ['orders']), ['orders']);
    const span = { start: new Date(march(1).start), end: new Date(march(3).start) };
    const loads = await ledger.loadsBefore('shop', 'orders', span);
    expect(loads.map((load) => load.newest)).toEqual([newest, undefined]);
  });
});

describe('how far tables are loaded', () => {
  it('is the greatest end of what was loaded, whenever that was', async () => {
    await ran(ledger, aRun('new', march(5, 8)), ['orders', 'clicks'], 'failed');
    await ran(ledger, aRun('old', march(1)), ['orders', 'clicks', 'prices']);
    expect(await ledger.loadedUpTo('shop', ['orders', 'clicks', 'prices', 'parcels'])).toEqual({
      orders: march(7).end,
      clicks: march(7).end,
      prices: march(1).end,
    });
  });
});

describe('how far a table is loaded that could not be read to the end of its interval', () => {
  const upTo = (instant: string) => ({ reach: { upTo: instant, heldBy: 'the open transaction of pid 1' } });
  const reached = async () => (await ledger.loadedUpTo('shop', ['orders']))['orders'];

  it('is as far as it was read, through all runs that a transaction holds up', async () => {
    await ran(ledger, aRun('a', march(1)), ['orders']);
    await ran(ledger, aRun('b', march(2)), ['orders'], 'succeeded', upTo('2024-03-02T06:00:00Z'));
    expect(await reached()).toBe('2024-03-02T06:00:00Z');
    await ran(ledger, aRun('c', march(3)), ['orders'], 'succeeded', upTo('2024-03-02T06:00:00Z'));
    await ran(ledger, aRun('d', march(4)), ['orders'], 'succeeded', upTo('2024-03-01T00:00:00Z'));
    expect(await reached()).toBe('2024-03-02T06:00:00Z');
  });

  it('is the end of its interval where that was reached, by whichever run', async () => {
    await ran(ledger, aRun('a', march(3)), ['orders'], 'succeeded', upTo('2024-03-02T06:00:00Z'));
    await ran(ledger, aRun('b', march(2)), ['orders'], 'succeeded', upTo('2024-03-09T00:00:00Z'));
    expect(await reached()).toBe(march(2).end);
    await ran(ledger, aRun('c', march(3)), ['orders'], 'succeeded', upTo('2024-03-09T00:00:00Z'));
    expect(await reached()).toBe(march(3).end);
  });
});

describe('the newest intervals', () => {
  it('come with their newest run each, newest first', async () => {
    for (const [id, from] of [
      ['a', 1],
      ['b', 3],
      ['c', 2],
      ['again', 3],
    ] as const)
      await ran(ledger, aRun(id, march(from)), []);
    await ran(ledger, aRun('wide', march(3, 9)), []);
    const newest = async (limit: number) =>
      (await ledger.newestIntervals('shop', limit)).map(({ runId }) => runId);
    expect(await newest(10)).toEqual(['wide', 'again', 'c', 'a']);
    expect(await newest(2)).toEqual(['wide', 'again']);
    expect(await ledger.newestIntervals('nothing', 10)).toEqual([]);
  });
});

describe('a ledger of 90,000 runs', () => {
  const RUNS = 90_000;
  /** Rows of runs and steps that PostgreSQL has read until now, for sessions that have ended. */
  const rowsRead = async (): Promise<number> => {
    const { rows } = await own
      .database()
      .client.query<{ n: string }>(
        `SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) AS n FROM pg_stat_user_tables WHERE relname IN ('runs', 'steps')`,
      );
    return Number(rows[0]?.n);
  };

  it(
    'gives the newest intervals, their gaps and how far they reach without reading old ones',
    { timeout: 180_000 },
    async () => {
      await own.database().client.query(
        `INSERT INTO runs (run_id, workflow_id, pipeline, interval_start, interval_end, kind, outcome, code_version, input, definition, finished_at)
       SELECT 'r' || n, 'shop-' || n, 'shop', timestamptz '2015-01-01Z' + n * interval '1 hour', timestamptz '2015-01-01Z' + (n + 1) * interval '1 hour',
         'scheduled', CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'succeeded' END, 'test', '{}', '{}', now()
       FROM generate_series(1, ${RUNS}) AS n`,
      );
      await own.database().client.query(
        `SET session_replication_role = replica; -- for speed: no triggers
       INSERT INTO steps (run_id, step, table_name, outcome, attempt, pipeline, interval_start, interval_end)
       SELECT run_id, 'load', name, 'succeeded', 1, pipeline, interval_start, interval_end
       FROM runs, unnest(ARRAY['orders', 'clicks']) AS name;
       RESET session_replication_role; ANALYZE`,
      );
      const newest = await ledger.newestIntervals('shop', 10);
      expect(newest).toHaveLength(10);
      const span = { start: newest.at(-1)?.interval.start ?? '', end: newest[0]?.interval.end ?? '' };
      expect(await ledger.missing('shop', BY_INTERVAL, span)).toEqual([]);
      const before = await rowsRead();
      const other = new PostgresLedger(own.database().address);
      await other.newestIntervals('shop', 10);
      await other.missing('shop', BY_INTERVAL, span);
      await other.loadedUpTo('shop', ['orders', 'clicks', 'never loaded']);
      await other.close();
      const after = await eventually('the session to tell what it has read', async () => {
        const now = await rowsRead();
        return now > before && now;
      });
      const read = after - before;
      expect(read).toBeLessThan(200);
    },
  );
});
