import { describe, expect, it } from 'vitest';
import type { TableLoad } from '../../core/run.ts';
import type { AppliedLoad } from '../../connectors/warehouse/port.ts';
import { notLanded } from './landed.ts';

const run = {
  runId: 'r',
  workflowId: 'w',
  pipeline: 'shop',
  interval: { start: '2024-03-02T00:00:00Z', end: '2024-03-03T00:00:00Z' },
};
const loadOf = (table: string, rows: number, rowsOutdated = 0): TableLoad => ({
  table,
  load: {
    loadId: `l-${table}`,
    rows,
    rowsDeleted: 0,
    rowsOutdated,
    alreadyApplied: false,
    schemaChanges: [],
  },
});
/** What is wrong where the warehouse has so many rows of each load, and these are the last loads of their tables. */
const found = async (
  loads: readonly TableLoad[],
  there: Readonly<Record<string, number>>,
  last: Readonly<Record<string, string>> = {},
) => {
  const asked: unknown[] = [];
  const wrong = await notLanded(
    {
      landed: (pipeline, wanted) => {
        asked.push(pipeline, wanted);
        return Promise.resolve(new Map(Object.entries(there)));
      },
      lastLoad: (_, table) => Promise.resolve({ loadId: last[table] ?? `l-${table}` } as AppliedLoad),
    },
    run,
    loads,
  );
  expect(asked).toEqual(['shop', loads.map(({ table, load }) => ({ table, loadId: load.loadId }))]);
  return Object.fromEntries(wrong);
};

describe('rows that were loaded', () => {
  it('are missing by table, where fewer or more are there, or none', async () => {
    const loads = [loadOf('orders', 3), loadOf('clicks', 3), loadOf('visits', 3), loadOf('prices', 3)];
    expect(await found(loads, { 'l-orders': 3, 'l-clicks': 2, 'l-visits': 4 })).toEqual({
      clicks: 'load l-clicks brought 3 rows, 2 are there',
      visits: 'load l-visits brought 3 rows, 4 are there',
      prices: 'load l-prices brought 3 rows, 0 are there',
    });
  });

  it('are not those that a newer load had in a later version', async () => {
    expect(await found([loadOf('orders', 3, 2)], { 'l-orders': 1 })).toEqual({});
    expect(await found([loadOf('orders', 3, 2)], { 'l-orders': 3 })).toEqual({
      orders: 'load l-orders brought 1 rows, 3 are there',
    });
    expect(await found([loadOf('orders', 0)], {})).toEqual({});
  });

  it('may have been replaced by a later load of the table', async () => {
    expect(await found([loadOf('orders', 3)], { 'l-orders': 1 }, { orders: 'l-later' })).toEqual({});
  });
});
