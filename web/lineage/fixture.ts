import { shop as plain } from '../../connectors/ledger/postgres/fixtures.ts';
import { resolveDashboard } from '../../core/dashboards/resolve.ts';
import type { BuiltModels } from '../../core/lineage/models.ts';

export const shop = { ...plain, transform: { dbt: { select: 'tag:shop' } }, dashboards: ['shop-sales'] };

export const sales = resolveDashboard({
  name: 'shop-sales',
  title: 'Sales',
  description: 'what is sold',
  pipeline: 'shop',
  data: { days: { mart: 'fct_orders', dimensions: { day: {} }, measures: { sales: { sum: 'total' } } } },
  panels: [{ kind: 'line', title: 'Sales by day', data: 'days', by: 'day', measure: 'sales' }],
});

const column = (name: string, from: BuiltModels['nodes'][number]['columns'][number]['from'] = []) => ({
  name,
  type: 'INTEGER',
  from,
});
const known = { isCompiled: true, digest: '1' };

/** Orders by day, with rates that another pipeline loads. */
export const shopModels: BuiltModels = {
  nodes: [
    {
      ...known,
      id: 'model.shop.fct_orders',
      kind: 'model',
      schema: 'shop',
      name: 'fct_orders',
      from: ['source.shop.orders', 'source.bank.rates'],
      columns: [
        column('day', [{ node: 'source.shop.orders', column: 'at' }]),
        column('total', [
          { node: 'source.shop.orders', column: 'price' },
          { node: 'source.bank.rates', column: 'rate' },
        ]),
        column('odd', null),
        column(`a_column_${'with_a_long_name_'.repeat(6)}`),
      ],
    },
    {
      ...known,
      id: 'source.shop.orders',
      kind: 'source',
      schema: 'raw_shop',
      name: 'orders',
      from: [],
      columns: [column('at'), column('price'), column('_load_id')],
    },
    {
      ...known,
      id: 'source.bank.rates',
      kind: 'source',
      schema: 'raw_bank',
      name: 'rates',
      from: [],
      columns: [column('rate')],
    },
  ],
};
