import { CronExpressionParser } from 'cron-parser';
import { DateTime } from 'luxon';
import { milliseconds, type DurationText } from './duration.ts';
import { InvalidInput } from './errors.ts';
import {
  intervalText,
  millisecondsOf,
  parseInstant,
  toInstant,
  type DataInterval,
  type Instant,
} from './interval.ts';

/**
 * When a pipeline runs. The ticks of `cron` (in `timezone`) or of `every` (anchored at the Unix epoch, as Temporal
 * anchors its intervals) are the bounds of the data intervals; a run starts `delay` after its interval has ended.
 */
export type Schedule =
  | { readonly cron: string; readonly timezone: string; readonly delay?: DurationText | undefined }
  | { readonly every: DurationText; readonly delay?: DurationText | undefined };

const SEARCH_LIMIT = 100_000; // ticks; more intervals than this in one request is a mistake in the request

/**
 * The ticks of a schedule: where one data interval ends and the next begins.
 *
 * Daylight saving: a cron time that does not exist on a day is not a tick (Temporal skips it too, see
 * `compiledCalendar.next` in temporalio/temporal), so the interval before it grows; a time that exists twice ticks once.
 */
export class Cadence {
  readonly #schedule: Schedule;
  readonly #delay: number;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#delay = schedule.delay ? milliseconds(schedule.delay) : 0;
  }

  /** The last tick at or before `instant`. */
  floor(instant: Instant): Instant {
    const at = millisecondsOf(instant);
    if ('every' in this.#schedule) {
      const step = milliseconds(this.#schedule.every);
      return toInstant(new Date(Math.floor(at / step) * step));
    }
    // `prev` gives ticks strictly before, so ask from one second later.
    return this.#cronTick(at + 1000, 'prev');
  }

  /** The first tick after `instant`. */
  next(instant: Instant): Instant {
    const at = millisecondsOf(instant);
    if ('every' in this.#schedule) {
      const step = milliseconds(this.#schedule.every);
      return toInstant(new Date((Math.floor(at / step) + 1) * step));
    }
    return this.#cronTick(at, 'next');
  }

  isTick(instant: Instant): boolean {
    return this.floor(instant) === instant;
  }

  /** The interval that a run started at this nominal time is responsible for: the last one that had ended, `delay` ago. */
  intervalEndedAt(nominal: Instant): DataInterval {
    const end = this.floor(toInstant(new Date(millisecondsOf(nominal) - this.#delay)));
    return { start: this.floor(toInstant(new Date(millisecondsOf(end) - 1000))), end };
  }

  /** The interval that starts at this tick. */
  intervalFrom(start: Instant): DataInterval {
    return { start, end: this.next(start) };
  }

  /** When a run over this interval starts: its end, plus the schedule's delay. */
  nominalTime(interval: DataInterval): Instant {
    return toInstant(new Date(millisecondsOf(interval.end) + this.#delay));
  }

  /** All intervals that lie within `span`, oldest first. @throws {InvalidInput} when a bound is not a tick */
  intervalsWithin(span: DataInterval): DataInterval[] {
    this.mustFit(span);
    const intervals: DataInterval[] = [];
    for (let start = span.start; start < span.end;) {
      const next = this.intervalFrom(start);
      intervals.push(next);
      start = next.end;
      if (intervals.length > SEARCH_LIMIT) {
        throw new InvalidInput(`Range ${intervalText(span)}`, [
          `it holds more than ${SEARCH_LIMIT} intervals; split it.`,
        ]);
      }
    }
    return intervals;
  }

  /** @throws {InvalidInput} naming the nearest ticks, when a bound of the span is not on the cadence */
  mustFit(span: DataInterval): void {
    const problems = (['start', 'end'] as const)
      .filter((bound) => !this.isTick(span[bound]))
      .map((bound) => {
        const floor = this.floor(span[bound]);
        return `its ${bound} ${span[bound]} is not on the cadence (${this.describe()}); the nearest bounds are ${floor} and ${this.next(floor)}.`;
      });
    if (problems.length) throw new InvalidInput(`Interval ${intervalText(span)}`, problems);
  }

  describe(): string {
    return 'every' in this.#schedule
      ? `every ${this.#schedule.every}`
      : `cron '${this.#schedule.cron}' in ${this.#schedule.timezone}`;
  }

  #cronTick(from: number, direction: 'next' | 'prev'): Instant {
    const { cron, timezone } = this.#schedule as Extract<Schedule, { cron: string }>;
    const ticks = CronExpressionParser.parse(cron, { currentDate: new Date(from), tz: timezone });
    const { hour, minute } = ticks.fields;
    for (;;) {
      const tick = (direction === 'next' ? ticks.next() : ticks.prev()).toDate();
      const local = DateTime.fromJSDate(tick, { zone: timezone });
      const exists =
        (hour.values as readonly number[]).includes(local.hour) &&
        (minute.values as readonly number[]).includes(local.minute);
      if (exists) return toInstant(tick);
    }
  }
}

/**
 * The cron expression that fires `delay` after the ticks of `cron`, as a Temporal schedule needs it.
 * @returns undefined when the delay would push a tick over the end of its day, or of its hour where the hour is a pattern
 */
export function delayedCron(cron: string, delay: DurationText | undefined): string | undefined {
  if (!delay) return cron;
  const [minute = '', hour = '', ...rest] = cron.split(/\s+/);
  const minutes = milliseconds(delay) / 60_000;
  if (!Number.isInteger(minutes) || !/^\d+$/.test(minute)) return undefined;
  if (/^\d+$/.test(hour)) {
    const at = Number(hour) * 60 + Number(minute) + minutes;
    return at < 24 * 60 ? [at % 60, Math.floor(at / 60), ...rest].join(' ') : undefined;
  }
  const at = Number(minute) + minutes;
  return at < 60 ? [at, hour, ...rest].join(' ') : undefined;
}

/** Reads an interval as people type it: `2018-08-01` (the one that starts there) or `2018-08-01/2018-09-01`. */
export function parseInterval(text: string, cadence: Cadence): DataInterval {
  const [start = '', end, ...rest] = text.split('/');
  if (rest.length) throw new InvalidInput(`Interval '${text}'`, ['write it as START or START/END.']);
  const from = parseInstant(start);
  const span = end === undefined ? cadence.intervalFrom(from) : { start: from, end: parseInstant(end) };
  if (span.start >= span.end) {
    throw new InvalidInput(`Interval ${intervalText(span)}`, [
      'it ends before or where it starts; an interval is half-open, so give the end as the day after the last one.',
    ]);
  }
  cadence.mustFit(span);
  return span;
}
