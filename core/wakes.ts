import { CALENDAR_CYCLE, DAY_MS, MINUTE_MS, parseCron, type Cron } from './cron.ts';
import { milliseconds } from './duration.ts';
import { millisecondsOf, type Instant } from './interval.ts';
import type { Schedule } from './schedule.ts';
import { zoneNamed, type Zone } from './zone.ts';

/** Times in UTC at which all six fields match; months and days of the month from 1, Sunday is 0. */
export interface WakeCalendar {
  readonly second: readonly number[];
  readonly minute: readonly number[];
  readonly hour: readonly number[];
  readonly dayOfMonth: readonly number[];
  readonly month: readonly number[];
  readonly dayOfWeek: readonly number[];
}

/**
 * When a pipeline is woken: at every time at which an interval of it may be due, and, where its zone sets clocks, at a few more.
 * Which interval is due at a wake, if one is, the cadence says.
 */
export type Wakes =
  { readonly everyMs: number; readonly offsetMs: number } | { readonly calendars: readonly WakeCalendar[] };

/** Clock changes are looked up until then: far enough for every deployment, and the same for all that ask. */
const HORIZON = Date.UTC(2060, 0, 1);
/** Before, no clock was ever set. */
const EARLIEST = Date.UTC(1800, 0, 1);
/** With a longer delay the days of a cron are no longer told apart: every day has wakes. */
const LONGEST_SHIFT = 300;

/** The wakes of a schedule for intervals that end after `start`. The union of its calendars holds every time at which one is due. */
export function wakesOf(schedule: Schedule, start: Instant): Wakes {
  const delay = schedule.delay ? milliseconds(schedule.delay) : 0;
  if ('every' in schedule) {
    const everyMs = milliseconds(schedule.every);
    return { everyMs, offsetMs: delay % everyMs };
  }
  const cron = parseCron(schedule.cron);
  const days = new Map<number, Days>();
  const times = new Map<string, { readonly days: Days; readonly seconds: Set<number> }>();
  for (const { shift, second, months } of timesOfDay(cron, zoneNamed(schedule.timezone), delay, start)) {
    const ofCron = days.get(shift) ?? daysAfter(cron, shift);
    days.set(shift, ofCron);
    const both = { ...ofCron, month: ofCron.month.filter((month) => months.has(month)) };
    if (!both.month.length) continue;
    const key = JSON.stringify(both);
    const entry = times.get(key) ?? { days: both, seconds: new Set() };
    times.set(key, entry);
    entry.seconds.add(second);
  }
  const calendars = [...times.values()].flatMap((entry) =>
    clocks([...entry.seconds]).map((clock) => ({ ...clock, ...entry.days })),
  );
  return { calendars };
}

export function isWake(wakes: Wakes, instant: Instant): boolean {
  const at = millisecondsOf(instant);
  if ('everyMs' in wakes) return (at - wakes.offsetMs) % wakes.everyMs === 0;
  const date = new Date(at);
  return wakes.calendars.some(
    (calendar) =>
      calendar.second.includes(date.getUTCSeconds()) &&
      calendar.minute.includes(date.getUTCMinutes()) &&
      calendar.hour.includes(date.getUTCHours()) &&
      calendar.dayOfMonth.includes(date.getUTCDate()) &&
      calendar.month.includes(date.getUTCMonth() + 1) &&
      calendar.dayOfWeek.includes(date.getUTCDay()),
  );
}

type Days = Pick<WakeCalendar, 'dayOfMonth' | 'month' | 'dayOfWeek'>;

/** A time of day in UTC at which something may be due. */
interface TimeOfDay {
  /** Days from the cron's day, in its zone, to the day in UTC. */
  readonly shift: number;
  /** Since midnight. */
  readonly second: number;
  /** In which it may be. */
  readonly months: ReadonlySet<number>;
}

