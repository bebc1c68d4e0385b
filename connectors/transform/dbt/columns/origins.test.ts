import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { columnsOf, type TableOf } from './origins.ts';
import { SelectParser } from './parse.ts';

const TABLES: Readonly<Record<string, readonly string[]>> = {
  a: ['id', 'x', 'y', 'day'],
  b: ['id', 'z', 'made'],
};
const tableOf: TableOf = (schema, name) =>
  (schema === 's' ? TABLES[name.toLowerCase()] : undefined)?.map((column) => ({
    name: column,
    from: [{ node: name.toLowerCase(), column }],
  })) ?? null;

/** `x: a.x a.y, n:, q: ?` – what each column is made of; `?`: it cannot be told. */
async function told(sql: string): Promise<string | null> {
  return SelectParser.with(async (parser) => {
    const parsed = await parser.parse(sql);
    const columns = parsed ? columnsOf(parsed, tableOf) : null;
    return (
      columns &&
      columns
        .map(({ name, from }) =>
          `${name}: ${from ? from.map((each) => `${each.node}.${each.column}`).join(' ') : '?'}`.trimEnd(),
        )
        .join(', ')
    );
  });
}

/** Selects with what they are made of; each is one that DuckDB runs. */
const EXACT: readonly (readonly [sql: string, told: string])[] = [
  ['select id, x + y as sum, 1 as one from s.a', 'id: a.id, sum: a.x a.y, one:'],
  ['select t.X as other, s.a.y from s.a as t, s.a', 'other: a.x, y: a.y'],
  ['select * from s.a', 'id: a.id, x: a.x, y: a.y, day: a.day'],
  ['select * exclude (x) replace (x + 1 as y) from s.a', 'id: a.id, y: a.x, day: a.day'],
  ['select b.*, a.x from s.a join s.b on a.id = b.id', 'id: b.id, z: b.z, made: b.made, x: a.x'],
  ['select x, z from s.a left join s.b on a.id = b.id where y > 1', 'x: a.x, z: b.z'],
  ['select id, z from s.a join s.b using (id)', 'id: a.id, z: b.z'],
  ['select id from s.a full join s.b using (id)', 'id: a.id b.id'],
  ['select id from s.a right join s.b using (id)', 'id: b.id'],
  ['select x from s.a semi join s.b using (id)', 'x: a.x'],
  ['with w as (select x as v from s.a), u as (select v * 2 as v from w) select v from u', 'v: a.x'],
  ['with w(p, q) as (select x, y from s.a) select q, p from w', 'q: a.y, p: a.x'],
  ['with a as (select z as x from s.b) select a.x from a', 'x: b.z'],
  ['select q.n from (select count(*) as n, max(x) as m from s.a) as q', 'n:'],
  ['select x as v from s.a union all select z from s.b', 'v: a.x b.z'],
  ['select x as v from s.a except select z from s.b', 'v: a.x'],
  ['select sum(x) filter (where y > 0) as f from s.a', 'f: a.x a.y'],
  ['select row_number() over (partition by x order by y) as n from s.a', 'n: a.x a.y'],
  ['select case when x > 1 then y else id end as c from s.a', 'c: a.x a.y a.id'],
  ['select x as v, v + 1 as w from s.a', 'v: a.x, w: a.x'],
  [
    'select (select max(z) from s.b where b.id = a.id) as m, x in (select z from s.b) as i from s.a',
    'm: b.z, i: b.z a.x',
  ],
  [
    "select cast(date_trunc('month', made) as date) as month, extract(year from made) as year from s.b",
    'month: b.made, year: b.made',
  ],
  ['select l.w from s.a, lateral (select a.x + 1 as w) as l', 'w: a.x'],
  ['select current_date as today, * from (values (1, 2)) as v(one, two)', 'today:, one:, two:'],
];

/** Of these the columns, or what they are made of, cannot be told exactly. */
const UNTOLD: readonly (readonly [sql: string, told: string | null])[] = [
  ['select exists (select 1 from s.b where b.id = a.id) as e from s.a', 'e: ?'],
  ['select list_transform([x], v -> v + y) as l from s.a', 'l: ?'],
  ['select * from s.a natural join s.b', null],
  ["select columns('x|y') from s.a", null],
  ['select * from (pivot s.a on x using sum(y))', null],
  ['with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select n from r', 'n: ?'],
  ['select u.n, a.x from s.a, unnest([1, 2]) as u(n)', 'n: ?, x: a.x'],
];

/** Of Redshift, which DuckDB does not run. */
const REDSHIFT: readonly (readonly [sql: string, told: string])[] = [
  [
    'select datediff(day, made, getdate()) as age, dateadd(month, 1, made)::date as later from s.b',
    'age: b.made, later: b.made',
  ],
  ['select day, dateadd(day, x, sysdate) as d from s.a', 'day: a.day, d: a.x'],
  [
    "select nvl(x, y) as n, listagg(z, ',') as l from s.a join s.b on a.id = b.id group by 1",
    'n: a.x a.y, l: b.z',
  ],
];

describe('what the columns of a select are made of', () => {
  let connection: DuckDBConnection;
  let instance: DuckDBInstance;
  beforeAll(async () => {
    instance = await DuckDBInstance.create(':memory:');
    connection = await instance.connect();
    await connection.run(
      'create schema s; create table s.a (id int, x int, y int, day int); create table s.b (id int, z int, made timestamp)',
    );
  });
  afterAll(() => {
    connection.closeSync();
    instance.closeSync();
  });

  async function described(sql: string): Promise<string[]> {
    const reader = await connection.runAndReadAll(`describe ${sql}`);
    return reader.getRowObjectsJson().map((row) => (row['column_name'] as string).toLowerCase());
  }

  it.each(EXACT)('is told exactly: %s', async (sql, expected) => {
    const found = await told(sql);
    expect(found).toBe(expected);
    const names = expected.split(/, (?=\w+:)/).map((each) => each.split(':')[0]?.toLowerCase());
    expect(await described(sql)).toEqual(names);
  });

  it.each(UNTOLD)('is not guessed: %s', async (sql, expected) => {
    expect(await told(sql)).toBe(expected);
    expect((await described(sql)).length).toBeGreaterThan(0);
  });

  it.each(REDSHIFT)("is told of Redshift's words: %s", async (sql, expected) => {
    expect(await told(sql)).toBe(expected);
  });

  it('is not guessed where a table is not known, a name is nobody’s, or it is no select', async () => {
    expect(await told('select n, a.x from s.a join s.other on true')).toBe('n: ?, x: a.x');
    expect(await told('select * from s.other')).toBe(null);
    expect(await told('select nothing from s.a')).toBe('nothing: ?');
    for (const sql of ['selec 1', 'select 1; select 2', 'insert into s.a values (1)', ''])
      expect(await told(sql)).toBe(null);
  });
});
