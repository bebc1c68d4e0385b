import { milliseconds, type DurationText } from '../../core/duration.ts';
import { millisecondsOf, toInstant, type Instant } from '../../core/interval.ts';
import { localBound } from '../../core/local-time.ts';
import type { Manifest } from '../../core/manifest.ts';
import { columnOf } from '../../core/mark.ts';
import type { LoadCheck } from './check.ts';

/** The newest row is young enough, by the cursor, at the end of the run's interval: the same whenever it is run. */
export const freshness: LoadCheck<'freshness'> = async ({ run, table, manifest }, { maxAge }, ledger) => {
  const { end } = run.interval;
  const oldest = toInstant(new Date(millisecondsOf(end) - milliseconds(maxAge)));
  const found = isNewer(manifest, oldest);
  if (typeof found === 'object') return found;
  const past = { start: new Date(millisecondsOf(oldest)), end: new Date(millisecondsOf(end)) };
  const isFresh =
    found ?? (await ledger.loadsBefore(run.pipeline, table.name, past)).some(({ rows }) => rows > 0);
  return isFresh ? 'good' : { wrong: stale(manifest, maxAge) };
};

function stale({ cursor }: Manifest, maxAge: DurationText): string {
  const column = columnOf(cursor) ?? 'its cursor';
  return (
    `the newest row by '${column}' is older than ${maxAge} at the end of the interval. ` +
    `Look whether the source still gets rows; if it is right, raise 'freshness.maxAge', or let it warn.`
  );
}

/** Whether the load has a row from this moment on; undefined where it has no row that could tell. */
function isNewer(
  { highWaterMark: mark, since, cursor, timezone = 'UTC' }: Manifest,
  oldest: Instant,
): boolean | undefined | { readonly wrong: string } {
  const newest = mark ?? since;
  if (newest == null) return undefined;
  const type = cursor?.type;
  // Marks are in the times that they are of: UTC, or those of the table's zone.
  if (type === 'timestamptz') return newest >= oldest.slice(0, 19).replace('T', ' ');
  if (type === 'timestamp') return newest >= localBound(oldest, timezone);
  if (type === 'date') return newest >= localBound(oldest, timezone).slice(0, 10);
  return {
    wrong: `its cursor '${columnOf(cursor) ?? ''}' is no time, so nothing tells how old a row is. Take 'freshness' out of its checks.`,
  };
}
