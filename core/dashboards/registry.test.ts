import { describe, expect, it } from 'vitest';
import { defineDashboard } from './definition.ts';
import { martProblems } from './mart-problems.ts';
import { readDashboards, withDashboards } from './registry.ts';
import { resolveAll } from '../registry.ts';
import { planOf, planOfRun } from '../plan.ts';
import { pipelineNamed } from '../run-request.ts';
import { resolveDashboard } from './resolve.ts';
import { conditionProblems, selectProblems } from './select-check.ts';
import { selectOf } from './sql.ts';

const good = defineDashboard({
  name: 'shop-sales',
  title: 'Sales',
  description: 'What is sold',
  pipeline: 'shop',
  data: {
    sales: {
      mart: 'sales',
      dimensions: { state: {}, month: { column: 'at', by: 'month' } },
      measures: {
        orders: { count: true },
        price: { sum: 'price' },
        days: { mean: 'days', scale: 1 },
        each: { ratio: ['price', 'orders'] },
      },
    },
  },
  filters: ['state'],
  panels: [{ kind: 'line', title: 'Sales', data: 'sales', by: 'month', measure: 'price' }],
});
const messages = (...exports: readonly unknown[]) =>
  readDashboards([{ file: 'dashboards/x.ts', exports }])
    .broken.map(({ message }) => message)
    .join('\n');

