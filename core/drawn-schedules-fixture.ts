import fc from 'fast-check';
import type { DurationText } from './duration.ts';
import { zoneNamed, type ClockChange } from './zone.ts';

/** A zone, and one of the moments at which its clocks were or will be set. */
export interface ZoneAndChange {
  readonly timezone: string;
  readonly change: ClockChange;
}

const HALF_YEAR_MS = 183 * 86_400_000;

/** Of every zone, in any year in which it sets its clocks; since 1975 offsets are whole minutes everywhere. */
export const zoneAndChange: fc.Arbitrary<ZoneAndChange> = fc
  .record({
    timezone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
    year: fc.integer({ min: 1975, max: 2040 }),
  })
  .map(({ timezone, year }) => {
    const middle = Date.UTC(year, 6, 1);
    return {
      timezone,
      changes: zoneNamed(timezone).changes(middle - HALF_YEAR_MS, middle + HALF_YEAR_MS),
    };
  })
  .filter(({ changes }) => changes.length > 0)
  .chain(({ timezone, changes }) => fc.constantFrom(...changes).map((change) => ({ timezone, change })));

const field = (min: number, max: number, ...more: string[]) => {
  const value = fc.integer({ min, max });
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant('*') },
    { weight: 3, arbitrary: value.map(String) },
    { weight: 1, arbitrary: fc.uniqueArray(value, { minLength: 2, maxLength: 3 }).map((all) => all.join()) },
    { weight: 1, arbitrary: fc.integer({ min: 2, max: 7 }).map((step) => `*/${step}`) },
    ...(more.length ? [{ weight: 2, arbitrary: fc.constantFrom(...more) }] : []),
  );
};

/** Hours are drawn around midnight and the small hours, where clocks are set. */
export const cron: fc.Arbitrary<string> = fc
  .tuple(
    field(0, 59, '0', '30'),
    field(0, 4, '0', '1', '2', '23', '0-23', '22-23'),
    fc.oneof({ weight: 4, arbitrary: fc.constant('*') }, field(1, 28, '1', '13', '31')),
    fc.oneof({ weight: 6, arbitrary: fc.constant('*') }, field(1, 12, 'MAR', 'OCT-DEC')),
    fc.oneof({ weight: 4, arbitrary: fc.constant('*') }, field(1, 7, '0', 'MON-FRI', 'SUN')),
  )
  .map((fields) => fields.join(' '))
  .filter((text) => !/ 31 [*\dA-Z]/.test(text) || text.split(' ')[3] === '*');

export const delay: fc.Arbitrary<DurationText | undefined> = fc.constantFrom(
  undefined,
  ...([
    '17 seconds',
    '90 minutes',
    '2 hours',
    '3 hours',
    '30 hours',
    '5 days',
    '40 days',
    '500 days',
  ] as const),
);
