import { describe, expect, it } from 'vitest';
import { qualifiedName } from '../qualified-name.ts';
import { duckdbLiteral, identifier, literal } from './sql.ts';

describe('names and literals', () => {
  it.each([
    ['orders', 'public', 'orders'],
    ['Sales.Orders', 'Sales', 'Orders'],
    ['"a.b"."c ""d"" e"', 'a.b', 'c "d" e'],
    ['sales."a.b"', 'sales', 'a.b'],
    ['"a.b"', 'public', 'a.b'],
    ['with space', 'public', 'with space'],
  ])('reads %s', (from, schema, table) => {
    expect(qualifiedName(from, 'public')).toEqual({ schema, table });
  });

  it('quotes whatever a name or a text holds', () => {
    expect(identifier('a"b')).toBe('"a""b"');
    expect(literal(`it's`)).toBe(`'it''s'`);
    expect(literal('a\\b')).toBe(`E'a\\\\b'`);
    expect(duckdbLiteral(`a\\b'`)).toBe(`'a\\b'''`);
  });
});
