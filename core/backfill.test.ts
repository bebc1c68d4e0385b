import { describe, expect, it } from 'vitest';
import { planBackfill, type Past } from './backfill.ts';
import type { DataInterval } from './interval.ts';
import { resolveAll } from './registry.ts';
import type { BackfillInput } from './run-input.ts';

const schedule = { cron: '0 0 * * *', timezone: 'UTC' } as const;
const tableless = { description: 'a shop', schedule, start: '2024-03-01' };
const common = { ...tableless, source: 'shop' };
const transform = { dbt: { select: 'tag:shop' } };
const registry = resolveAll([
  {
    ...common,
    name: 'shop',
    tables: {
      orders: { domain: 'sales', extract: { mode: 'interval', cursor: 'at' }, primaryKey: ['id'] },
      prices: { domain: 'catalog', extract: { mode: 'snapshot' } },
    },
  },
  {
    ...common,
    name: 'stock',
    tables: {
      moves: { domain: 'stock', extract: { mode: 'interval', cursor: 'at' }, primaryKey: ['id'] },
      levels: { domain: 'stock', extract: { mode: 'snapshot' }, write: 'append' },
    },
  },
  { ...common, name: 'prices', tables: { prices: { domain: 'pricing', extract: { mode: 'snapshot' } } } },
  { ...tableless, name: 'chores', tasks: { sweep: { script: ['true'] } } },
  { ...tableless, name: 'models', transform, tasks: { tell: { script: ['true'], after: ['transform'] } } },
  { ...tableless, name: 'both', transform, tasks: { prepare: { script: ['true'], before: ['transform'] } } },
]);
const day = (from: number, to = from + 1): DataInterval => ({
  start: `2024-03-0${from}T00:00:00Z`,
  end: `2024-03-0${to}T00:00:00Z`,
});

/** Plans the first week of March; `failed` by the tables that were to be brought. */
const plan = (
  past: {
    missing?: DataInterval[];
    failed?: Record<string, DataInterval[]>;
    gone?: string[];
    unfinished?: boolean;
  },
  input: Partial<BackfillInput> = {},
  asked: (readonly string[])[] = [],
) => {
  const known: Past = {
    missing: (_pipeline, tables) => {
      asked.push(tables);
      return Promise.resolve(past.missing ?? []);
    },
    failed: (_pipeline, tables) => Promise.resolve(past.failed?.[tables.join()] ?? []),
    batches: () => Promise.resolve([]),
    unfinished: () => Promise.resolve(past.unfinished ?? false),
    present: (_pipeline, tables) =>
      Promise.resolve(new Set(tables.filter((table) => !past.gone?.includes(table)))),
  };
  const request = { pipeline: 'shop', from: '2024-03-01', to: '2024-03-08', ...input };
  return planBackfill(registry, request, '2024-04-01T00:00:00Z', known);
};
const days = ({ runs }: Awaited<ReturnType<typeof plan>>) =>
  runs.map(({ interval }) => Number(interval.start.slice(8, 10)));

