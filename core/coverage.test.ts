import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overlap, touching, without } from './coverage.ts';
import { toInstant, type DataInterval } from './interval.ts';

const HOUR = 3_600_000;
const hour = (n: number) => toInstant(new Date(n * HOUR));
const span = fc
  .tuple(fc.nat(40), fc.integer({ min: 1, max: 12 }))
  .map(([from, hours]): DataInterval => ({ start: hour(from), end: hour(from + hours) }));
const spans = fc.array(span, { maxLength: 8 });
const holds = (all: readonly DataInterval[], at: number) =>
  all.some(({ start, end }) => start <= hour(at) && hour(at) < end);
const HOURS = Array.from({ length: 60 }, (_, at) => at);

describe('what is left without what was taken', () => {
  it('holds every hour that is in the one and not in the other, in pieces that do not meet', () => {
    fc.assert(
      fc.property(spans, spans, (all, taken) => {
        const left = without(all, taken);
        for (const at of HOURS) expect(holds(left, at)).toBe(holds(all, at) && !holds(taken, at));
        for (const [index, piece] of left.entries()) {
          expect(piece.start < piece.end).toBe(true);
          const before = left[index - 1];
          if (before) expect(before.end < piece.start).toBe(true);
        }
      }),
    );
  });
});

describe('intervals that touch a stretch', () => {
  it('are those that share a moment with one, as if each were held against each', () => {
    fc.assert(
      fc.property(spans, spans, (some, others) => {
        const intervals = without(some, []);
        const stretches = without(others, []);
        expect(touching(intervals, stretches)).toEqual(
          intervals.filter((each) => stretches.some((stretch) => overlap(stretch, each))),
        );
      }),
    );
  });
});
