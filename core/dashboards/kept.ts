import { milliseconds, type DurationText } from '../duration.ts';
import { millisecondsOf, type Instant } from '../interval.ts';

/** How long publications stay, counted back from how far the newest reaches. */
export interface Kept {
  /** Every one of so long. */
  readonly every: DurationText;
  /** Of so long the last of each day, by UTC. */
  readonly daily: DurationText;
}

/** Of an hourly pipeline 168 and 393 publications at most. */
export const KEPT: Kept = { every: '7 days', daily: '400 days' };

interface Published {
  readonly upTo: Instant;
}

/**
 * Those that go. The newest never does; of several that are of one moment the last is meant, as readers see it. It goes by how far data
 * reach and not by the clock: a pipeline that stands still loses nothing.
 * @param all in the order in which they were published
 */
export function outdated<T extends Published>(all: readonly T[], { every, daily }: Kept): T[] {
  const newest = all
    .map(({ upTo }) => upTo)
    .sort()
    .at(-1);
  if (newest === undefined) return [];
  const back = (span: DurationText) => millisecondsOf(newest) - milliseconds(span);
  const [young, old] = [back(every), back(daily)];
  const lastOfDay = new Map<string, T>();
  for (const each of all) {
    const day = each.upTo.slice(0, 10);
    const before = lastOfDay.get(day);
    if (!before || before.upTo <= each.upTo) lastOfDay.set(day, each);
  }
  return all.filter((each) => {
    const at = millisecondsOf(each.upTo);
    if (each.upTo === newest || at >= young) return false;
    return at < old || lastOfDay.get(each.upTo.slice(0, 10)) !== each;
  });
}
