import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataUpTo, freshness, watch } from './freshness.ts';
import { resolvePipeline } from './resolve.ts';

const pipeline = resolvePipeline({
  name: 'shop',
  description: 'a shop',
  schedule: { every: '1 hour' },
  start: '2020-01-01',
  source: 'shop',
  tables: { all: { domain: 'sales', extract: { mode: 'snapshot' } } },
  freshness: { warnAfter: '2 hours', errorAfter: '1 day' },
});
const now = new Date('2020-02-01T12:00:00Z');

describe('freshness', () => {
  it.each([
    ['2020-02-01T11:00:00Z', 'fresh'],
    ['2020-02-01T10:00:00Z', 'fresh'],
    ['2020-02-01T09:59:59Z', 'warn'],
    ['2020-01-31T11:59:59Z', 'error'],
  ])('of data up to %s is %s', (at, state) => {
    expect(freshness(pipeline, at, now)?.state).toBe(state);
  });

  it('is never where nothing was loaded, and nothing where the pipeline sets no limits', () => {
    expect(freshness(pipeline, undefined, now)).toEqual({ state: 'never', ageMs: null });
    expect(freshness({ ...pipeline, freshness: undefined }, undefined, now)).toBeUndefined();
  });
});

describe('how far a pipeline is loaded', () => {
  const two = resolvePipeline({
    ...pipeline,
    tasks: {},
    tables: {
      orders: { domain: 'sales', extract: { mode: 'interval', cursor: 'at' }, primaryKey: ['id'] },
      prices: { domain: 'sales', extract: { mode: 'snapshot' } },
    },
  });
  const upTo = (ends: Record<string, string>) =>
    dataUpTo({ doneUpTo: () => Promise.resolve(undefined), loadedUpTo: () => Promise.resolve(ends) }, two);

  it('is as far as the table that is furthest behind, and nowhere while one was never loaded', async () => {
    const [old, late] = ['2016-01-02T00:00:00Z', '2020-02-01T00:00:00Z'];
    expect(await upTo({ orders: late, prices: old })).toBe(old);
    expect(await upTo({ orders: late, prices: late })).toBe(late);
    expect(await upTo({ orders: late })).toBeUndefined();
  });
});

describe('watch', () => {
  const HOUR = 3_600_000;
  const loaded = '2020-02-01T00:00:00Z';
  const success = new Date(loaded);
  /** The look `hours` after the success, a quarter of an hour after the look before. */
  const look = (hours: number) => {
    const upTo = new Date(success.getTime() + hours * HOUR);
    return watch(pipeline, loaded, { after: new Date(upTo.getTime() - HOUR / 4), upTo });
  };
  const warning = { severity: 'warning', limit: '2 hours' };
  const error = { severity: 'error', limit: '1 day' };

  it.each([
    ['before a limit', 2, { breached: false, isFresh: true }],
    ['just past the first', 2.1, { breached: false, isFresh: false, crossed: warning }],
    ['later', 2.5, { breached: false, isFresh: false }],
    ['just past the second', 24.1, { breached: true, isFresh: false, crossed: error }],
    ['long past it', 1000, { breached: true, isFresh: false }],
  ])('finds %s (%d hours) %j', (_when, hours, found) => {
    expect(look(hours)).toEqual(found);
  });

  it('finds the graver limit alone where both were crossed since the last look', () => {
    const span = { after: success, upTo: new Date(success.getTime() + 30 * HOUR) };
    expect(watch(pipeline, loaded, span)).toMatchObject({ breached: true, crossed: error });
  });

  it('counts from the start of a pipeline that was never loaded', () => {
    const start = new Date('2020-01-01T00:00:00Z');
    const at = (hours: number) => new Date(start.getTime() + hours * HOUR);
    expect(watch(pipeline, undefined, { after: at(-1), upTo: at(1) })).toMatchObject({ breached: false });
    expect(watch(pipeline, undefined, { after: at(23), upTo: at(25) })).toMatchObject({
      breached: true,
      crossed: error,
    });
    expect(watch(pipeline, undefined, { after: at(25), upTo: at(26) })).toMatchObject({ breached: true });
  });

  it('agrees with the state that people are shown', () => {
    fc.assert(
      fc.property(fc.nat(100 * 60), (minutes) => {
        const upTo = new Date(success.getTime() + minutes * 60_000);
        const shown = freshness(pipeline, loaded, upTo)?.state;
        expect(watch(pipeline, loaded, { after: success, upTo })?.breached).toBe(shown === 'error');
      }),
    );
  });

  it('finds each crossing once, however far apart the looks are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 * 60 }), { minLength: 1, maxLength: 50 }),
        (pauses) => {
          let after = success;
          const crossings = pauses.flatMap((minutes) => {
            const upTo = new Date(after.getTime() + minutes * 60_000);
            const { crossed } = watch(pipeline, loaded, { after, upTo }) ?? {};
            after = upTo;
            return crossed ? [crossed.severity] : [];
          });
          const state = freshness(pipeline, loaded, after)?.state;
          const possible = {
            fresh: [[]],
            warn: [['warning']],
            error: [['error'], ['warning', 'error']],
            never: [],
          };
          expect(possible[state ?? 'never']).toContainEqual(crossings);
        },
      ),
    );
  });

  it('finds nothing where the pipeline sets no limits', () => {
    expect(
      watch({ ...pipeline, freshness: undefined }, loaded, { after: success, upTo: now }),
    ).toBeUndefined();
  });
});
