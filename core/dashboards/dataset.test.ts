import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataDefinition } from './definition.ts';
import { isCutAlike, toDataset } from './dataset.ts';
import { differences } from './differences.ts';
import { grouped } from './groups.ts';

const sales: DataDefinition = {
  mart: 'sales',
  dimensions: { state: {}, month: { column: 'at', by: 'month' }, size: { order: ['small', 'big'] } },
  measures: {
    orders: { count: true },
    price: { sum: 'price', unit: 'BRL' },
    days: { mean: 'days' },
    each: { ratio: ['price', 'orders'] },
  },
};
const columns = [
  { name: 'price', type: 'DECIMAL(38,2)' },
  { name: 'days_sum', type: 'HUGEINT' },
];
const row = (state: string | null, at: string, size: string, cents: number, orders = 1) => ({
  state,
  month: at,
  size,
  orders: String(orders),
  price: `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`,
  days_sum: String(orders * 3),
  days_count: orders,
});
const rows = fc.array(
  fc.record({
    state: fc.option(fc.constantFrom('SP', 'RJ', '', '<b>x</b>'), { nil: null }),
    month: fc.constantFrom('2024-01-01', '2024-02-01', '2023-12-01'),
    size: fc.constantFrom('big', 'small', 'huge'),
    cents: fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
    orders: fc.integer({ min: 1, max: 1000 }),
  }),
);

describe('numbers of a dashboard', () => {
  it('are added up exactly, for whatever is chosen and grouped by', () => {
    fc.assert(
      fc.property(
        rows,
        fc.subarray(['state', 'month', 'size'] as const),
        fc.subarray<string | null>(['SP', '', null]),
        (given, by, states) => {
          const set = toDataset(sales, {
            columns,
            rows: given.map((each) => row(each.state, each.month, each.size, each.cents, each.orders)),
          });
          const wanted = new Map<string, bigint>();
          for (const each of given) {
            if (states.length && !states.includes(each.state)) continue;
            const key = JSON.stringify(
              by.map((name) => (name === 'month' ? each.month.slice(0, 7) : each[name])),
            );
            wanted.set(key, (wanted.get(key) ?? 0n) + BigInt(each.cents));
          }
          const groups = grouped(set, sales.measures, { state: states }, by, ['price']);
          const found = groups.map(({ key, amounts: [amount] }) => [
            JSON.stringify(key),
            BigInt(amount?.sum.units ?? 0) * (amount?.sum.scale === 2 ? 1n : 100n),
          ]);
          if (!by.length && !wanted.size) wanted.set('[]', 0n);
          expect(new Map(found as [string, bigint][])).toEqual(wanted);
        },
      ),
    );
  });

  it('are the same bytes in whatever order rows come', () => {
    const given = [
      row('SP', '2024-01-01', 'big', 5),
      row('RJ', '2023-12-01', 'small', 7),
      row(null, '2024-01-01', 'small', 9),
    ];
    const bytes = (some: typeof given) => JSON.stringify(toDataset(sales, { columns, rows: some }));
    expect(bytes([...given].reverse())).toBe(bytes(given));
  });

  it('stand in the order that people expect, with what has no value last', () => {
    const set = toDataset(sales, {
      columns,
      rows: [
        row(null, '2024-10-01', 'big', 1),
        row('SP', '2024-09-01', 'small', 1),
        row('AC', '2024-09-01', 'tiny', 1),
      ],
    });
    expect(set.dimensions['state']?.values).toEqual(['AC', 'SP', null]);
    expect(set.dimensions['size']?.values).toEqual(['small', 'big', 'tiny']);
    expect(set.dimensions['month']?.values).toEqual(['2024-09', '2024-10']);
    const numbers = toDataset(
      { ...sales, dimensions: { size: {} }, measures: { n: { count: true } } },
      {
        columns: [],
        rows: [10, 9, 100].map((size) => ({ size, n: 1 })),
      },
    );
    expect(numbers.dimensions['size']?.values).toEqual(['9', '10', '100']);
  });

  it('are refused where a browser could not add them up exactly', () => {
    const of =
      (price: unknown, type = 'DECIMAL(38,2)') =>
      () =>
        toDataset(
          { mart: 'sales', dimensions: {}, measures: { price: { sum: 'price' } } },
          { columns: [{ name: 'price', type }], rows: [{ price }] },
        );
    expect(of('90071992547409.91')).not.toThrow();
    expect(of('90071992547409.92')).toThrow(/2\^53/);
    expect(of(1.5, 'DOUBLE')).toThrow(/floating point \(DOUBLE\).*'scale: 2'/);
    expect(of('1e9')).toThrow(/no plain number/);
    expect(of(null)()).toMatchObject({ sums: { price: { scale: 0, values: [0] } } });
  });

  it('are none where there are no rows, and nothing is divided by nought', () => {
    const set = toDataset(sales, { columns, rows: [] });
    expect(grouped(set, sales.measures, {}, ['state'], ['price'])).toEqual([]);
    expect(grouped(set, sales.measures, {}, [], ['orders', 'days', 'each'])).toEqual([
      { key: [], amounts: [{ value: 0, sum: { units: 0, scale: 0 } }, null, null] },
    ]);
  });

  it('say where they differ from those of another time', () => {
    const of = (cents: number) =>
      toDataset(sales, { columns, rows: [row('SP', '2024-01-01', 'big', cents)] });
    expect(differences(of(500), of(500))).toEqual([]);
    expect(differences(of(500), of(750))).toEqual([
      'state "SP", month "2024-01", size "big": price is 5, and 7.5 by SQL',
    ]);
  });
});

