import { describe, expect, it } from 'vitest';
import { resolveDashboard } from '../dashboards/resolve.ts';
import { InvalidInput } from '../errors.ts';
import { resolvePipeline } from '../resolve.ts';
import { lineageOf, type Lineage } from './lineage.ts';
import { withEarlier, withUpstream, type BuiltModels, type ModelNode } from './models.ts';
import { find, traceOf, type TracedNode } from './trace.ts';

const definition = resolvePipeline({
  name: 'shop',
  description: 'a shop',
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  source: 'crm',
  tables: {
    orders: { domain: 's', from: 'sales.orders', extract: { mode: 'snapshot' }, primaryKey: ['id'] },
    lines: { domain: 's', from: { query: 'select 1 as id' }, extract: { mode: 'snapshot' } },
  },
  transform: { dbt: { select: 'tag:shop' } },
});

const dashboards = [
  resolveDashboard({
    name: 'sales',
    title: 'Sales',
    description: 'what is sold',
    pipeline: 'shop',
    data: {
      days: {
        mart: 'days',
        dimensions: { day: {} },
        measures: { sales: { sum: 'total' }, orders: { count: true }, mean: { ratio: ['sales', 'orders'] } },
      },
    },
    panels: [
      { kind: 'line', title: 'Sales per day', data: 'days', by: 'day', measure: 'mean' },
      { kind: 'text', text: 'words' },
      { kind: 'select', title: 'Newest', select: 'select day from shop.days' },
    ],
  }),
];

function node(id: string, over: Partial<ModelNode>): ModelNode {
  const [schema = '', name = ''] = id.split('.');
  return {
    id: `m.${name}`,
    kind: 'model',
    schema,
    name,
    from: [],
    columns: [],
    digest: name,
    isCompiled: true,
    ...over,
  };
}
const of = (name: string, from: ModelNode['columns'][number]['from'], type = 'INTEGER') => ({
  name,
  type,
  from,
});

const models: BuiltModels = {
  nodes: [
    node('shop.days', {
      from: ['m.stg', 'm.rates'],
      columns: [
        of('day', [{ node: 'm.stg', column: 'day' }]),
        of('total', [
          { node: 'm.stg', column: 'price' },
          { node: 'm.rates', column: 'rate' },
        ]),
        of('fixed', []),
      ],
    }),
    node('shop.guess', {
      from: ['m.stg'],
      columns: [of('x', null), of('day', [{ node: 'm.stg', column: 'day' }])],
    }),
    node('shop_staging.stg', {
      id: 'm.stg',
      from: ['s.orders', 's.lines'],
      columns: [
        of('day', [{ node: 's.orders', column: 'at' }]),
        of('price', [{ node: 's.lines', column: 'price' }]),
      ],
    }),
    node('raw_shop.orders', {
      id: 's.orders',
      kind: 'source',
      columns: [of('id', []), of('at', []), of('_load_id', [])],
    }),
    node('raw_shop.lines', { id: 's.lines', kind: 'source', columns: [of('price', [])] }),
    node('raw_bank.rates', { id: 'm.rates', kind: 'source', columns: [of('rate', [])] }),
  ],
};
const lineage = lineageOf({ definition, models, dashboards, pipelines: ['shop', 'bank'] });
const said = (nodes: readonly TracedNode[]) => nodes.map(({ node: { id }, columns }) => [id, columns]);
const around = (asked: string, of: Lineage = lineage) => traceOf(of, find(of, asked));

