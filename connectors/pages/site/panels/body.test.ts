import { describe, expect, it } from 'vitest';
import { toDataset } from '../../../../core/dashboards/dataset.ts';
import type { DataDefinition } from '../../../../core/dashboards/definition.ts';
import { Body } from './body.tsx';

const data: DataDefinition = {
  mart: 'sales',
  dimensions: { month: { column: 'at', by: 'month' } },
  measures: { orders: { count: true }, days: { mean: 'days' } },
};
const set = toDataset(data, {
  columns: [],
  rows: [
    { month: '2016-10-01', orders: '3', days_sum: '6', days_count: '3' },
    { month: '2017-01-01', orders: '4', days_sum: '4', days_count: '4' },
    { month: null, orders: '9', days_sum: '9', days_count: '9' },
  ],
});
const looking = { chosen: {}, table: { page: 0 }, filters: [], root: '' };
const text = (page: unknown) => String(page);
const drawn = (kind: 'line' | 'bars', measure: string, chosen: (string | null)[] = [], of = set) =>
  text(
    Body({
      panel: { kind, title: 'T', data: 'sales', by: 'month', measure },
      data,
      set: of,
      looking: { ...looking, chosen: { month: chosen } },
    }),
  );
const titles = (html: string) => [...html.matchAll(/<title>(.*?)<\/title>/g)].map(([, text]) => text);

describe('a panel over time', () => {
  it('shows that there was nothing in periods without rows, instead of drawing their neighbours together', () => {
    const months = ['2016-10: 3', '2016-11: 0', '2016-12: 0', '2017-01: 4', '(none): 9'];
    expect(titles(drawn('line', 'orders'))).toEqual(months);
    expect(titles(drawn('bars', 'orders'))).toEqual(months);
  });

  it('has no mean of what is not there, but leaves its place free', () => {
    const html = drawn('line', 'days');
    expect(titles(html)).toEqual(['2016-10: 2.0', '2017-01: 1.0', '(none): 1.0']);
    const [first, second, none] = [...html.matchAll(/cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    expect(((second ?? 0) - (first ?? 0)) / ((none ?? 0) - (second ?? 0))).toBeCloseTo(3, 1);
  });

  it('has no place for periods that somebody filtered out; a chosen one without rows is nothing', () => {
    for (const kind of ['line', 'bars'] as const) {
      expect(titles(drawn(kind, 'orders', ['2016-10', '2017-01']))).toEqual(['2016-10: 3', '2017-01: 4']);
      const three = ['2016-10', '2016-12', '2017-01', null];
      expect(titles(drawn(kind, 'orders', three))).toEqual([
        '2016-10: 3',
        '2016-12: 0',
        '2017-01: 4',
        '(none): 9',
      ]);
    }
  });

  it('has no column for a period without a mean, nor thousands for one date that is a mistake', () => {
    expect(titles(drawn('bars', 'days'))).toEqual(['2016-10: 2.0', '2017-01: 1.0', '(none): 1.0']);
    const rows = ['0970-01-01', '2017-01-01'].map((month) => ({
      month,
      orders: '1',
      days_sum: '1',
      days_count: '1',
    }));
    const far = toDataset(data, { columns: [], rows });
    expect(titles(drawn('bars', 'orders', [], far))).toEqual(['0970-01: 1', '2017-01: 1']);
  });

  it('tells what has no time also behind so many periods that they have no dots, and no place in the table', () => {
    const rows = [...Array.from({ length: 250 }, (_, n) => `${1900 + n}-01-01`), null].map((month) => ({
      month,
      orders: month === null ? '7777' : '1',
      days_sum: '1',
      days_count: '1',
    }));
    const html = drawn('line', 'orders', [], toDataset(data, { columns: [], rows }));
    expect(titles(html)).toEqual(['(none): 7,777']);
    expect(html).toMatch(/\(none\)<\/bdi><\/th><td class="n">7,777/);
  });

  it('does not draw what has no time as if it came after all', () => {
    const [, path = ''] = /class="line" d="([^"]*)"/.exec(drawn('line', 'orders')) ?? [];
    expect(path.split('L')).toHaveLength(4);
  });
});
