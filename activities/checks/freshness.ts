import { milliseconds, type DurationText } from '../../core/duration.ts';
import { millisecondsOf, toInstant, type Instant } from '../../core/interval.ts';
import { localBound } from '../../core/local-time.ts';
import type { Manifest } from '../../core/manifest.ts';
import { columnOf } from '../../core/mark.ts';
import type { NewestRow } from '../../core/run.ts';
import type { LoadCheck } from './check.ts';

/** The newest row is young enough, by the cursor, at the end of the run's interval: the same whenever it is run. */
export const freshness: LoadCheck<'freshness'> = async ({ run, table, manifest }, { maxAge }, ledger) => {
  const { end } = run.interval;
  const oldest = toInstant(new Date(millisecondsOf(end) - milliseconds(maxAge)));
  const { timezone = 'UTC' } = manifest;
  const mark = manifest.highWaterMark ?? manifest.since;
  if (mark != null) {
    const newest = ofTime(mark, manifest);
    if (!newest) return { wrong: noTime(manifest) };
    return isSince(newest, oldest, timezone) ? 'good' : { wrong: stale(manifest, maxAge) };
  }
  // It has no row that could tell: those of before do.
  const span = { start: new Date(millisecondsOf(oldest)), end: new Date(millisecondsOf(end)) };
  const past = await ledger.loadsBefore(run.pipeline, table.name, span);
  const isFresh = past.some(({ rows, interval, newest }) =>
    // Loads of before this was written down: a row of an interval that began since then is as young.
    newest ? isSince(newest, oldest, timezone) : rows > 0 && interval.start >= oldest,
  );
  return isFresh ? 'good' : { wrong: stale(manifest, maxAge) };
};

/** When the newest row of a load is of; undefined where it has none, or its cursor is no time. */
export function newestOf(manifest: Manifest): NewestRow | undefined {
  return manifest.highWaterMark === null ? undefined : ofTime(manifest.highWaterMark, manifest);
}

function ofTime(at: string, { cursor }: Manifest): NewestRow | undefined {
  const type = cursor?.type;
  return type === 'timestamptz' || type === 'timestamp' || type === 'date' ? { at, type } : undefined;
}

/** Marks are in the times that they are of: UTC, or those of the table's zone. */
function isSince({ at, type }: NewestRow, oldest: Instant, timezone: string): boolean {
  if (type === 'timestamptz') return at >= oldest.slice(0, 19).replace('T', ' ');
  const local = localBound(oldest, timezone);
  return at >= (type === 'date' ? local.slice(0, 10) : local);
}

function noTime({ cursor }: Manifest): string {
  return `its cursor '${columnOf(cursor) ?? ''}' is no time, so nothing tells how old a row is. Take 'freshness' out of its checks.`;
}

function stale({ cursor }: Manifest, maxAge: DurationText): string {
  const column = columnOf(cursor) ?? 'its cursor';
  return (
    `the newest row by '${column}' is older than ${maxAge} at the end of the interval. ` +
    `Look whether the source still gets rows; if it is right, raise 'freshness.maxAge', or let it warn.`
  );
}