describe('the lineage of a pipeline', () => {
  it('goes from the source over the lake and the warehouse to panels, what is read before what reads it', () => {
    expect(lineage.nodes.map(({ layer, id }) => `${layer} ${id}`)).toEqual([
      'source source:crm/sales.orders',
      'bronze bronze:shop/orders',
      'raw raw_shop.orders',
      'source source:crm/lines',
      'bronze bronze:shop/lines',
      'raw raw_shop.lines',
      'elsewhere raw_bank.rates',
      'model shop_staging.stg',
      'model shop.days',
      'model shop.guess',
      'panel sales/1',
      'panel sales/3',
    ]);
    expect(lineage.nodes.find(({ layer }) => layer === 'elsewhere')?.of).toBe('bank');
    for (const [at, { from }] of lineage.nodes.entries())
      for (const id of from) expect(lineage.nodes.findIndex((each) => each.id === id)).toBeLessThan(at);
  });

  it('knows no columns where none was built, and guesses none', () => {
    const bare = lineageOf({ definition, dashboards, pipelines: ['shop'] });
    expect(bare.nodes.filter(({ layer }) => layer !== 'panel').every(({ columns }) => !columns.length)).toBe(
      true,
    );
    expect(said(around('sales/1', bare).upstream)).toEqual([['shop.days', null]]);
    expect(said(around('raw_shop.orders', bare).downstream)).toEqual([]);
  });

  it('follows a column to all that it is made of, and no further', () => {
    expect(said(around('days.total').upstream)).toEqual([
      ['source:crm/lines', ['price']],
      ['bronze:shop/lines', ['price']],
      ['raw_shop.lines', ['price']],
      ['raw_bank.rates', ['rate']],
      ['shop_staging.stg', ['price']],
    ]);
    expect(said(around('days.fixed').upstream)).toEqual([]);
    expect(said(around('orders._load_id').upstream)).toEqual([]);
  });

  it('follows a column to all that is made of it, and goes on by tables where columns cannot be told', () => {
    expect(said(around('raw_bank.rates.rate').downstream)).toEqual([
      ['shop.days', ['total']],
      ['sales/1', ['mean']],
      ['sales/3', null],
    ]);
    expect(said(around('source:crm/sales.orders.at').downstream)).toContainEqual(['shop.guess', null]);
    expect(said(around('source:crm/sales.orders.id').downstream)).toEqual([
      ['bronze:shop/orders', ['id']],
      ['raw_shop.orders', ['id']],
    ]);
    expect(said(around('guess.x').upstream)).toContainEqual(['raw_shop.orders', null]);
  });

  it('names what it does not know, and what is called the same', () => {
    expect(() => find(lineage, 'dayz')).toThrow(InvalidInput);
    expect(() => find(lineage, 'nothing like it')).toThrow(/'sluice lineage shop' lists them\.$/);
    expect(() => find(lineage, 'days.totel')).toThrow(/days\.total/);
    const twice = { ...models, nodes: [...models.nodes, node('shop.orders', { id: 'm.o', columns: [] })] };
    const both = lineageOf({ definition, models: twice, dashboards: [], pipelines: ['shop'] });
    expect(() => find(both, 'orders')).toThrow(/'raw_shop.orders' or 'shop.orders'/);
    expect(find(both, 'shop.orders').node.layer).toBe('model');
  });
});

describe('datasets that tasks make', () => {
  const silver = 'shop_silver.orders';
  const made = lineageOf({
    definition: resolvePipeline({
      name: 'shop',
      description: 'a shop',
      schedule: { cron: '0 0 * * *', timezone: 'UTC' },
      start: '2024-03-01',
      source: 'crm',
      tables: { orders: { domain: 's', extract: { mode: 'snapshot' }, primaryKey: ['id'] } },
      tasks: {
        clean: { script: ['true'], after: ['load'], writes: { 'silver.orders': { from: ['orders'] } } },
        named: { run: 'named', after: ['load'], writes: { 'gold.other': {} } },
      },
      transform: { dbt: { select: 'tag:shop' } },
    }),
    models: {
      nodes: [
        node(silver, { id: 's.silver', kind: 'source', columns: [of('total', [])] }),
        node('shop.days', {
          from: ['s.silver'],
          columns: [of('total', [{ node: 's.silver', column: 'total' }])],
        }),
      ],
    },
    dashboards,
    pipelines: ['shop'],
  });

  it('stand between what they are made from and the models that read them', () => {
    expect(made.nodes.find(({ id }) => id === silver)).toMatchObject({ layer: 'dataset', of: 'clean' });
    expect(said(around('silver.orders', made).upstream)).toEqual([
      ['source:crm/orders', null],
      ['bronze:shop/orders', null],
    ]);
    expect(said(around('days.total', made).upstream)).toContainEqual([silver, ['total']]);
    expect(said(around('bronze:shop/orders', made).downstream).map(([id]) => id)).toEqual(
      expect.arrayContaining([silver, 'shop.days', 'sales/1']),
    );
  });

  it('that are only named are there, made of what nobody has said; a table keeps its name', () => {
    expect(made.nodes.find(({ title }) => title === 'gold.other')).toMatchObject({ from: [], of: 'named' });
    expect(find(made, 'orders').node.id).toBe('raw_shop.orders');
  });
});

describe('what a build tells of models', () => {
  it('is kept with all that was read, and nothing else', () => {
    const ids = (built: BuiltModels) => built.nodes.map(({ id }) => id);
    expect(ids(withUpstream(models, new Set(['m.stg'])))).toEqual(['m.stg', 's.orders', 's.lines']);
    expect(ids(withUpstream(models, new Set(['m.days'])))).not.toContain('m.guess');
  });

  it('stands where a build that went on has not compiled them, unless they were written anew', () => {
    const left = {
      nodes: models.nodes.map((each) => ({ ...each, columns: [], isCompiled: each.kind === 'source' })),
    };
    expect(withEarlier(left, models).nodes.find(({ id }) => id === 'm.days')?.columns).toHaveLength(3);
    const anew = { nodes: left.nodes.map((each) => ({ ...each, digest: 'other' })) };
    expect(withEarlier(anew, models).nodes.find(({ id }) => id === 'm.days')?.columns).toEqual([]);
  });
});
