import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvParts, jsonParts } from './row-text.ts';

const value = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }).map((text) => text.repeat(200_000)),
  fc.constantFrom(null, true, -1.5, 0, [1, 'a"b'], { k: ['\n'] }),
);
const batch = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 3 }))
  .chain(([size, names]) =>
    fc.record({
      names: fc.constant(names),
      values: fc.tuple(...names.map(() => fc.array(value, { minLength: size, maxLength: size }))),
    }),
  )
  .map(({ names, values }) => ({ columns: names.map((name) => ({ name, type: '' })), values, rows: [] }));

describe('rows in parts', () => {
  it('are JSON that reads back as they are, however wide, with none wider than it must be', () => {
    fc.assert(
      fc.property(batch, ({ columns, values, rows }) => {
        const parts = [...jsonParts({ columns, values, rows }, '[\n')];
        const expected = (values[0] ?? []).map((_, row) =>
          columns.map(({ name }, at) => [name, values[at]?.[row]]),
        );
        const found = JSON.parse(`${parts.join('')}]`) as Record<string, unknown>[];
        expect(found.map((row) => columns.map(({ name }) => [name, row[name]]))).toEqual(expected);
        for (const part of parts) expect(part.length).toBeLessThan(2_000_000);
      }),
      { numRuns: 40 },
    );
  });

  it('are CSV that reads back as texts, however wide', () => {
    const wide = '"漢😀,\n'.repeat(100_000);
    const lines = [
      ...csvParts({
        values: [
          ['a', wide],
          ['', null],
        ],
      }),
    ].join('');
    expect(parse(lines)).toEqual([
      ['a', ''],
      [wide, ''],
    ]);
    expect(lines.endsWith(',\n')).toBe(true);
  });
});
