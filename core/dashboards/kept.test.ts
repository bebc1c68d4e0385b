import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outdated } from './kept.ts';

const kept = { every: '2 days', daily: '10 days' } as const;
const hour = (n: number) => ({
  upTo: `${new Date(Date.UTC(2024, 0, 1) + n * 3_600_000).toISOString().slice(0, 19)}Z`,
});

describe('publications that go', () => {
  it('are those of hours after two days, and of days after ten', () => {
    const all = Array.from({ length: 24 * 30 }, (_, n) => hour(n + 1));
    const gone = new Set(outdated(all, kept));
    const left = all.filter((each) => !gone.has(each)).map(({ upTo }) => upTo);
    // The end of the thirtieth day is the newest; two days of hours before it, eight days of one each before those.
    expect(left.at(-1)).toBe('2024-01-31T00:00:00Z');
    expect(left.filter((each) => each >= '2024-01-29T00:00:00Z')).toHaveLength(49);
    expect(left.filter((each) => each < '2024-01-29T00:00:00Z')).toEqual(
      Array.from({ length: 8 }, (_, n) => `2024-01-${String(21 + n).padStart(2, '0')}T23:00:00Z`),
    );
  });

  it('are bounded, whatever there is; the newest stays, and going twice takes nothing more', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 300 }), (hours) => {
        const all = hours.map(hour);
        const gone = new Set(outdated(all, kept));
        const left = all.filter((each) => !gone.has(each));
        const newest = all
          .map(({ upTo }) => upTo)
          .sort()
          .at(-1);
        expect(left.some(({ upTo }) => upTo === newest)).toBe(all.length > 0);
        expect(outdated(left, kept)).toEqual([]);
        const moments = new Set(left.map(({ upTo }) => upTo));
        expect(moments.size).toBeLessThanOrEqual(49 + 9);
        // Every day of the last ten that had one has one.
        const end = newest === undefined ? 0 : Date.parse(newest) - 10 * 86_400_000;
        for (const { upTo } of all)
          if (Date.parse(upTo) >= end)
            expect(left.some((each) => each.upTo.slice(0, 10) === upTo.slice(0, 10))).toBe(true);
      }),
    );
  });
});
