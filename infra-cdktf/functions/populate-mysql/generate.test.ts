import { expect, it } from 'vitest';
import { generate, type Size } from './generate.ts';
import { tables } from './tables.ts';

const size: Size = { clients: 100, salesPeople: 20, sales: 1000, seed: 1 };

it('makes the six tables with the columns that they have', () => {
  for (const { name, columns, rows } of generate(size)) {
    for (const column of columns) expect(tables[name]).toMatch(new RegExp(`\\b${column} `));
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([columns.length]));
  }
  expect(
    generate(size)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(Object.keys(tables).sort());
});

it('makes as many rows as are asked for', () => {
  const rows = Object.fromEntries(generate(size).map((table) => [table.name, table.rows.length]));
  expect(rows).toMatchObject({ clients: 100, client_addresses: 100, sales_people: 20, sales: 1000 });
  expect(rows['sales_items']).toBeGreaterThan(1000);
});

it('makes the same rows from the same seed, others from another', () => {
  expect(generate(size)).toEqual(generate(size));
  expect(generate({ ...size, seed: 2 })).not.toEqual(generate(size));
});