describe('a dashboard', () => {
  it('is told of all that does not hold together, with what is near', () => {
    const text = messages({
      ...good,
      filters: ['stat'],
      panels: [
        { kind: 'line', title: 'A', data: 'sale', by: 'month', measure: 'price' },
        { kind: 'bars', title: 'B', data: 'sales', by: 'mont', measure: 'prise' },
        {
          kind: 'table',
          title: 'C',
          data: 'sales',
          by: ['state'],
          measures: ['price'],
          sort: { by: 'month' },
        },
      ],
    });
    for (const part of [
      "is 'state' meant?",
      "is 'sales' meant?",
      "is 'month' meant?",
      "is 'price' meant?",
      'panels.2',
    ])
      expect(text).toContain(part);
    expect(messages({ ...good, panels: [{ kind: 'pie', title: 'D' }] })).toContain("not 'pie'");
    expect(messages({ ...good, name: 'Shop Sales' })).toContain('must be kebab-case');
  });

  it('takes no other with it, and of two of one name neither is there', () => {
    const { broken, ...rest } = Object.assign(
      {},
      readDashboards([
        { file: 'dashboards/torn.ts', failure: 'Unexpected "}"' },
        { file: 'dashboards/empty.ts', exports: [] },
        { file: 'dashboards/a.ts', exports: [good] },
        { file: 'dashboards/b.ts', exports: [{ ...good, title: 'Other' }] },
        { file: 'dashboards/c.ts', exports: [{ ...good, name: 'other' }] },
      ]),
    );
    expect(rest).toEqual({});
    expect(broken.map(({ message }) => message).join('\n')).toMatch(
      /torn[^]*exports no dashboard[^]*defined twice, here and in dashboards\/b.ts/,
    );
    expect([...readDashboards([{ file: 'a', exports: [good, { ...good, name: 'other' }] }]).keys()]).toEqual([
      'shop-sales',
      'other',
    ]);
  });

  it('leads only to dashboards and filters that are there', () => {
    const leading = (dashboard: string, filter: string) => ({
      ...good,
      panels: [
        {
          kind: 'ranking',
          title: 'T',
          data: 'sales',
          by: 'state',
          measure: 'price',
          opens: { dashboard, filter },
        },
      ],
    });
    expect(messages(leading('shop-salse', 'state'))).toContain("is 'shop-sales' meant?");
    expect(messages(leading('shop-sales', 'stat'))).toContain("is 'state' meant?");
    expect(messages(leading('shop-sales', 'state'))).toBe('');
  });

  it('leads to no filter whose values are cut otherwise', () => {
    const opens = { dashboard: 'shop-days', filter: 'day' };
    const from = {
      ...good,
      panels: [{ kind: 'ranking', title: 'T', data: 'sales', by: 'month', measure: 'price', opens }],
    };
    const to = (by?: 'day' | 'month') => ({
      ...good,
      name: 'shop-days',
      data: {
        sales: {
          ...good.data.sales,
          dimensions: { state: {}, month: {}, day: { column: 'at', ...(by && { by }) } },
        },
      },
      filters: ['day'],
    });
    expect(messages(from, to('day'))).toContain(
      "'month' is cut to month here and 'day' to day in 'shop-days': a value of the one is none of the other",
    );
    expect(messages(from, to())).toContain("'day' to nothing");
    expect(messages(from, to('month'))).toBe('');
  });

  it('neither filters by ids of which beginnings travel, nor leads on by them', () => {
    const { sales } = good.data;
    const cut = (dimension: object) => ({
      ...good,
      data: { sales: { ...sales, dimensions: { ...sales.dimensions, ...dimension } } },
    });
    const opens = { dashboard: 'shop-sales', filter: 'state' };
    const ranking = { kind: 'ranking', title: 'T', data: 'sales', by: 'id', measure: 'price' };
    expect(messages({ ...cut({ id: { short: true } }), panels: [ranking] })).toBe('');
    expect(messages(cut({ state: { short: true } }))).toContain("filters: 'state' of 'sales' is 'short'");
    expect(messages(cut({ month: { by: 'month', short: true } }))).toContain("neither with 'by'");
    expect(messages({ ...cut({ id: { short: true } }), panels: [{ ...ranking, opens }] })).toContain(
      "opens: 'id' is 'short'",
    );
  });

  it('counts keys that are there, and shows them as no part of a whole', () => {
    const { sales } = good.data;
    const counting = (orders: object, kind = 'bars') => ({
      ...good,
      data: { sales: { ...sales, measures: { ...sales.measures, orders } } },
      panels: [{ kind, title: 'T', data: 'sales', by: 'month', measure: 'orders' }],
    });
    expect(messages(counting({ distinct: 'order_id' }))).toBe('');
    expect(messages(counting({ distinct: 'order_id' }, 'share'))).toContain('may be in several parts');
    expect(messages(counting({ distinct: 'order_id', of: 'buyer' }))).toContain("there is no join 'buyer'");
    const of = resolveDashboard(counting({ distinct: 'order_id' }));
    expect(martProblems(of, ['shop'], new Map([['sales', ['state', 'at', 'price', 'days', 'id']]]))).toEqual([
      expect.stringContaining("data.sales.measures.orders: sales has no column 'order_id'"),
    ]);
  });

  it('has no name that a mean travels by', () => {
    const named = (dimensions: object, measures: object) =>
      messages({
        ...good,
        panels: [{ kind: 'text', text: 'x' }],
        data: { sales: { mart: 'sales', dimensions, measures } },
        filters: [],
      });
    const days = { mean: 'days' };
    const twice =
      "data.sales: 'days_count' is named twice: the mean 'days' travels by that name; rename one.";
    expect(named({}, { days, days_count: { distinct: 'order_id' } })).toContain(twice);
    expect(named({}, { days, days_count: { count: true } })).toContain(twice);
    expect(named({ days_count: {} }, { days })).toContain(twice);
    expect(named({ days_counted: {} }, { days, day_count: { count: true } })).toBe('');
  });

  it('is told what was meant where the documents alone were read', () => {
    const { sales } = good.data;
    const data = (change: object) => messages({ ...good, data: { sales: { ...sales, ...change } } });
    const measure = (x: object) => data({ measures: { ...sales.measures, x } });
    expect(data({ mart: 'shop.sales' })).toContain("a model's name alone");
    expect(measure({ avg: 'price' })).toContain("{ mean: 'column' }");
    expect(measure({ ratio: ['days', 'orders'] })).toContain("'days' is a mean or a ratio itself");
    expect(data({ where: "where state = 'SP'" })).toContain("without the word 'where'");
    expect(data({ where: "state = 'SP' order by 1" })).toContain("no 'order'");
    expect(data({ where: 'true) or (true' })).toContain('has not opened');
    expect(data({ where: "state in ('order', 'SP)') and (price > 0 or at is null)" })).toBe('');
    expect(messages({ ...good, filters: ['state', 'state'] })).toContain("'state' is named twice");
  });

  it('has no filter whose values are of one kind here and of another there', () => {
    const { sales } = good.data;
    const both = (by: 'month' | 'year') => ({
      ...good,
      data: { sales, other: { ...sales, dimensions: { month: { column: 'at', by } } } },
      filters: ['month'],
    });
    expect(messages(both('year'))).toContain("'month' is cut to month in 'sales' and to year in 'other'");
    expect(messages(both('month'))).toBe('');
  });

  it('names only pipelines, marts and columns that there are', () => {
    const models = new Map([['sales', ['state', 'at', 'price', 'day']]]);
    expect(martProblems(resolveDashboard(good), ['shop'], models)).toEqual([
      "data.sales.measures.days: sales has no column 'days'; is 'day' meant?",
    ]);
    expect(martProblems(resolveDashboard(good), ['shopp'], new Map([['sale', []]]))).toEqual([
      "pipeline: there is no pipeline 'shop'; is 'shopp' meant?",
      "data.sales.mart: there is no model 'sales'; is 'sale' meant?",
    ]);
  });

  it('is read by one select that both warehouses understand', () => {
    expect(selectOf('shop', { ...good.data.sales, where: 'price > 0' })).toMatchInlineSnapshot(`
      "select
        "state" as "state",
        cast(date_trunc('month', "at") as date) as "month",
        count(*) as "orders",
        sum("price") as "price",
        sum(cast("days" as decimal(38, 1))) as "days_sum",
        count("days") as "days_count"
      from "shop"."sales"
      where price > 0
      group by 1, 2
      order by 1, 2"
    `);
  });

  it('is a step of the runs of its pipeline, whatever becomes of them, and goes with the models', () => {
    const registry = withDashboards(
      resolveAll([
        {
          name: 'shop',
          description: 'a shop',
          schedule: 'manual',
          start: '2024-01-01',
          source: 'shop',
          tables: { orders: { domain: 'sales', extract: { mode: 'snapshot' } } },
          transform: { dbt: { select: 'tag:shop' } },
        },
      ]) as never,
      readDashboards([{ file: 'a', exports: [good] }]),
    );
    const shop = pipelineNamed(registry, 'shop');
    expect(shop.dashboards).toEqual(['shop-sales']);
    expect(planOf(shop).at(-1)).toMatchObject({ key: 'pages', after: ['publish'], when: 'always' });
    expect(planOfRun(shop, { skip: ['transform'] }).map(({ key }) => key)).not.toContain('pages');
    expect(planOf({ ...shop, dashboards: undefined }).map(({ key }) => key)).not.toContain('pages');
  });
});

