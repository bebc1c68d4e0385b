import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toInstant } from './interval.ts';
import { dayBeginningAt, dayBound, localBound } from './local-time.ts';
import { zoneNamed } from './zone.ts';

const ZONES = [
  'UTC',
  'Europe/Rome',
  'America/New_York',
  'America/Santiago',
  'America/Havana',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Atlantic/Azores',
  'Pacific/Apia',
  'Africa/Cairo',
] as const;
const zone = fc.constantFrom(...ZONES);
const minute = fc
  .integer({ min: Date.UTC(2009, 0, 1) / 60_000, max: Date.UTC(2026, 11, 31) / 60_000 })
  .map((at) => at * 60_000);
const wall = (at: number, name: string) => {
  const offset = zoneNamed(name).spans(at, at + 1)[0]?.offset ?? NaN;
  return new Date(at + offset).toISOString().slice(0, 19).replace('T', ' ');
};
const instant = (at: number) => toInstant(new Date(at));

describe('where an instant cuts local times', () => {
  it.each([
    ['the hour that comes twice begins', '2018-10-28T00:00:00Z', '2018-10-28 02:00:00'],
    ['it is in the middle for the first time', '2018-10-28T00:30:00Z', '2018-10-28 02:00:00'],
    ['it begins again', '2018-10-28T01:00:00Z', '2018-10-28 02:00:00'],
    ['it is in the middle again', '2018-10-28T01:30:00Z', '2018-10-28 02:30:00'],
    ['it is over', '2018-10-28T02:00:00Z', '2018-10-28 03:00:00'],
    ['an hour is skipped', '2018-03-25T01:00:00Z', '2018-03-25 03:00:00'],
  ])('in Rome, when %s', (_, at, expected) => {
    expect(localBound(at, 'Europe/Rome')).toBe(expected);
  });

  it('never falls, and what is written later never lies before it, in any zone', () => {
    fc.assert(
      fc.property(zone, minute, fc.nat(3 * 24 * 60), (name, at, later) => {
        const bound = localBound(instant(at), name);
        expect(localBound(instant(at + later * 60_000), name) >= bound).toBe(true);
        expect(wall(at + later * 60_000, name) >= bound).toBe(true);
      }),
      { numRuns: 2000, seed: 20181028 },
    );
  });

  it('has every local time in exactly one of adjoining intervals, whatever their bounds', () => {
    const cuts = fc.uniqueArray(fc.nat(200), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(zone, minute, cuts, fc.nat(200), (name, from, hours, sample) => {
        const bounds = [...hours]
          .sort((a, b) => a - b)
          .map((hour) => localBound(instant(from + hour * 1_800_000), name));
        const row = wall(from + sample * 1_800_000, name);
        const holding = bounds
          .slice(0, -1)
          .filter((start, index) => start <= row && row < (bounds[index + 1] ?? ''));
        const inside = (bounds[0] ?? '') <= row && row < (bounds.at(-1) ?? '');
        expect(holding).toHaveLength(inside ? 1 : 0);
      }),
      { numRuns: 500, seed: 20180325 },
    );
  });
});

describe('the day that begins with an instant', () => {
  it.each([
    ['UTC', '2018-08-01T00:00:00Z', '2018-08-01'],
    ['UTC', '2018-08-01T12:00:00Z', undefined],
    ['America/New_York', '2018-08-01T04:00:00Z', '2018-08-01'],
    ['America/New_York', '2018-08-01T00:00:00Z', undefined],
    ['America/Santiago', '2026-09-06T04:00:00Z', '2026-09-06'], // its midnight is skipped
    ['America/Havana', '2018-11-04T04:00:00Z', '2018-11-04'], // the first of its two midnights
    ['America/Havana', '2018-11-04T05:00:00Z', undefined],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '2011-12-31'], // the 30th was skipped
  ])('in %s at %s', (name, at, day) => {
    expect(dayBeginningAt(at, name)).toBe(day);
    expect(dayBound(at, name) >= (day ?? '')).toBe(true);
  });
});
