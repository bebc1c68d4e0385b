import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

describe('Random', () => {
  it('gives the same numbers on every machine', () => {
    const random = new Random(1, 'test', 7);
    expect([random.id(), random.int(1000), random.between(5, 9), random.chance(500)]).toMatchInlineSnapshot(`
      [
        "a8bd8e3600da009f6d0a3d22e7ec71cf",
        606,
        7,
        false,
      ]
    `);
  });

  it('gives every seed, stream and index a sequence of its own', () => {
    const firsts = [
      new Random(1, 'a', 0),
      new Random(2, 'a', 0),
      new Random(1, 'b', 0),
      new Random(1, 'a', 1),
      new Random(2 ** 40 + 1, 'a', 0),
    ].map((random) => random.id());
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('keeps to its bounds and weights', () => {
    const random = new Random(1, 'bounds', 0);
    const drawn = Array.from({ length: 10_000 }, () => random.between(3, 6));
    expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([3, 6]);
    const heavy = Array.from({ length: 10_000 }, () =>
      random.weighted([
        ['a', 9],
        ['b', 1],
      ] as const),
    );
    expect(heavy.filter((value) => value === 'a').length / 10_000).toBeCloseTo(0.9, 1);
  });
});
