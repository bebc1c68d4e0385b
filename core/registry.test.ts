import { describe, expect, it } from 'vitest';
import { readRegistry, resolveAll } from './registry.ts';
import { pipelineNamed } from './run-request.ts';

const good = {
  name: 'shop',
  description: 'Orders',
  schedule: 'manual',
  start: '2024-01-01',
  source: 'shop',
  tables: { orders: { domain: 'sales', extract: { mode: 'snapshot' } } },
};
const other = {
  ...good,
  name: 'other',
  tables: { orders: { domain: 'other', extract: { mode: 'snapshot' } } },
};

describe('readRegistry', () => {
  it('leaves out what does not hold, and keeps the rest', () => {
    const registry = readRegistry([
      { file: 'pipelines/shop.ts', exports: [good, { dist: 'even' }, 7] },
      { file: 'pipelines/torn.ts', failure: 'line 3, column 1: Unexpected "}"' },
      {
        file: 'pipelines/wrong.ts',
        exports: [{ ...other, name: 'wrong', start: 'yesterday', schedule: 'daily' }],
      },
      { file: 'pipelines/empty.ts', exports: [] },
      { file: 'pipelines/nameless.ts', exports: [{ ...other, name: undefined }] },
    ]);
    expect([...registry.keys()]).toEqual(['shop']);
    expect([...registry.broken.keys()].sort()).toEqual(['empty', 'nameless', 'torn', 'wrong']);
    expect(registry.broken.get('wrong')?.message).toMatch(/pipelines\/wrong\.ts[^]*schedule[^]*start/);
  });

  it('says of a definition with nothing to do that there is nothing to do', () => {
    const { name, description, schedule, start } = good;
    const idle = { name, description, schedule, start };
    const { broken } = readRegistry([{ file: 'pipelines/idle.ts', exports: [idle] }]);
    expect(broken.get('shop')?.problems).toEqual([
      'tables: must hold at least one table, where there is neither a task nor a transform.',
    ]);
  });

  it('keeps of a broken one the tasks that are well formed, for what they name', () => {
    const tasks = {
      notes: { run: 'notes' },
      alarm: { script: ['true'], pool: 'phone' },
      wrong: { rum: 'x' },
    };
    const { broken } = readRegistry([
      { file: 'pipelines/shop.ts', exports: [{ ...good, tasks, start: 'soon' }] },
    ]);
    expect(broken.get('shop')?.problems.join()).toMatch(/start: [^]*tasks\.wrong/);
    expect(broken.get('shop')?.tasks.map(({ name, pool }) => [name, pool])).toEqual([
      ['notes', undefined],
      ['alarm', 'phone'],
    ]);
  });

  it('refuses to wait for pipelines that are not there, or that wait for it in turn', () => {
    const waiting = (name: string, ...pipelines: string[]) => ({
      ...good,
      name,
      tables: { orders: { domain: name, extract: { mode: 'snapshot' } } },
      tasks: Object.fromEntries(pipelines.map((pipeline, at) => [`wait${at}`, { waitFor: { pipeline } }])),
    });
    const { broken } = readRegistry([
      { file: 'pipelines/a.ts', exports: [waiting('alpha', 'gamma', 'delta', 'torn')] },
      { file: 'pipelines/b.ts', exports: [waiting('beta', 'alpha')] },
      { file: 'pipelines/c.ts', exports: [waiting('gamma', 'beta')] },
      { file: 'pipelines/d.ts', exports: [waiting('deltas', 'deltas')] },
      { file: 'pipelines/torn.ts', failure: 'torn' },
      { file: 'pipelines/shop.ts', exports: [waiting('shop', 'torn')] },
    ]);
    expect(broken.get('alpha')?.problems).toEqual([
      'tasks.wait0.waitFor.pipeline: pipelines wait for each other: alpha → gamma → beta → alpha.',
      `tasks.wait1.waitFor.pipeline: there is no pipeline 'delta'; is 'deltas' meant?`,
    ]);
    expect(broken.get('deltas')?.problems).toEqual([
      'tasks.wait0.waitFor.pipeline: pipelines wait for each other: deltas → deltas.',
    ]);
    expect([...broken.keys()].sort()).toEqual(['alpha', 'beta', 'deltas', 'gamma', 'torn']);
  });

  it('says of a broken one that is asked for what is wrong with it', () => {
    const registry = readRegistry([
      { file: 'pipelines/torn.ts', failure: 'line 3, column 1: Unexpected "}"' },
    ]);
    expect(() => pipelineNamed(registry, 'torn')).toThrow(
      `Pipeline 'torn' (pipelines/torn.ts) has a problem:\n  - it cannot be loaded: line 3, column 1: Unexpected "}"`,
    );
    expect(() => pipelineNamed(registry, 'tron')).toThrow(/'tron' is not in the registry/);
  });

  it('leaves out both of one name, but no third', () => {
    const twins = readRegistry([
      { file: 'pipelines/a.ts', exports: [good] },
      { file: 'pipelines/b.ts', exports: [good] },
      { file: 'pipelines/c.ts', exports: [other] },
    ]);
    expect([...twins.keys()]).toEqual(['other']);
    expect(twins.broken.get('shop')?.message).toMatch(/pipelines\/a\.ts, pipelines\/b\.ts[^]*defined twice/);
  });

  it.each([
    ['shop', 'raw_shop', 'raw_shop'],
    ['shop', 'shop_staging', 'shop_staging'],
    ['shop', 'shop_intermediate', 'shop_intermediate'],
  ])('leaves out %s and %s, which would share the schema %s of the warehouse', (name, rival, schema) => {
    const { broken, size } = readRegistry([
      { file: 'pipelines/a.ts', exports: [{ ...good, name }] },
      { file: 'pipelines/b.ts', exports: [{ ...other, name: rival }] },
    ]);
    expect(size).toBe(0);
    for (const each of [name, rival])
      expect(broken.get(each)?.message).toContain(
        `would both have the schema ${schema} of the warehouse; rename one`,
      );
  });

  it.each(['main', 'public', 'pg_temp', 'information_schema', 'warehouse'])(
    'refuses a pipeline %s: the warehouse has that name',
    (name) => {
      const { broken } = readRegistry([{ file: 'pipelines/a.ts', exports: [{ ...good, name }] }]);
      expect(broken.get(name)?.message).toContain('is a name that warehouses use themselves');
    },
  );
});

describe('resolveAll', () => {
  it('wants every definition to hold', () => {
    expect([...resolveAll([good, other]).keys()]).toEqual(['shop', 'other']);
    expect(() => resolveAll([good, { ...other, start: 'never' }])).toThrow(/Pipeline 'other'[^]*start/);
  });
});
