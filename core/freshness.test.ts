import { describe, expect, it } from 'vitest';
import { freshness } from './freshness.ts';
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
  ])('of a success at %s is %s', (at, state) => {
    expect(freshness(pipeline, new Date(at), now)?.state).toBe(state);
  });

  it('is never where nothing has succeeded, and nothing where the pipeline sets no limits', () => {
    expect(freshness(pipeline, undefined, now)).toEqual({ state: 'never', ageMs: null });
    expect(freshness({ ...pipeline, freshness: undefined }, undefined, now)).toBeUndefined();
  });
});
