import fc from 'fast-check';
import type { Change, Logged } from './oracle.ts';

/** Changes of few keys at few moments, so that they meet; in the order of their places. */
export const polled = (keys: number, least = 1, most = 12): fc.Arbitrary<readonly Change[]> =>
  fc
    .array(
      fc.record({
        key: fc.integer({ min: 1, max: keys }),
        at: fc.integer({ min: 0, max: 12 }),
        a: fc.integer({ min: 1, max: 2 }),
        b: fc.constantFrom('x', '', null),
        deleted: fc.boolean(),
      }),
      { minLength: least, maxLength: most, size: 'max' },
    )
    .map((changes) => changes.map((change, place) => ({ ...change, place })));

/** A log in which a key is inserted, updated, deleted and inserted again, by a clock that may go back. */
export const logged = (keys: number, least = 1, most = 14): fc.Arbitrary<readonly Logged[]> =>
  fc
    .array(
      fc.record({
        key: fc.integer({ min: 1, max: keys }),
        tick: fc.integer({ min: -1, max: 2 }),
        a: fc.integer({ min: 1, max: 2 }),
        b: fc.constantFrom('x', '', null),
        kind: fc.constantFrom(
          'write' as const,
          'write' as const,
          'write' as const,
          'keep' as const,
          'delete' as const,
        ),
        truncates: fc.integer({ min: 0, max: least + 10 }).map((draw) => draw === 0),
      }),
      { minLength: least, maxLength: most, size: 'max' },
    )
    .map((steps) => {
      const there = new Set<number>();
      let clock = 0;
      return steps.map(({ key, tick, a, b, kind, truncates }, place): Logged => {
        clock = Math.min(12, Math.max(0, clock + tick));
        const isThere = there.has(key);
        const op = truncates ? 'T' : isThere ? (kind === 'delete' ? 'D' : 'U') : 'I';
        if (op === 'T') there.clear();
        else if (op === 'D') there.delete(key);
        else there.add(key);
        return { key, op, clock, place, a, b, unsent: op === 'U' && kind === 'keep' };
      });
    });

export const shuffled = <T>(values: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...values], { minLength: values.length });
