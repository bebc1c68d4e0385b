import { Cadence } from './cadence.ts';
import { millisecondsOf, toInstant, type DataInterval, type Instant } from './interval.ts';
import type { ResolvedPipeline } from './pipeline.ts';
import { isTimed } from './schedule.ts';
import { zoneNamed } from './zone.ts';

const DAY_MS = 86_400_000;

/** An interval, and when a run over it had to have succeeded. */
export interface Deadline {
  readonly interval: DataInterval;
  readonly at: Instant;
}

/**
 * The newest interval whose deadline has passed: the interval that was due last before the clock of the schedule's zone showed the time
 * that the pipeline names. Undefined where it names none, has no schedule, or nothing was due before it.
 */
export function passedDeadline(
  { schedule, deadline, start }: Pick<ResolvedPipeline, 'schedule' | 'deadline' | 'start'>,
  now: Date,
): Deadline | undefined {
  if (deadline === undefined || !isTimed(schedule)) return undefined;
  const zone = zoneNamed('timezone' in schedule ? schedule.timezone : 'UTC');
  const [hour = 0, minute = 0] = deadline.split(':').map(Number);
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  // A zone is at most a day ahead of UTC or behind it.
  const at = [1, 0, -1, -2]
    .map((days) => zone.reached(today + days * DAY_MS + (hour * 60 + minute) * 60_000))
    .find((moment) => moment <= now.getTime());
  if (at === undefined) return undefined;
  const cadence = new Cadence(schedule);
  const interval = cadence.intervalEndedAt(toInstant(new Date(at)));
  return millisecondsOf(interval.end) <= millisecondsOf(start)
    ? undefined
    : { interval, at: toInstant(new Date(at)) };
}
