import { describe, expect, it } from 'vitest';
import { periodsBetween } from './periods.ts';

describe('the periods between two', () => {
  it('are all of them, over the ends of months and years', () => {
    expect(periodsBetween('2016-10', '2017-02', 'month')).toEqual([
      '2016-10',
      '2016-11',
      '2016-12',
      '2017-01',
      '2017-02',
    ]);
    expect(periodsBetween('2016-Q3', '2017-Q1', 'quarter')).toEqual(['2016-Q3', '2016-Q4', '2017-Q1']);
    expect(periodsBetween('2024-02-28', '2024-03-01', 'day')).toEqual([
      '2024-02-28',
      '2024-02-29',
      '2024-03-01',
    ]);
    expect(periodsBetween('0999', '1001', 'year')).toEqual(['0999', '1000', '1001']);
    expect(periodsBetween('2024-01', '2024-01', 'month')).toEqual(['2024-01']);
  });

  it('are not told where they are too many, or what is given is no date', () => {
    expect(periodsBetween('0001-01-01', '9999-12-31', 'day')).toBeUndefined();
    expect(periodsBetween('2024', '2024-02', 'month')).toBeUndefined();
    expect(periodsBetween('', '2024-02-01', 'day')).toBeUndefined();
  });
});
