import { expect, it } from 'vitest';
import type { ColumnType } from '../../core/schema.ts';
import { acceptedTypes, canonicalType, duckDbType } from './types.ts';

it('every type is found again in the catalog, texts as text', () => {
  const types: ColumnType[] = ['boolean', 'int16', 'int32', 'int64', 'float32', 'float64', 'binary', 'date'];
  types.push('timestamp', 'timestamptz', 'decimal(38,10)');
  for (const type of types) expect(canonicalType(duckDbType(type))).toBe(type);
  for (const type of ['string', 'string(5)', 'json', 'uuid'] as const) {
    expect(canonicalType(duckDbType(type))).toBe('string');
    expect(acceptedTypes(type)).toContain('VARCHAR');
  }
  expect(canonicalType('INTEGER[]')).toBeUndefined();
});
