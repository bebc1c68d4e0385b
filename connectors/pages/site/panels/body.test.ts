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
const drawn = (kind: 'line' | 'bars', measure: string) =>
  text(Body({ panel: { kind, title: 'T', data: 'sales', by: 'month', measure }, data, set, looking }));
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

  it('does not draw what has no time as if it came after all', () => {
    const [, path = ''] = /class="line" d="([^"]*)"/.exec(drawn('line', 'orders')) ?? [];
    expect(path.split('L')).toHaveLength(4);
  });
});
