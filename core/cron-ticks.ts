import { DAY_MS, MINUTE_MS, type CalendarDay, type Cron } from './cron.ts';
import type { Zone } from './zone.ts';

const SEARCH_DAYS = 15_000; // 41 years: 29 February comes back after at most 8, and on a given day of the week after 40
const KEPT_DAYS = 256;

/**
 * The ticks of a cron in a zone, as milliseconds since the epoch.
 *
 * A cron that names hours ticks when the clock has first reached them: a time that is skipped ticks at the change, so its day
 * keeps a tick, and one that comes twice ticks once. A cron of every hour ticks whenever the clock shows its minutes, so an
 * hour that comes twice ticks twice. This is what cron itself does (cron(8): "jobs which specify a time with a wildcard").
 */
export class CronTicks {
  readonly #cron: Cron;
  readonly #zone: Zone;
  readonly #kept = new Map<number, readonly number[]>();

  constructor(cron: Cron, zone: Zone) {
    this.#cron = cron;
    this.#zone = zone;
  }

  /** The ticks after `at`, ascending, without end. */
  *after(at: number): Generator<number, never> {
    let day = Math.floor(at / DAY_MS);
    for (let last = day; day < last + SEARCH_DAYS; day += 1) {
      for (const tick of this.#ticksOn(day)) {
        if (tick <= at) continue;
        last = day;
        yield tick;
      }
    }
    throw new Error(`No tick within ${SEARCH_DAYS} days`); // A cron that never ticks has been refused.
  }

  /** The last tick at or before `at`. */
  floor(at: number): number {
    const last = Math.floor(at / DAY_MS);
    for (let day = last; day > last - SEARCH_DAYS; day -= 1) {
      const found = this.#ticksOn(day).findLast((tick) => tick <= at);
      if (found !== undefined) return found;
    }
    throw new Error(`No tick within ${SEARCH_DAYS} days`);
  }

  /** Those of a day in UTC, ascending. */
  #ticksOn(day: number): readonly number[] {
    const known = this.#kept.get(day);
    if (known) return known;
    if (this.#kept.size >= KEPT_DAYS) this.#kept.clear();
    const from = day * DAY_MS;
    const ticks = this.#cron.hourly ? this.#shown(from, from + DAY_MS) : this.#reached(from, from + DAY_MS);
    this.#kept.set(day, ticks);
    return ticks;
  }

  /** Every moment within `[from, to)` at which the clock shows one of the cron's times. */
  #shown(from: number, to: number): number[] {
    return this.#zone.spans(from, to).flatMap((span) =>
      this.#walls(
        Math.floor((span.from + span.offset) / DAY_MS),
        Math.floor((span.to + span.offset) / DAY_MS),
      )
        .map((wall) => wall - span.offset)
        .filter((at) => at >= span.from && at < span.to),
    );
  }

  /** Every moment within `[from, to)` at which the clock has first reached one of the cron's times. */
  #reached(from: number, to: number): number[] {
    const day = from / DAY_MS;
    // Clocks are less than a day from UTC, and one change has skipped a whole day.
    const ticks = this.#walls(day - 2, day + 1).map((wall) => this.#zone.reached(wall));
    return [...new Set(ticks)].filter((at) => at >= from && at < to);
  }

  #walls(first: CalendarDay, last: CalendarDay): number[] {
    const walls: number[] = [];
    for (let day = first; day <= last; day += 1) {
      if (!this.#cron.isDay(day)) continue;
      for (const minute of this.#cron.minutes) walls.push(day * DAY_MS + minute * MINUTE_MS);
    }
    return walls;
  }
}
