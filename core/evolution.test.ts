import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonType, compareSchemas } from './evolution.ts';
import type { ColumnType, TableSchema } from './schema.ts';

const types: ColumnType[] = [
  'boolean',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'string',
  'string(10)',
  'string(20)',
  'binary',
  'date',
  'timestamp',
  'timestamptz',
  'json',
  'uuid',
  'decimal(10,2)',
  'decimal(12,4)',
  'decimal(38,0)',
  'decimal(38,38)',
];
const anyType = fc.constantFrom(...types);
const schema = (...columns: [string, ColumnType][]): TableSchema => ({
  columns: columns.map(([name, type]) => ({ name, type, nullable: true })),
});

describe('the common type', () => {
  it('is the same in both directions', () => {
    fc.assert(
      fc.property(anyType, anyType, (a, b) => {
        expect(commonType(a, b)).toBe(commonType(b, a));
      }),
    );
  });

  it('is the type itself for two equal ones', () => {
    fc.assert(
      fc.property(anyType, (a) => {
        expect(commonType(a, a)).toBe(a);
      }),
    );
  });

  it('holds both: widening again changes nothing', () => {
    fc.assert(
      fc.property(anyType, anyType, (a, b) => {
        const common = commonType(a, b);
        if (common) expect([commonType(common, a), commonType(common, b)]).toEqual([common, common]);
      }),
    );
  });

  it.each([
    ['int16', 'int64', 'int64'],
    ['int32', 'float64', 'float64'],
    ['int64', 'float64', undefined],
    ['int32', 'float32', undefined],
    ['decimal(10,2)', 'decimal(12,4)', 'decimal(12,4)'],
    ['decimal(10,2)', 'int32', 'decimal(12,2)'],
    ['decimal(38,0)', 'decimal(38,38)', undefined],
    ['string(10)', 'string', 'string'],
    ['timestamp', 'timestamptz', undefined],
    ['date', 'timestamp', undefined],
    ['string', 'int32', undefined],
  ] as const)('of %s and %s is %s', (a, b, expected) => {
    expect(commonType(a, b)).toBe(expected);
  });
});

describe('comparing schemas', () => {
  it('tells added, removed, widened and conflicting columns apart', () => {
    const target = schema(['id', 'int32'], ['gone', 'date'], ['price', 'decimal(10,2)'], ['at', 'timestamp']);
    const incoming = schema(
      ['id', 'int64'],
      ['price', 'decimal(8,2)'],
      ['at', 'timestamptz'],
      ['new', 'string'],
    );
    const change = compareSchemas(target, incoming);
    expect(change.added.map((column) => column.name)).toEqual(['new']);
    expect(change.removed.map((column) => column.name)).toEqual(['gone']);
    expect(change.widened).toEqual([{ name: 'id', from: 'int32', to: 'int64' }]);
    expect(change.conflicts).toEqual([{ name: 'at', from: 'timestamp', to: 'timestamptz' }]);
  });
});
