import { describe, expect, it } from 'vitest';
import { changesBetween } from './dataset-inputs.ts';
import { definePipeline } from './pipeline.ts';
import { resolvePipeline } from './resolve.ts';

const load = (loadId: string, since: string | null, highWaterMark: string | null) => ({
  manifest: { loadId, since, highWaterMark },
});
const ids = (loads: readonly { manifest: { loadId: string } }[]) =>
  loads.map(({ manifest }) => manifest.loadId);
const LOADS = [
  load('1', null, 'A'),
  load('2', 'A', 'B'), // never applied: the one after it has read the same and more
  load('3', 'A', 'C'),
  load('4', null, null), // nothing new
  load('5', 'C', 'D'),
];

describe('the changes that a dataset follows', () => {
  it('are those since the position that it has, oldest first', () => {
    expect(changesBetween('t', LOADS, 'C', 'D')).toMatchObject({ whole: false, loads: [LOADS[4]] });
    expect(ids(changesBetween('t', LOADS, 'A', 'D').loads)).toEqual(['3', '5']);
    expect(changesBetween('t', LOADS, 'D', 'D')).toEqual({ whole: false, loads: [] });
  });

  it('begin with the last reading of the whole table where there is nothing to go on from, or it lies before one', () => {
    const all = changesBetween('t', LOADS, undefined, 'D');
    expect([all.whole, ids(all.loads)]).toEqual([true, ['1', '3', '5']]);
    const anew = [...LOADS, load('6', null, 'E'), load('7', 'E', 'F')];
    const after = changesBetween('t', anew, 'D', 'F');
    expect([after.whole, ids(after.loads)]).toEqual([true, ['6', '7']]);
  });

  it('are refused where some of them are gone', () => {
    expect(() => changesBetween('t', LOADS.slice(4), 'A', 'D')).toThrow(/no load of 't' that ends at C/);
  });
});

describe('what a task writes', () => {
  const written = (
    from: readonly [string, ...string[]],
    each = {},
    does: object = { spark: 'silver' },
    more = {},
  ) =>
    definePipeline({
      name: 'lake',
      description: 'Lake',
      schedule: 'manual',
      start: '2026-01-01',
      source: 'lake',
      tables: {
        orders: { domain: 'lake', extract: { mode: 'changes' }, primaryKey: ['id'] },
        places: { domain: 'lake', extract: { mode: 'snapshot' } },
        days: { domain: 'lake', extract: { mode: 'interval', cursor: 'at' }, primaryKey: ['id'] },
      },
      tasks: {
        list: { script: ['true'], before: ['extract'] },
        silver: {
          ...(does as { spark: string }),
          after: ['load'],
          writes: { 'silver.all': { from } },
          ...each,
        },
        ...more,
      },
    });

  it('is made from tables whose last state can be told', () => {
    const [, silver] = resolvePipeline(written(['orders', 'places'])).tasks;
    expect(silver?.datasets).toEqual({
      'silver.all': { from: ['orders', 'places'], partitionedBy: [], revision: 1 },
    });
  });

  it('is refused where it is made from another, or once for each of a list', () => {
    expect(() => resolvePipeline(written(['order']))).toThrow(
      /silver\.all\.from: there is no table 'order'.*orders/,
    );
    expect(() => resolvePipeline(written(['days']))).toThrow(/'days' is extracted by mode 'interval'/);
    expect(() => resolvePipeline(written(['orders'], { each: { from: 'list' } }))).toThrow(
      /makes no dataset/,
    );
  });

  it('is refused of a container, and where another step would go by what its task gives', () => {
    const container = { container: { image: 'us/silver:1' } };
    expect(() => resolvePipeline(written(['orders'], {}, container))).toThrow(
      /a container has no folder of the lake/,
    );
    const script = { script: ['true'] as [string] };
    for (const other of [
      { ...script, onlyIf: 'silver' },
      { ...script, each: { from: 'silver' } },
    ])
      expect(() => resolvePipeline(written(['orders'], {}, undefined, { other }))).toThrow(
        /tasks\.other: 'silver' makes datasets, and is not done where nothing is new/,
      );
  });
});
