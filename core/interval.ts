import { InvalidInput } from './errors.ts';

/** A moment in UTC, to seconds: `2018-08-01T00:00:00Z`. Comparing two as text compares them in time. */
export type Instant = string;

/** The half-open span `[start, end)` that a run is responsible for. */
export interface DataInterval {
  readonly start: Instant;
  readonly end: Instant;
}

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.0+)?)?(?:Z|\+00:00)?)?$/;

/** An instant from a `Date`. Fractions of a second are cut off, as Temporal does for schedules. */
export function toInstant(date: Date): Instant {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Reads `2018-08-01`, `2018-08-01T02:00`, `2018-08-01T02:00:00Z`. @throws {InvalidInput} for anything else */
export function parseInstant(text: string): Instant {
  const match = INSTANT.exec(text);
  if (match) {
    const [, year, month, day, hour = '00', minute = '00', second = '00'] = match;
    const instant = `${year}-${month}-${day}T${hour}:${minute}:${second}Z`;
    const date = new Date(instant);
    if (!Number.isNaN(date.getTime()) && toInstant(date) === instant) return instant;
  }
  throw new InvalidInput('A time', [
    `'${text}' is not a UTC date or time; write it like 2018-08-01 or 2018-08-01T02:00:00Z.`,
  ]);
}

/** `start/end`, without times of day where both are midnight: `2018-08-01/2018-08-02`. */
export function intervalText(interval: DataInterval): string {
  const { start, end } = interval;
  const midnight = start.endsWith('T00:00:00Z') && end.endsWith('T00:00:00Z');
  return midnight ? `${start.slice(0, 10)}/${end.slice(0, 10)}` : `${start}/${end}`;
}

/** An interval whose end lies after its start. @throws {InvalidInput} when it is reversed or empty */
export function interval(start: string, end: string): DataInterval {
  const span = { start: parseInstant(start), end: parseInstant(end) };
  if (span.start < span.end) return span;
  throw new InvalidInput(`Interval ${intervalText(span)}`, [
    'it ends before or where it starts; an interval is half-open, so give the end as the day after the last one.',
  ]);
}

export function millisecondsOf(instant: Instant): number {
  return new Date(instant).getTime();
}