/** For each offset that the zone has, and for each of its clock changes that skips a time of the cron. */
function timesOfDay(cron: Cron, zone: Zone, delay: number, start: Instant): TimeOfDay[] {
  const from = Math.max(EARLIEST, millisecondsOf(start) - 2 * DAY_MS);
  const to = Math.max(HORIZON, from + 366 * DAY_MS);
  const due = (day: number, at: number, months: ReadonlySet<number>): TimeOfDay => ({
    shift: Math.floor(at / DAY_MS) - day,
    second: (at - Math.floor(at / DAY_MS) * DAY_MS) / 1000,
    months,
  });
  const times: TimeOfDay[] = [];
  const inForce = new Map<number, Set<number>>();
  for (const span of zone.spans(from, to)) {
    const months = inForce.get(span.offset) ?? new Set();
    inForce.set(span.offset, months);
    addMonths(months, span.from + delay, span.to + delay);
  }
  for (const [offset, months] of inForce)
    for (const minute of cron.minutes) times.push(due(0, minute * MINUTE_MS - offset + delay, months));
  if (cron.hourly) return times;
  for (const { at, before, after } of zone.changes(from, to)) {
    const months = new Set([new Date(at + delay).getUTCMonth() + 1]);
    for (let day = Math.floor((at + before) / DAY_MS); day * DAY_MS < at + after; day += 1) {
      if (!cron.isDay(day)) continue;
      const isSkipped = cron.minutes.some((minute) => {
        const wall = day * DAY_MS + minute * MINUTE_MS;
        return wall >= at + before && wall < at + after;
      });
      if (isSkipped) times.push(due(day, at + delay, months));
    }
  }
  return times;
}

/** Those of a calendar in UTC that share a moment with the span. */
function addMonths(months: Set<number>, from: number, to: number): void {
  const first = new Date(from);
  const month = first.getUTCFullYear() * 12 + first.getUTCMonth();
  for (let next = month; months.size < 12 && Date.UTC(Math.floor(next / 12), next % 12, 1) < to; next += 1)
    months.add((next % 12) + 1);
}

/** What the days of a cron look like so many days later, in any year. */
function daysAfter(cron: Cron, shift: number): Days {
  const all = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index);
  if (shift > LONGEST_SHIFT) return { dayOfMonth: all(1, 31), month: all(1, 12), dayOfWeek: all(0, 6) };
  const found = { dayOfMonth: new Set<number>(), month: new Set<number>(), dayOfWeek: new Set<number>() };
  for (let day = CALENDAR_CYCLE.from; day < CALENDAR_CYCLE.to; day += 1) {
    if (!cron.isDay(day)) continue;
    const date = new Date((day + shift) * DAY_MS);
    found.dayOfMonth.add(date.getUTCDate());
    found.month.add(date.getUTCMonth() + 1);
    found.dayOfWeek.add(date.getUTCDay());
  }
  return {
    dayOfMonth: ascending(found.dayOfMonth),
    month: ascending(found.month),
    dayOfWeek: ascending(found.dayOfWeek),
  };
}

/** Times of day as hours × minutes × seconds, as few as say no more than these. */
function clocks(times: readonly number[]): Pick<WakeCalendar, 'second' | 'minute' | 'hour'>[] {
  const hours = new Map<number, Set<number>>(); // by second of the hour
  for (const time of times) {
    const rest = time % 3600;
    hours.set(rest, (hours.get(rest) ?? new Set()).add(Math.floor(time / 3600)));
  }
  const found = new Map<string, { second: number[]; minute: number[]; hour: number[] }>();
  for (const [rest, set] of [...hours].sort(([a], [b]) => a - b)) {
    const hour = ascending(set);
    const second = rest % 60;
    const key = `${second} ${hour.join()}`;
    const clock = found.get(key) ?? { second: [second], minute: [], hour };
    found.set(key, clock);
    clock.minute.push(Math.floor(rest / 60));
  }
  return [...found.values()];
}

function ascending(values: Iterable<number>): number[] {
  return [...values].sort((a, b) => a - b);
}
