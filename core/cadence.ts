import { CronTicks } from './cron-ticks.ts';
import { parseCron } from './cron.ts';
import { milliseconds } from './duration.ts';
import { InvalidInput } from './errors.ts';
import {
  boundsOf,
  interval,
  intervalText,
  millisecondsOf,
  parseInstant,
  toInstant,
  type DataInterval,
  type Instant,
} from './interval.ts';
import { isTimed, onFilesOf, type ResolvedSchedule, type Schedule } from './schedule.ts';
import { zoneNamed } from './zone.ts';

const MOST_INTERVALS = 100_000; // more than this in one request is a mistake in the request

/** Where ticks lie, in milliseconds since the epoch. */
interface Ticks {
  /** Those after, ascending, without end. */
  after(at: number): Generator<number, never>;
  /** The last one at or before. */
  floor(at: number): number;
}

/**
 * The ticks of a schedule: where one data interval ends and the next begins. It alone says which intervals there are and when
 * each is due; what starts runs is told by it, and never the other way round.
 */
export class Cadence {
  readonly #schedule: Schedule;
  readonly #delay: number;
  readonly #ticks: Ticks;
  /** When the clock of the schedule's zone has first reached a wall time, both in milliseconds. */
  readonly #reached: (wall: number) => number;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#delay = schedule.delay ? milliseconds(schedule.delay) : 0;
    if ('every' in schedule) {
      this.#ticks = evenTicks(milliseconds(schedule.every));
      this.#reached = (wall) => wall;
    } else {
      const zone = zoneNamed(schedule.timezone);
      this.#ticks = new CronTicks(parseCron(schedule.cron), zone);
      this.#reached = (wall) => zone.reached(wall);
    }
  }

  /** The last tick at or before `instant`. */
  floor(instant: Instant): Instant {
    return toInstant(new Date(this.#ticks.floor(millisecondsOf(instant))));
  }

  /** The first tick after `instant`. */
  next(instant: Instant): Instant {
    return toInstant(new Date(this.#ticks.after(millisecondsOf(instant)).next().value));
  }

  isTick(instant: Instant): boolean {
    return this.floor(instant) === instant;
  }

  /** A moment as people type it; a time that names no zone is one of the schedule's zone. @throws {InvalidInput} */
  instant(text: string): Instant {
    return parseInstant(text, this.#reached);
  }

  /** The span between two moments as people type them. @throws {InvalidInput} when it is reversed or empty */
  span(start: string, end: string): DataInterval {
    return interval(start, end, this.#reached);
  }

  /** The last interval that had ended `delay` before this time. */
  intervalEndedAt(nominal: Instant): DataInterval {
    return this.#intervalTo(this.#ticks.floor(millisecondsOf(nominal) - this.#delay));
  }

  /** The interval whose run is due at this very time, if one is. */
  intervalDueAt(time: Instant): DataInterval | undefined {
    const end = millisecondsOf(time) - this.#delay;
    return this.#ticks.floor(end) === end ? this.#intervalTo(end) : undefined;
  }

  /** The interval that starts at this tick. */
  intervalFrom(start: Instant): DataInterval {
    return { start, end: this.next(start) };
  }

  /** When a run over this interval is due: its end, plus the schedule's delay in elapsed time. */
  nominalTime({ end }: DataInterval): Instant {
    return this.#delay ? toInstant(new Date(millisecondsOf(end) + this.#delay)) : end;
  }

  /** All intervals that lie within `span`, oldest first. @throws {InvalidInput} when a bound is not a tick */
  intervalsWithin(span: DataInterval): DataInterval[] {
    this.mustBeFew(span);
    const intervals: DataInterval[] = [];
    let start = span.start;
    for (const tick of this.#ticks.after(millisecondsOf(start))) {
      const end = toInstant(new Date(tick));
      intervals.push({ start, end });
      if (end >= span.end) break;
      start = end;
    }
    return intervals;
  }

  /** @throws {InvalidInput} when a bound of the span is no tick, or it holds more intervals than one request may */
  mustBeFew(span: DataInterval): void {
    this.mustFit(span);
    if (this.count(span, MOST_INTERVALS + 1) <= MOST_INTERVALS) return;
    throw new InvalidInput(`Range ${intervalText(span)}`, [
      `it holds more than ${MOST_INTERVALS} intervals; split it.`,
    ]);
  }

  /** How many intervals lie in a span, in part or whole; counted up to `most`. */
  count({ start, end }: DataInterval, most: number): number {
    const until = millisecondsOf(end);
    let counted = 1;
    for (const tick of this.#ticks.after(millisecondsOf(start)))
      if (tick >= until || (counted += 1) >= most) return counted;
    return counted;
  }

  /** @throws {InvalidInput} naming the nearest ticks, when a bound of the span is not on the cadence */
  mustFit(span: DataInterval): void {
    const objection = this.objection(span);
    if (objection) throw objection;
  }

  /** What there is against a span as bounds of intervals: undefined when both of its bounds are ticks. */
  objection(span: DataInterval): InvalidInput | undefined {
    const problems = (['start', 'end'] as const)
      .filter((bound) => !this.isTick(span[bound]))
      .map((bound) => {
        const floor = this.floor(span[bound]);
        return `its ${bound} ${span[bound]} is not on the cadence (${this.describe()}); the nearest bounds are ${floor} and ${this.next(floor)}.`;
      });
    return problems.length ? new InvalidInput(`Interval ${intervalText(span)}`, problems) : undefined;
  }

  describe(): string {
    return 'every' in this.#schedule
      ? `every ${this.#schedule.every}`
      : `cron '${this.#schedule.cron}' in ${this.#schedule.timezone}`;
  }

  #intervalTo(end: number): DataInterval {
    return { start: toInstant(new Date(this.#ticks.floor(end - 1000))), end: toInstant(new Date(end)) };
  }
}

/**
 * Reads an interval as people type it: `2018-08-01` (the one that starts there) or `2018-08-01/2018-09-01`. The second need
 * not be on the cadence: `mustFit` says whether it is.
 */
export function parseInterval(text: string, cadence: Cadence): DataInterval {
  const [start, end] = boundsOf(text);
  if (end !== undefined) return cadence.span(start, end);
  const span = cadence.intervalFrom(cadence.instant(start));
  cadence.mustFit(span);
  return span;
}

function evenTicks(step: number): Ticks {
  const floor = (at: number) => Math.floor(at / step) * step;
  return {
    floor,
    *after(at) {
      for (let tick = floor(at) + step; ; tick += step) yield tick;
    },
  };
}

/** For people: when a pipeline runs. */
export function scheduleText(schedule: ResolvedSchedule): string {
  if (isTimed(schedule)) return new Cadence(schedule).describe();
  const files = onFilesOf(schedule);
  return files ? `when files arrive at ${files.place}/${files.pattern}` : 'when it is asked for';
}
