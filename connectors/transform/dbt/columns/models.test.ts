import { describe, expect, it } from 'vitest';
import type { BuiltModels, TableColumns } from '../../../../core/lineage/models.ts';
import { aRequest, aWorkplace, type Workplace } from '../fixture.ts';
import { smallRaw } from '../raw-olist-fixture.ts';

const never = new AbortController().signal;

async function columnsIn(place: Workplace): Promise<TableColumns> {
  const rows = await place.sql(
    "select table_schema || '.' || table_name as t, column_name as name, data_type as type from information_schema.columns order by 1, ordinal_position",
  );
  const tables = new Map<string, { name: string; type: string }[]>();
  for (const { t, name, type } of rows)
    tables.set(String(t), [...(tables.get(String(t)) ?? []), { name: String(name), type: String(type) }]);
  return tables;
}

async function modelsIn(place: Workplace): Promise<BuiltModels> {
  const found = await place.transform.models('olist', await columnsIn(place));
  if (!found) throw new Error('nothing was built');
  return found;
}

function originOf({ nodes }: BuiltModels, model: string, column: string): string[] | null | undefined {
  const found = nodes.find(({ name }) => name === model)?.columns.find(({ name }) => name === column);
  return found?.from && found.from.map(({ node, column: of }) => `${node.split('.').pop() ?? ''}.${of}`);
}

describe('what models are made of, by dbt and the warehouse', { timeout: 180_000 }, () => {
  it('is nothing while nothing was built; then every column of every model is told', async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    expect(await place.transform.models('olist', new Map())).toBeUndefined();
    const { nodes } = await place.transform.build(aRequest(), never);
    const found = await modelsIn(place);
    const built = nodes.filter(({ kind }) => kind === 'model').map(({ id }) => id);
    for (const id of built) {
      const model = found.nodes.find((each) => each.id === id);
      expect([id, model?.columns.filter(({ from }) => from === null)]).toEqual([id, []]);
      expect([id, model?.columns.length]).not.toEqual([id, 0]);
    }
    expect(originOf(found, 'fct_orders', 'order_total')).toEqual([
      'int_order_items_by_order.price_total',
      'int_order_items_by_order.freight_total',
    ]);
    expect(originOf(found, 'int_order_items_by_order', 'price_total')).toEqual([
      'stg_olist__order_items.price',
    ]);
    expect(originOf(found, 'stg_olist__order_items', 'price')).toEqual(['order_items.price']);
    // What another pipeline's build compiles, this one has not: nothing is known of it, and nothing said.
    const other = found.nodes.find(({ name }) => name === 'sales_by_category');
    expect(other).toMatchObject({ isCompiled: false, columns: [] });
    // A view that is bound late is in no catalog: what its select says is what it has.
    const tables = new Map(
      [...(await columnsIn(place))].filter(([name]) => !name.startsWith('olist_staging')),
    );
    const late = await place.transform.models('olist', tables);
    expect(late && originOf(late, 'stg_olist__order_items', 'price')).toEqual(['order_items.price']);
    expect(late && originOf(late, 'int_order_items_by_order', 'price_total')).toEqual([
      'stg_olist__order_items.price',
    ]);
  });

  it('is not told of a column that no select gives any more', async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    await place.transform.build(aRequest({ select: 'stg_olist__customers' }), never);
    const tables = new Map(await columnsIn(place));
    const key = 'olist_staging.stg_olist__customers';
    tables.set(key, [...(tables.get(key) ?? []), { name: 'of_before', type: 'INTEGER' }]);
    const found = await place.transform.models('olist', tables);
    expect(found && originOf(found, 'stg_olist__customers', 'of_before')).toBeNull();
    expect(found && originOf(found, 'stg_olist__customers', 'customer_city')).toEqual([
      'customers.customer_city',
    ]);
  });
});