describe('a plan of a backfill', () => {
  it('holds the intervals of which rows are missing, in part or whole', async () => {
    const missing = [day(2), { start: '2024-03-04T23:00:00Z', end: '2024-03-06T01:00:00Z' }];
    const planned = await plan({ missing, failed: { orders: [day(2), day(3)] } });
    expect(days(planned)).toEqual([2, 4, 5, 6]);
    expect(planned).toMatchObject({ total: 4, finish: true, leftOut: { loaded: 3, failed: 1 } });
  });

  it('holds with `failed` also those that are loaded but failed, with `all` all', async () => {
    const past = { missing: [day(2)], failed: { orders: [day(3)] } };
    expect(days(await plan(past, { reprocess: 'failed' }))).toEqual([2, 3]);
    expect(days(await plan(past, { reprocess: 'all' }))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('is of the tables alone that were asked for', async () => {
    const past = { missing: [day(2)] };
    expect(await plan(past, { tables: ['orders'] })).toMatchObject({
      total: 1,
      intervalTables: ['orders'],
      onceTables: [],
    });
    expect(await plan(past, { tables: ['prices'] })).toMatchObject({
      total: 0,
      onceTables: ['prices'],
      finish: true,
    });
    await expect(plan(past, { tables: ['prizes'] })).rejects.toThrow(`has no table 'prizes'`);
  });

  it('brings no snapshots that are kept side by side, as the past cannot be read any more', async () => {
    const planned = await plan({ missing: [day(2)] }, { pipeline: 'stock' });
    expect(planned).toMatchObject({
      total: 1,
      intervalTables: ['moves'],
      onceTables: [],
      keptOut: ['levels'],
    });
    await expect(plan({}, { pipeline: 'stock', tables: ['levels'] })).rejects.toThrow(
      /levels: snapshots that are kept.*'sluice run stock'/,
    );
  });

  it('holds the end of one that has failed or was cancelled, and was not brought to its end since', async () => {
    expect(await plan({ unfinished: true })).toMatchObject({ total: 0, finish: true });
    expect(await plan({})).toMatchObject({ total: 0, finish: false });
  });

  it('holds every interval where a table was dropped in the warehouse, and the end where one was that runs once', async () => {
    expect(days(await plan({ gone: ['orders'] }))).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await plan({ gone: ['prices'] })).toMatchObject({ total: 0, finish: true });
    expect(await plan({ gone: ['prices'] }, { pipeline: 'prices' })).toMatchObject({
      total: 0,
      finish: true,
    });
  });

  it('has nothing to do where all is there, and the end alone where only that failed', async () => {
    expect(await plan({})).toMatchObject({ total: 0, finish: false });
    const past = { failed: { prices: [day(1, 8)] } };
    expect(await plan(past)).toMatchObject({ total: 0, finish: false });
    expect(await plan(past, { reprocess: 'failed' })).toMatchObject({ total: 0, finish: true });
  });

  it('makes no run per interval where no table has rows by interval, but one over the range', async () => {
    const past = { missing: [day(1, 8)] };
    expect(await plan(past, { pipeline: 'prices' })).toMatchObject({ total: 0, runs: [], finish: true });
    expect(await plan({}, { pipeline: 'prices' })).toMatchObject({ total: 0, finish: false });
    await expect(plan(past, { pipeline: 'prices', transform: 'each' })).rejects.toThrow(
      /'each' every run would do the very same, as no table goes by interval\. Leave it out/,
    );
    await expect(plan(past, { tables: ['prices'], transform: 'each' })).rejects.toThrow(
      'would do the very same',
    );
  });

  it('of a pipeline of tasks alone is a run for every interval that none has succeeded over', async () => {
    const asked: (readonly string[])[] = [];
    const planned = await plan({ missing: [day(2), day(5)] }, { pipeline: 'chores' }, asked);
    expect(days(planned)).toEqual([2, 5]);
    expect(planned).toMatchObject({ byTasks: true, finish: false, intervalTables: [], onceTables: [] });
    expect(asked).toEqual([[]]);
    expect(await plan({}, { pipeline: 'chores' })).toMatchObject({ total: 0, finish: false });
    expect(await plan({ unfinished: true }, { pipeline: 'chores' })).toMatchObject({ finish: false });
    const failed = { failed: { '': [day(3)] } };
    expect(days(await plan(failed, { pipeline: 'chores', reprocess: 'failed' }))).toEqual([3]);
  });

  it('of models alone is one run, as they know no interval; with tasks before them, they come once at the end', async () => {
    const past = { missing: [day(1, 8)] };
    expect(await plan(past, { pipeline: 'models' })).toMatchObject({ total: 0, finish: true });
    await expect(plan(past, { pipeline: 'models', transform: 'each' })).rejects.toThrow(
      'no table, and no task beside the models, goes by interval',
    );
    expect(await plan(past, { pipeline: 'both' })).toMatchObject({ total: 7, finish: true, byTasks: true });
    expect(await plan(past, { pipeline: 'both', transform: 'each' })).toMatchObject({
      total: 7,
      finish: false,
    });
  });
});
