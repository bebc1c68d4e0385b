import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cadence, delayedCron, parseInterval, type Schedule } from './cadence.ts';
import { toInstant } from './interval.ts';

const schedules: Schedule[] = [
  { cron: '0 0 * * *', timezone: 'UTC' },
  { cron: '0 0 * * *', timezone: 'America/Sao_Paulo', delay: '2 hours' },
  { cron: '30 1 * * *', timezone: 'America/New_York' },
  { cron: '30 2 * * *', timezone: 'Europe/Berlin' },
  { cron: '0 * * * *', timezone: 'Australia/Lord_Howe', delay: '10 minutes' },
  { cron: '0 0 1 * *', timezone: 'Europe/Lisbon' },
  { cron: '0 6 * * 1', timezone: 'UTC' },
  { cron: '0 0 31 * *', timezone: 'UTC' },
  { every: '1 hour' },
  { every: '7 hours', delay: '5 minutes' },
];

const instants = fc
  .date({ min: new Date('2015-01-01'), max: new Date('2026-01-01'), noInvalidDate: true })
  .map(toInstant);

describe.each(schedules)('the cadence of %j', (schedule) => {
  const cadence = new Cadence(schedule);

  it('puts every instant into exactly one interval', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const floor = cadence.floor(instant);
        const { start, end } = cadence.intervalFrom(floor);
        expect(start <= instant && instant < end).toBe(true);
        expect(cadence.isTick(start)).toBe(true);
        expect(cadence.isTick(end)).toBe(true);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  it('leaves neither gap nor overlap between neighbours', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const first = cadence.intervalFrom(cadence.floor(instant));
        const second = cadence.intervalFrom(first.end);
        const [one, two, ...rest] = cadence.intervalsWithin({ start: first.start, end: second.end });
        expect([one, two]).toEqual([first, second]);
        expect(rest).toEqual([]);
      }),
      { numRuns: 40, seed: 2 },
    );
  });

  it('gives a run started at the nominal time of an interval that very interval', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const interval = cadence.intervalFrom(cadence.floor(instant));
        expect(cadence.intervalEndedAt(cadence.nominalTime(interval))).toEqual(interval);
      }),
      { numRuns: 60, seed: 3 },
    );
  });
});

describe('daylight saving', () => {
  it('makes the day on which the clock goes forward 23 hours long, the other one 25', () => {
    const berlin = new Cadence({ cron: '0 0 * * *', timezone: 'Europe/Berlin' });
    expect(berlin.intervalFrom('2024-03-30T23:00:00Z').end).toBe('2024-03-31T22:00:00Z');
    expect(berlin.intervalFrom('2024-10-26T22:00:00Z').end).toBe('2024-10-27T23:00:00Z');
  });

  it('skips a time that does not exist, as Temporal does', () => {
    const saoPaulo = new Cadence({ cron: '0 0 * * *', timezone: 'America/Sao_Paulo' });
    expect(saoPaulo.next('2018-11-03T03:00:00Z')).toBe('2018-11-05T02:00:00Z');
  });

  it('ticks once at a time that exists twice', () => {
    const newYork = new Cadence({ cron: '30 1 * * *', timezone: 'America/New_York' });
    expect(newYork.next('2018-11-03T05:30:00Z')).toBe('2018-11-04T05:30:00Z');
    expect(newYork.next('2018-11-04T05:30:00Z')).toBe('2018-11-05T06:30:00Z');
  });
});

describe('an interval that somebody types', () => {
  const daily = new Cadence({ cron: '0 0 * * *', timezone: 'UTC' });

  it('is the one that starts there, or a span of whole ones', () => {
    expect(parseInterval('2018-08-01', daily)).toEqual({
      start: '2018-08-01T00:00:00Z',
      end: '2018-08-02T00:00:00Z',
    });
    expect(parseInterval('2018-08-01/2018-09-01', daily).end).toBe('2018-09-01T00:00:00Z');
  });

  it.each([
    ['2018-08-02/2018-08-01', 'ends before'],
    ['2018-08-01/2018-08-01', 'ends before'],
    ['2018-08-01T02:00:00Z', 'nearest bounds are 2018-08-01T00:00:00Z and 2018-08-02T00:00:00Z'],
    ['2018-02-30', 'not a UTC date'],
    ['yesterday', 'not a UTC date'],
    ['2018-08-01/2018-08-02/2018-08-03', 'START or START/END'],
  ])('is refused as %s', (text, message) => {
    expect(() => parseInterval(text, daily)).toThrow(message);
  });
});

describe('a delayed cron', () => {
  it.each([
    ['0 0 * * *', '2 hours', '0 2 * * *'],
    ['15 23 * * 1', '30 minutes', '45 23 * * 1'],
    ['0 * * * *', '10 minutes', '10 * * * *'],
    ['0 23 * * *', '2 hours', undefined],
    ['30 * * * *', '45 minutes', undefined],
    ['*/5 * * * *', '1 minute', undefined],
  ] as const)('%s by %s is %s', (cron, delay, expected) => {
    expect(delayedCron(cron, delay)).toBe(expected);
  });
});
