import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cadence, parseInterval } from './cadence.ts';
import { parseCron } from './cron.ts';
import { cron, delay, zoneAndChange } from './drawn-schedules-fixture.ts';
import { intervalText, millisecondsOf, toInstant, type Instant } from './interval.ts';
import type { Schedule } from './schedule.ts';
import { isWake, wakesOf } from './wakes.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** A schedule, and a moment close to one at which its clocks are set. */
const drawn = fc
  .record({ place: zoneAndChange, cron, delay, away: fc.integer({ min: -2 * DAY, max: 2 * DAY }) })
  .map(({ place: { timezone, change }, away, ...rest }) => ({
    schedule: { timezone, ...rest } satisfies Schedule,
    change,
    instant: toInstant(new Date(change.at + away)),
  }));
const every = fc.record({
  schedule: fc.record({
    every: fc.constantFrom('1 second', '15 minutes', '7 hours', '1 day', '2 weeks'),
    delay,
  }),
  instant: fc
    .date({ min: new Date('1960-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    .map(toInstant),
});

describe('the cadence of any schedule, about the time at which its clocks are set', () => {
  const any = fc.oneof({ weight: 4, arbitrary: drawn }, { weight: 1, arbitrary: every });

  it('puts every instant into exactly one interval', () => {
    fc.assert(
      fc.property(any, ({ schedule, instant }) => {
        const cadence = new Cadence(schedule);
        const { start, end } = cadence.intervalFrom(cadence.floor(instant));
        expect(start <= instant && instant < end).toBe(true);
        expect([cadence.isTick(start), cadence.isTick(end)]).toEqual([true, true]);
        expect(cadence.floor(toInstant(new Date(millisecondsOf(end) - 1000)))).toBe(start);
      }),
      { numRuns: 150, seed: 1 },
    );
  });

  it('leaves neither gap nor overlap between neighbours', () => {
    fc.assert(
      fc.property(any, ({ schedule, instant }) => {
        const cadence = new Cadence(schedule);
        const first = cadence.intervalFrom(cadence.floor(instant));
        const second = cadence.intervalFrom(first.end);
        expect(cadence.intervalsWithin({ start: first.start, end: second.end })).toEqual([first, second]);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  it('makes every interval due once, its delay after its end, at a time at which the pipeline is woken', () => {
    fc.assert(
      fc.property(any, ({ schedule, instant }) => {
        const cadence = new Cadence(schedule);
        const interval = cadence.intervalFrom(cadence.floor(instant));
        const due = cadence.nominalTime(interval);
        expect(cadence.intervalDueAt(due)).toEqual(interval);
        expect(cadence.intervalEndedAt(due)).toEqual(interval);
        expect(isWake(wakesOf(schedule, interval.start), due)).toBe(true);
        const next = cadence.nominalTime(cadence.intervalFrom(interval.end));
        expect(cadence.intervalDueAt(toInstant(new Date(millisecondsOf(next) - 1000)))).toEqual(
          'every' in schedule && schedule.every === '1 second' ? interval : undefined,
        );
      }),
      { numRuns: 150, seed: 3 },
    );
  });
});

describe('the ticks of a cron', () => {
  it('are those of a clock that is watched minute by minute', () => {
    fc.assert(
      fc.property(drawn, ({ schedule, change }) => {
        const from = Math.floor(change.at / MINUTE) * MINUTE - DAY;
        const to = from + 2 * DAY;
        const cadence = new Cadence(schedule);
        const found: Instant[] = [];
        for (let tick = cadence.next(toInstant(new Date(from))); tick <= toInstant(new Date(to));)
          [, tick] = [found.push(tick), cadence.next(tick)];
        expect(found).toEqual(watched(schedule, from, to));
      }),
      { numRuns: 30, seed: 4 },
    );
  });
});

/** Looks at the clock every minute in `(from, to]`. Another way to the same ticks, which asks for no clock change. */
function watched({ cron: text, timezone }: { cron: string; timezone: string }, from: number, to: number) {
  const { minutes, hourly, isDay } = parseCron(text);
  const clock = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  const shows = (at: number) => Date.parse(`${clock.format(at).replace(' ', 'T')}Z`);
  const matches = (wall: number) =>
    isDay(Math.floor(wall / DAY)) && minutes.includes((wall - Math.floor(wall / DAY) * DAY) / MINUTE);
  const ticks: Instant[] = [];
  let reached = shows(from - 2 * DAY);
  for (let at = from - 2 * DAY; at <= to; at += MINUTE) {
    const wall = shows(at);
    let isTick = hourly && matches(wall);
    for (; !hourly && reached < wall; reached += MINUTE) isTick ||= matches(reached + MINUTE);
    if (isTick && at > from) ticks.push(toInstant(new Date(at)));
  }
  return ticks;
}

describe('where clocks are set', () => {
  const starts = (schedule: Schedule, from: Instant, to: Instant) =>
    new Cadence(schedule).intervalsWithin({ start: from, end: to }).map(({ start }) => start.slice(5, 16));

  it('a day is 23 or 25 hours long', () => {
    const berlin = new Cadence({ cron: '0 0 * * *', timezone: 'Europe/Berlin' });
    expect(berlin.intervalFrom('2024-03-30T23:00:00Z').end).toBe('2024-03-31T22:00:00Z');
    expect(berlin.intervalFrom('2024-10-26T22:00:00Z').end).toBe('2024-10-27T23:00:00Z');
  });

  it.each([
    ['America/Santiago', '2026-09-05T04:00:00Z', '2026-09-07T03:00:00Z', ['09-05T04:00', '09-06T04:00']],
    ['America/Havana', '2026-03-07T05:00:00Z', '2026-03-09T04:00:00Z', ['03-07T05:00', '03-08T05:00']],
    ['Africa/Cairo', '2026-04-22T22:00:00Z', '2026-04-24T21:00:00Z', ['04-22T22:00', '04-23T22:00']],
    ['Asia/Beirut', '2026-03-27T22:00:00Z', '2026-03-29T21:00:00Z', ['03-27T22:00', '03-28T22:00']],
    ['Atlantic/Azores', '2026-03-28T01:00:00Z', '2026-03-30T00:00:00Z', ['03-28T01:00', '03-29T01:00']],
    ['America/Sao_Paulo', '2018-11-03T03:00:00Z', '2018-11-05T02:00:00Z', ['11-03T03:00', '11-04T03:00']],
  ])('a midnight that does not exist is the end of its night: %s', (timezone, from, to, expected) => {
    expect(starts({ cron: '0 0 * * *', timezone }, from, to)).toEqual(expected);
  });

  it('a day that does not exist leaves one tick where it was', () => {
    const schedule = { cron: '0 0 * * *', timezone: 'Pacific/Apia' };
    expect(starts(schedule, '2011-12-29T10:00:00Z', '2011-12-31T10:00:00Z')).toEqual([
      '12-29T10:00',
      '12-30T10:00',
    ]);
  });

  it.each([
    ['30 2 * * *', ['10-24T00:30', '10-25T00:30', '10-26T01:30']],
    ['0 2 * * *', ['10-24T00:00', '10-25T00:00', '10-26T01:00']],
  ])('an hour that comes twice ticks once where the cron names hours: %s', (text, expected) => {
    const schedule = { cron: text, timezone: 'Europe/Rome' };
    expect(
      starts(schedule, `2026-${expected[0] ?? ''}:00Z`, new Cadence(schedule).next('2026-10-26T12:00:00Z')),
    ).toEqual(expected);
  });

  it.each([
    ['0 * * * *', 25],
    ['*/30 * * * *', 50],
    ['15 0-23 * * *', 25],
  ])('and twice where it runs every hour: %s', (text, intervals) => {
    const cadence = new Cadence({ cron: text, timezone: 'Europe/Rome' });
    const start = cadence.next('2026-10-24T21:59:59Z');
    const all = cadence.intervalsWithin({ start, end: cadence.next('2026-10-25T22:59:59Z') });
    expect(all).toHaveLength(intervals);
    const lengths = all.map((each) => millisecondsOf(each.end) - millisecondsOf(each.start));
    expect(new Set(lengths).size).toBe(1);
  });

  it('a day of the month and a day of the week are either one', () => {
    const schedule = { cron: '0 0 13 * 5', timezone: 'UTC' };
    expect(starts(schedule, '2026-11-06T00:00:00Z', '2026-11-27T00:00:00Z')).toEqual([
      '11-06T00:00',
      '11-13T00:00',
      '11-20T00:00',
    ]);
  });

  it.each([
    ['0 0 */2 * 1', ['09', '23']],
    ['0 0 9-16 * */3', ['11', '14', '15']],
    [
      '0 0 9-10,16 * 0-3',
      [
        '01',
        '02',
        '03',
        '04',
        '08',
        '09',
        '10',
        '11',
        '15',
        '16',
        '17',
        '18',
        '22',
        '23',
        '24',
        '25',
        '29',
        '30',
      ],
    ],
  ])('a day field that begins with a star does not make it either one: %s', (cron, expected) => {
    const cadence = new Cadence({ cron, timezone: 'UTC' });
    const november = Array.from({ length: 30 }, (_, day) => String(day + 1).padStart(2, '0'));
    expect(november.filter((day) => cadence.isTick(`2026-11-${day}T00:00:00Z`))).toEqual(expected);
  });
});

describe('a range', () => {
  it('of 100,000 days is told in seconds, whatever its time zone', () => {
    const cadence = new Cadence({ cron: '0 0 * * *', timezone: 'America/New_York' });
    const start = cadence.instant('1900-01-01');
    const end = cadence.instant('2173-01-01');
    expect(cadence.intervalsWithin({ start, end })).toHaveLength(99_712);
  });

  it('of more than 100,000 intervals is refused', () => {
    const cadence = new Cadence({ every: '1 hour' });
    expect(() =>
      cadence.intervalsWithin({ start: '2000-01-01T00:00:00Z', end: '2020-01-01T00:00:00Z' }),
    ).toThrow('more than 100000 intervals; split it');
  });
});

describe('an interval that somebody types', () => {
  const daily = new Cadence({ cron: '0 0 * * *', timezone: 'UTC' });
  const newYork = new Cadence({ cron: '0 0 * * *', timezone: 'America/New_York' });

  it('is the one that starts there, or a span', () => {
    expect(parseInterval('2018-08-01', daily)).toEqual({
      start: '2018-08-01T00:00:00Z',
      end: '2018-08-02T00:00:00Z',
    });
    expect(parseInterval('2018-08-01/2018-09-01', daily).end).toBe('2018-09-01T00:00:00Z');
  });

  it("is in the pipeline's zone, unless it names one", () => {
    const day = { start: '2026-03-08T05:00:00Z', end: '2026-03-09T04:00:00Z' };
    expect(parseInterval('2026-03-08', newYork)).toEqual(day);
    expect(parseInterval('2026-03-08/2026-03-09', newYork)).toEqual(day);
    expect(parseInterval('2026-03-08T05:00:00Z/2026-03-09T00:00:00-04:00', newYork)).toEqual(day);
  });

  it('is the very one that was printed, in every zone', () => {
    const bound = fc
      .integer({ min: -400, max: 800 })
      .chain((half) => fc.constantFrom(half * 43_200_000, half * 43_200_000 + 17_000));
    fc.assert(
      fc.property(
        fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
        fc.uniqueArray(bound, { minLength: 2, maxLength: 2 }),
        (timezone, bounds) => {
          const [start = 0, end = 0] = bounds.sort((a, b) => a - b).map((at) => at + Date.UTC(2026, 0, 1));
          const span = { start: toInstant(new Date(start)), end: toInstant(new Date(end)) };
          const cadence = new Cadence({ cron: '0 0 * * *', timezone });
          expect(parseInterval(intervalText(span), cadence)).toEqual(span);
        },
      ),
    );
  });

  it.each([
    ['2018-08-02/2018-08-01', 'ends before'],
    ['2018-08-01/2018-08-01', 'ends before'],
    ['2018-08-01T02:00:00Z', 'nearest bounds are 2018-08-01T00:00:00Z and 2018-08-02T00:00:00Z'],
    ['2018-02-30', 'not a date'],
    ['yesterday', 'not a date'],
    ['2018-08-01T00:00:00+25:00', 'not a date'],
    ['0000-01-01', 'in the year 0, which there is none of'],
    ['9999-12-31', 'Sluice can name the years 1 to 9999'],
    ['2018-08-01/2018-08-02/2018-08-03', 'START or START/END'],
  ])('is refused as %s', (text, message) => {
    expect(() => parseInterval(text, daily)).toThrow(message);
  });
});
