/** A moment at which the clocks of a zone are set forward or back. Times are milliseconds since the Unix epoch. */
export interface ClockChange {
  readonly at: number;
  /** What local time is ahead of UTC, in milliseconds, until then and from then on. */
  readonly before: number;
  readonly after: number;
}

/** A span over which the clocks of a zone run evenly. */
export interface EvenSpan {
  readonly from: number;
  readonly to: number;
  readonly offset: number;
}

const DAY = 86_400_000;
/** Offsets are looked up this far apart: of all zones, the two changes that lie closest together are 3.98 days apart (Freetown, 1939). */
const SAMPLE = 3 * DAY;
/** No clock is, or was, further away from UTC, and no change skipped more than a day (Samoa, 2011). */
const REACH = 2 * DAY;

const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/;
const zones = new Map<string, Zone>();

/** @throws {RangeError} for what is no IANA zone */
export function zoneNamed(name: string): Zone {
  const zone = zones.get(name) ?? new Zone(name);
  zones.set(name, zone);
  return zone;
}

export function isZone(name: string): boolean {
  try {
    zoneNamed(name);
    return true;
  } catch {
    return false;
  }
}

/**
 * The clocks of an IANA zone. A wall time is what they show, in milliseconds as if they were in UTC. Answers are kept, so a
 * walk over many days asks the time zone database once for each three of them.
 */
export class Zone {
  readonly #format: Intl.DateTimeFormat;
  readonly #samples = new Map<number, number>();
  readonly #changes = new Map<number, ClockChange>();

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      timeZoneName: 'longOffset',
      year: 'numeric',
    });
  }

  /** The spans that make up `[from, to)`, in their order. */
  spans(from: number, to: number): EvenSpan[] {
    const spans: EvenSpan[] = [];
    let start = from;
    let offset = this.#offsetAt(from);
    for (const { at, after } of this.changes(from, to)) {
      spans.push({ from: start, to: at, offset });
      start = at;
      offset = after;
    }
    spans.push({ from: start, to, offset });
    return spans;
  }

  /** The clock changes within `(from, to)`, in their order. */
  changes(from: number, to: number): ClockChange[] {
    const found: ClockChange[] = [];
    for (let index = Math.floor(from / SAMPLE); index * SAMPLE < to; index += 1) {
      const change = this.#changeIn(index);
      if (change && change.at > from && change.at < to) found.push(change);
    }
    return found;
  }

  /** The first moment at which the clock has reached a wall time: of a time that it skips, the moment of the change; of one that it shows twice, the first. */
  reached(wall: number): number {
    for (const { from, to, offset } of this.spans(wall - REACH, wall + REACH))
      if (to + offset > wall) return Math.max(from, wall - offset);
    return wall + REACH; // no clock is that late
  }

  #offsetAt(at: number): number {
    const index = Math.floor(at / SAMPLE);
    const change = this.#changeIn(index);
    return change && at >= change.at ? change.after : this.#sample(index);
  }

  #changeIn(index: number): ClockChange | undefined {
    const before = this.#sample(index);
    const after = this.#sample(index + 1);
    if (before === after) return undefined;
    const known = this.#changes.get(index);
    if (known) return known;
    let low = index * SAMPLE;
    let high = low + SAMPLE;
    while (high - low > 1000) {
      const middle = Math.floor((low + high) / 2000) * 1000;
      if (this.#lookUp(middle) === before) low = middle;
      else high = middle;
    }
    const change = { at: high, before, after };
    this.#changes.set(index, change);
    return change;
  }

  #sample(index: number): number {
    const known = this.#samples.get(index);
    if (known !== undefined) return known;
    const offset = this.#lookUp(index * SAMPLE);
    this.#samples.set(index, offset);
    return offset;
  }

  #lookUp(at: number): number {
    const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(this.#format.format(at)) ?? [];
    const size = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
    return sign === '-' ? -size : size;
  }
}
