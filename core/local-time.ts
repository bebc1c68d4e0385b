import type { DataInterval, Instant } from './interval.ts';
import { zoneNamed } from './zone.ts';

const HOUR = 3_600_000;
/** No zone has set its clocks back by more than a day (Manila, 1844). */
const REACH = 26 * HOUR;

/**
 * Where an instant cuts local times of a zone in two, as `2018-08-01 02:00:00`: what the clock shows, or the least that it will show
 * from then on. Never falls when time goes on, so the local times of adjoining intervals adjoin, each in exactly one of them. An hour
 * that a clock shows twice belongs to the interval of its second time, by whose end all of its rows have been written; an hour
 * that it skips to the interval that ends with the change.
 */
export function localBound(instant: Instant, zone: string): string {
  const at = Date.parse(instant);
  const shown = zoneNamed(zone).spans(at, at + REACH);
  return textOf(Math.min(...shown.map(({ from, offset }) => from + offset)));
}

/** Local times that an interval holds: from `start` to before `end`. */
export function localInterval({ start, end }: DataInterval, zone: string): DataInterval {
  return { start: localBound(start, zone), end: localBound(end, zone) };
}

/** The day of a zone that begins with an instant, as `2018-08-01`; undefined when it begins none. */
export function dayBeginningAt(instant: Instant, zone: string): string | undefined {
  const at = Date.parse(instant);
  const dayAt = (moment: number) => {
    const offset = zoneNamed(zone).spans(moment, moment + 1)[0]?.offset ?? 0;
    return textOf(moment + offset).slice(0, 10);
  };
  return dayAt(at - 1000) < dayAt(at) ? dayAt(at) : undefined;
}

/** The first day of a zone that does not begin before an instant: what cuts its dates in two. */
export function dayBound(instant: Instant, zone: string): string {
  const exact = dayBeginningAt(instant, zone);
  if (exact !== undefined) return exact;
  const [day = '', time] = localBound(instant, zone).split(' ');
  return time === '00:00:00' ? day : textOf(Date.parse(`${day}T00:00:00Z`) + 24 * HOUR).slice(0, 10);
}

function textOf(wall: number): string {
  return new Date(wall).toISOString().slice(0, 19).replace('T', ' ');
}
