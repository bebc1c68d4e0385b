import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { Lines } from './lines.ts';

const given = (...pieces: readonly string[]): string[] => {
  const lines: string[] = [];
  const reader = new Lines((line) => lines.push(line));
  for (const piece of pieces) reader.take(piece);
  reader.end();
  return lines;
};

describe('lines', () => {
  it('are the same however the text comes in pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '\n', '\r\n', 'é') })), (pieces) => {
        expect(given(...pieces)).toEqual(given(pieces.join('')));
      }),
    );
    expect(given('a\nb\r\n\nc')).toEqual(['a', 'b', '', 'c']);
  });

  it('are cut where they have no end, and the next one is whole', () => {
    const piece = 'x'.repeat(700_000);
    const lines = given(...Array.from({ length: 2_000 }, () => piece), '\nnext\n');
    expect(lines.map((line) => line.length)).toEqual([1_000_002, 4]);
  });
});