describe('a select of a panel', () => {
  const problems = (sql: string) => selectProblems(sql, ['shop.sales', 'shop.dim_x']);
  it('may read marts and its own parts alone', () => {
    for (const sql of [
      'select * from shop.sales',
      'select a.x from shop.sales as a left join shop.dim_x b on a.x = b.x',
      'with t as (select extract(year from at) as y from "shop"."sales") select y, count(*) from t group by 1',
      "select 'from raw.orders' as text -- from raw.orders\nfrom shop.sales",
      'select * from (select * from shop.sales) s where s.a in (select x from shop.dim_x)',
      'with "T" as (select 1 as x) select t.x, t.y from ((select x, y from "T")) as t join (shop.dim_x) d using (x, y) where t.x is not distinct from 1 order by 1, 2',
      'select s."table", d.show from shop.sales s join shop.dim_x d on d.a = s.a and d.b in (1, 2) limit 3',
    ])
      expect(problems(sql)).toEqual([]);
    for (const [sql, part] of [
      ['select * from raw_shop.orders', "'raw_shop.orders', which is no mart"],
      ['select * from shop.sales, raw_shop.orders', 'comma'],
      ['select * from shop.sales s join raw_shop.orders o on true', 'raw_shop.orders'],
      ["select * from read_csv('/etc/passwd')", "the function 'read_csv'"],
      ['select * from shop.sales; drop table x', 'one statement'],
      ['delete from shop.sales', 'begin with select'],
      ['select (select max(x) from raw_shop.orders) from shop.sales', 'raw_shop.orders'],
      ['select * from (raw_shop.orders)', 'raw_shop.orders'],
      ['select * from ((raw_shop.orders)) o', 'raw_shop.orders'],
      ['select * from (select 1 as x) s, raw_shop.orders', 'comma'],
      ['select * from shop.sales s join shop.dim_x d on d.a = s.a, raw_shop.orders', 'comma'],
      ['select * from (select * from shop.sales, raw_shop.orders) s', 'comma'],
      ['with x as (table raw_shop.orders) select * from x', "by 'table'"],
      ['select 1 union all table raw_shop.orders', "by 'table'"],
      ['select * from (describe raw_shop.orders)', "by 'describe'"],
      ['with x as (pivot raw_shop.orders on a using sum(b)) select * from x', "by 'pivot'"],
      ['select * from (from raw_shop.orders)', 'raw_shop.orders'],
      ['select * from shop.sales.orders', "'shop.sales.orders', which is no mart"],
      ['select * from sales', "is 'shop.sales' meant?"],
      ['select * from (shop.sales join raw_shop.orders on true)', 'raw_shop.orders'],
      ['select 1 as a --\r, x from raw_shop.orders', 'raw_shop.orders'],
    ] as const)
      expect(problems(sql).join()).toContain(part);
  });

  it('is read as the warehouse reads it: nothing in it ends where another may not see its end', () => {
    for (const text of [
      String.raw`E'\'' as a, x from secret.t --'`,
      String.raw`'\'' as a, x from secret.t --'`,
      "$$'$$ as a, x from secret.t --'",
      "$t$'$t$ as a, x from secret.t --'",
      "/* /* */ ' */ 1 as a, x from secret.t --'",
      '1 /* from secret.t',
      "'from secret.t",
      '"from secret.t',
    ]) {
      expect(problems(`select ${text}`).join()).toContain('not plain where it ends');
      expect(conditionProblems(text).join()).toContain('not plain where it ends');
    }
    for (const text of [String.raw`'it''s \d+' as "a""b" /* 'x */`, 'a / b * 2 as c$d']) {
      expect(problems(`select ${text} from shop.sales -- it's`)).toEqual([]);
    }
  });
});
