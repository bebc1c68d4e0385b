import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../../core/errors.ts';
import { generateOlist } from './generate.ts';
import { olistTables } from './tables.ts';

/** A digest of all rows of all tables. */
function digest(orders: number, seed: number): string {
  const hash = createHash('sha256');
  const tables = generateOlist(orders, seed);
  for (const table of olistTables) for (const row of tables[table]()) hash.update(JSON.stringify(row));
  return hash.digest('hex');
}

const shop = generateOlist(2000, 1);
const rowsOf = (table: keyof typeof shop) => [...shop[table]()];
const centsOf = (field: unknown) => Math.round(Number(field) * 100);

function sumsBy(rows: readonly (readonly unknown[])[], ...amounts: readonly number[]): Map<unknown, number> {
  const sums = new Map<unknown, number>();
  for (const row of rows) {
    const cents = amounts.reduce((sum, at) => sum + centsOf(row[at]), 0);
    sums.set(row[0], (sums.get(row[0]) ?? 0) + cents);
  }
  return sums;
}

function repeated(values: readonly unknown[]): number {
  return values.length - new Set(values).size;
}

describe('generateOlist', () => {
  it('gives the same bytes on every machine', () => {
    expect(digest(500, 1)).toMatchInlineSnapshot(
      `"6fb9fc11d13881473346fa559ba148e1256e4689ab6c13f9af0d80505636403c"`,
    );
  });

  it('gives other data for another seed', () => {
    expect(digest(50, 2)).not.toBe(digest(50, 1));
  });

  it('makes payments add up to items and freight, order by order', () => {
    const paid = sumsBy(rowsOf('order_payments'), 4);
    const due = sumsBy(rowsOf('order_items'), 5, 6);
    expect(rowsOf('orders').filter(([id]) => (paid.get(id) ?? 0) !== (due.get(id) ?? 0))).toEqual([]);
  });

  it('spans the life of the shop, first day and last day included', () => {
    const days = rowsOf('orders').map((row) => String(row[3]).slice(0, 10));
    expect([days[0], days.at(-1)]).toEqual(['2016-09-04', '2018-10-17']);
    expect(new Set(days).size).toBeGreaterThan(500);
  });

  it('has orders with several payments, several reviews, several pieces, and none', () => {
    const orders = rowsOf('orders').length;
    expect(repeated(rowsOf('order_payments').map(([id]) => id))).toBeGreaterThan(20);
    expect(repeated(rowsOf('order_reviews').map((row) => row[1]))).toBeGreaterThan(5);
    expect(repeated(rowsOf('order_items').map(([id]) => id))).toBeGreaterThan(100);
    for (const table of ['order_items', 'order_payments'] as const) {
      expect(new Set(rowsOf(table).map(([id]) => id)).size).toBeLessThan(orders);
    }
  });

  it('lets people come back and reviews stand on two orders', () => {
    expect(repeated(rowsOf('customers').map((row) => row[1]))).toBeGreaterThan(30);
    expect(repeated(rowsOf('order_reviews').map(([id]) => id))).toBeGreaterThan(3);
    expect(repeated(rowsOf('order_reviews').map(([review, order]) => `${review} ${order}`))).toBe(0);
  });

  it('leaves dates unset, on delivered orders too', () => {
    const orders = rowsOf('orders');
    for (const at of [4, 5, 6]) expect(orders.some((row) => row[at] === null)).toBe(true);
    expect(orders.some((row) => row[2] === 'delivered' && row[6] === null)).toBe(true);
    expect(new Set(orders.map((row) => row[2]))).toEqual(
      new Set(['created', 'delivered', 'shipped', 'canceled', 'unavailable', 'invoiced', 'processing']),
    );
  });

  it('writes reviews that break careless readers', () => {
    const messages = rowsOf('order_reviews').map((row) => row[4]);
    for (const text of [null, '', ' ', '\r\n', 'NULL', '\\N', '\ufeffmuito bom'])
      expect(messages).toContain(text);
    for (const part of ['\n', '"', '👍🏽', '\\.', '\t']) {
      expect(messages.some((text) => String(text).includes(part))).toBe(true);
    }
  });

  it('has categories without translation, products without category, zips without a point and with many', () => {
    const translated = new Set(rowsOf('product_category_name_translation').map(([name]) => name));
    const categories = rowsOf('products').map((row) => row[1]);
    expect(categories).toContain(null);
    expect(categories.some((name) => name !== null && !translated.has(String(name)))).toBe(true);
    const zips = rowsOf('geolocation').map(([zip]) => zip);
    expect(rowsOf('customers').some((row) => !zips.includes(String(row[2])))).toBe(true);
    expect(
      Math.max(...new Map(zips.map((zip) => [zip, zips.filter((other) => other === zip).length])).values()),
    ).toBeGreaterThan(50);
  });

  it('refuses sizes that make no sense, all at once', () => {
    expect(() => generateOlist(0, -1)).toThrow(InvalidInput);
    expect(() => generateOlist(1.5, -1)).toThrow(/orders is 1.5.*\n.*seed is -1/);
  });
});