describe('ids that are short', () => {
  const ids: DataDefinition = {
    mart: 'sales',
    dimensions: { shop: {}, id: { short: true } },
    measures: { orders: { count: true } },
  };
  const made = (given: readonly (readonly [shop: string, id: string | null])[]) =>
    toDataset(ids, { columns: [], rows: given.map(([shop, id]) => ({ shop, id, orders: '1' })) });

  it('travel by beginnings that tell each from all others, and say that they are no more', () => {
    const { values } = made([
      ['b', '4244733e06e7ecb4'],
      ['a', '4244733f11aa22bb'],
      ['a', 'abc'],
      ['a', null],
    ]).dimensions['id'] ?? { values: [] };
    expect([...values].sort()).toEqual(['4244733e…', '4244733f…', 'abc', null]);
    expect(values.at(-1)).toBeNull();
  });

  it('are cut between characters, also where one takes two units', () => {
    expect(made([['a', 'abcde😀fg']]).dimensions['id']?.values).toEqual(['abcde😀…']);
    expect(made([['a', 'abcde😀']]).dimensions['id']?.values).toEqual(['abcde😀']);
  });

  it('are none that the same select gives whole', () => {
    expect(isCutAlike(ids, { ...ids, dimensions: { shop: {}, id: { label: 'Id', short: true } } })).toBe(
      true,
    );
    expect(isCutAlike(ids, { ...ids, dimensions: { shop: {}, id: {} } })).toBe(false);
    expect(isCutAlike(undefined, ids)).toBe(false);
  });

  it('are as many as there were, each with its own numbers, in whatever order rows come', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b'), fc.option(fc.string({ maxLength: 12 }))), {
          selector: (each) => JSON.stringify(each),
        }),
        fc.infiniteStream<number>(fc.nat()),
        (given, order) => {
          const set = made(given);
          const groups = grouped(set, ids.measures, {}, ['id'], ['orders']);
          const wanted = new Map<string | null, number>();
          for (const [, id] of given) wanted.set(id, (wanted.get(id) ?? 0) + 1);
          expect(groups.map(({ amounts: [amount] }) => amount?.value).sort()).toEqual(
            [...wanted.values()].sort(),
          );
          for (const id of wanted.keys())
            expect(
              set.dimensions['id']?.values.some((shown) =>
                id === null ? shown === null : shown !== null && id.startsWith(shown.replace(/…$/, '')),
              ),
            ).toBe(true);
          const shuffled = given
            .map((each) => ({ each, at: order.next().value as number }))
            .sort((a, b) => a.at - b.at);
          expect(made(shuffled.map(({ each }) => each))).toEqual(set);
        },
      ),
    );
  });
});

describe('values of a dimension', () => {
  it('have one order, whatever order rows come in: of numbers, texts that begin like numbers, and hexadecimal ones', () => {
    const texts = fc.uniqueArray(fc.stringMatching(/^[-0-9ae.]{0,4}$/), { minLength: 2 });
    const valuesOf = (given: readonly string[]) =>
      toDataset(
        { mart: 'm', dimensions: { x: {} }, measures: { n: { count: true } } },
        { columns: [], rows: given.map((x) => ({ x, n: '1' })) },
      ).dimensions['x']?.values;
    fc.assert(
      fc.property(texts, (given) => {
        expect(valuesOf([...given].reverse())).toEqual(valuesOf(given));
        expect(valuesOf([...given].sort())).toEqual(valuesOf(given));
      }),
    );
    expect(valuesOf(['10', '1a', '9', '1e9', '2'])).toEqual(['2', '9', '10', '1a', '1e9']);
  });
});

