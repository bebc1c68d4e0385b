import { InvalidInput } from './errors.ts';

/** A moment in UTC, to seconds: `2018-08-01T00:00:00Z`. Comparing two as text compares them in time. */
export type Instant = string;

/** The half-open span `[start, end)` that a run is responsible for. */
export interface DataInterval {
  readonly start: Instant;
  readonly end: Instant;
}

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.0+)?)?)?(Z|[+-](?:0\d|1[0-5]):[0-5]\d)?$/;

/** An instant from a `Date`. Fractions of a second are cut off, as Temporal does for schedules. @throws {InvalidInput} outside of the years 1 to 9999 */
export function toInstant(date: Date): Instant {
  const year = date.getUTCFullYear();
  if (year >= 1 && year <= 9999) return `${date.toISOString().slice(0, 19)}Z`;
  throw new InvalidInput('A time', [
    `it lies in the year ${year}; Sluice can name the years 1 to 9999. Ask for a time within them.`,
  ]);
}

/**
 * Reads `2018-08-01`, `2018-08-01Z`, `2018-08-01T02:00`, `2018-08-01T02:00:00Z`, `2018-08-01T02:00:00+02:00`.
 * @param reached when the clock that is meant shows a time that names no zone, in milliseconds; that of UTC when absent
 * @throws {InvalidInput} for anything else
 */
export function parseInstant(text: string, reached: (wall: number) => number = (wall) => wall): Instant {
  const match = INSTANT.exec(text);
  if (match) {
    const [, year = '', month, day, hour = '00', minute = '00', second = '00', zone] = match;
    const shown = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
    const wall = Date.parse(`${shown}Z`);
    if (year === '0000') {
      throw new InvalidInput('A time', [
        `'${text}' is in the year 0, which there is none of; begin at 0001.`,
      ]);
    }
    if (!Number.isNaN(wall) && new Date(wall).toISOString().startsWith(shown)) {
      if (zone === undefined) return toInstant(new Date(reached(wall)));
      return toInstant(new Date(zone === 'Z' ? wall : Date.parse(`${shown}${zone}`)));
    }
  }
  throw new InvalidInput('A time', [
    `'${text}' is not a date or time; write it like 2018-08-01 or 2018-08-01T02:00:00Z.`,
  ]);
}

/** `start/end` for people; typed back it means the same in every zone. Without times of day where both are midnight in UTC: `2018-08-01Z/2018-08-02Z`. */
export function intervalText(interval: DataInterval): string {
  const { start, end } = interval;
  const midnight = start.endsWith('T00:00:00Z') && end.endsWith('T00:00:00Z');
  return midnight ? `${start.slice(0, 10)}Z/${end.slice(0, 10)}Z` : exactText(interval);
}

/** `start/end` in one form whatever they are: what one part of Sluice hands to another. */
export function exactText({ start, end }: DataInterval): string {
  return `${start}/${end}`;
}

/** The two bounds of `START/END`, or the one of `START`. @throws {InvalidInput} when there are more */
export function boundsOf(text: string): [start: string, end: string | undefined] {
  const [start = '', end, ...rest] = text.split('/');
  if (rest.length) throw new InvalidInput(`Interval '${text}'`, ['write it as START or START/END.']);
  return [start, end];
}

/** An interval whose end lies after its start. @throws {InvalidInput} when it is reversed or empty */
export function interval(start: string, end: string, reached?: (wall: number) => number): DataInterval {
  const span = { start: parseInstant(start, reached), end: parseInstant(end, reached) };
  if (span.start < span.end) return span;
  throw new InvalidInput(`Interval ${intervalText(span)}`, [
    'it ends before or where it starts; an interval is half-open, so give the end as the day after the last one.',
  ]);
}

export function millisecondsOf(instant: Instant): number {
  return new Date(instant).getTime();
}