describe('keys that are counted', () => {
  const orders: DataDefinition = {
    mart: 'lines',
    dimensions: { state: {}, product: {} },
    measures: {
      orders: { distinct: 'order_id' },
      buyers: { distinct: 'customer_id' },
      price: { sum: 'price' },
      each: { ratio: ['price', 'orders'] },
    },
  };
  const line = fc.record({
    state: fc.option(fc.constantFrom('SP', 'RJ')),
    product: fc.constantFrom('a', 'b', 'c'),
    orders: fc.option(fc.constantFrom('1', '2', '3', '10', 'x')),
    buyers: fc.option(fc.nat({ max: 3 }).map(String)),
  });
  /** As `group by` gives them. */
  const lines = fc.uniqueArray(line, { selector: (each) => JSON.stringify(each) });
  const made = (given: readonly object[]) =>
    toDataset(orders, { columns: [], rows: given.map((each) => ({ ...each, price: '1.50' })) });

  it('are each counted once, for whatever is chosen and grouped by, and none where there is none', () => {
    fc.assert(
      fc.property(
        lines,
        fc.subarray(['state', 'product'] as const),
        fc.subarray<string | null>(['SP', null]),
        (given, by, states) => {
          const wanted = new Map<string, { orders: Set<string>; buyers: Set<string> }>();
          for (const each of given) {
            if (states.length && !states.includes(each.state)) continue;
            const key = JSON.stringify(by.map((name) => each[name]));
            const found = wanted.get(key) ?? { orders: new Set(), buyers: new Set() };
            wanted.set(key, found);
            if (each.orders !== null) found.orders.add(each.orders);
            if (each.buyers !== null) found.buyers.add(each.buyers);
          }
          if (!by.length && !wanted.size) wanted.set('[]', { orders: new Set(), buyers: new Set() });
          const groups = grouped(made(given), orders.measures, { state: states }, by, ['orders', 'buyers']);
          expect(
            new Map(
              groups.map(({ key, amounts }) => [JSON.stringify(key), amounts.map((each) => each?.value)]),
            ),
          ).toEqual(new Map([...wanted].map(([key, each]) => [key, [each.orders.size, each.buyers.size]])));
        },
      ),
    );
  });

  it('are those of what is chosen now, whatever was chosen of the same page before', () => {
    const row = { product: 'a', buyers: null };
    const set = made(['1', '2', '1'].map((of, at) => ({ ...row, state: at < 2 ? 'SP' : 'RJ', orders: of })));
    const counted = (state: string[]) =>
      grouped(set, orders.measures, { state }, [], ['orders'])[0]?.amounts[0]?.value;
    expect([['SP'], ['RJ'], [], ['SP']].map(counted)).toEqual([2, 1, 2, 2]);
  });

  it('give the same bytes in whatever order rows come, and no key', () => {
    fc.assert(
      fc.property(lines, (given) => {
        expect(made([...given].reverse())).toEqual(made(given));
      }),
    );
    const row = { state: 'SP', product: 'a', buyers: null };
    const set = made([
      { ...row, orders: 'secret' },
      { ...row, orders: 'secret', product: 'b' },
      { ...row, orders: 'other', product: 'b' },
    ]);
    expect(set.keys).toEqual({ orders: [0, 0, 2], buyers: [null, null, null] });
    expect(JSON.stringify(set)).not.toContain('secret');
  });

  it('divide sums, and differ where SQL counts others', () => {
    const row = { state: 'SP', product: 'a', buyers: '1' };
    const one = made([
      { ...row, orders: '1' },
      { ...row, orders: '2' },
    ]);
    const [all] = grouped(one, orders.measures, {}, [], ['each']);
    expect(all?.amounts[0]?.value).toBe(1.5);
    expect(differences(one, one)).toEqual([]);
    const other = made([
      { ...row, orders: '1' },
      { ...row, orders: null },
    ]);
    expect(differences(one, other)).toEqual([
      'state "SP", product "a": orders is 2, and 1 by SQL',
      'orders counts others by SQL',
    ]);
  });

  it('differ where a key is of another group, though there are as many of them', () => {
    const of = (...products: readonly string[]) =>
      toDataset(
        { mart: 'lines', dimensions: { product: {} }, measures: { orders: { distinct: 'order_id' } } },
        { columns: [], rows: products.map((product, at) => ({ product, orders: String(at) })) },
      );
    expect(differences(of('a', 'b', 'b'), of('a', 'a', 'b'))).toEqual([
      'product "a": orders is 1, and 2 by SQL',
      'product "b": orders is 2, and 1 by SQL',
    ]);
  });
});
