import { NEW_HAS_NO_TIME } from '../../core/checks.ts';
import { milliseconds } from '../../core/duration.ts';
import { modeOf } from '../../core/extract-modes.ts';
import { millisecondsOf, type DataInterval } from '../../core/interval.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';
import type { PastLoad } from '../../connectors/ledger/port.ts';
import type { LoadCheck } from './check.ts';

/** As many rows as the loads of the time before make one expect. That time ends where the run's interval begins, whenever it is run. */
export const volume: LoadCheck<'volume'> = async (
  { run, table, manifest, isThere },
  { within, of },
  ledger,
) => {
  if (isOfWhatIsNew(table)) return { untold: `not compared, as ${NEW_HAS_NO_TIME}` };
  if (!(await isThere())) return { untold: 'not compared, as it is the first load of its table' };
  // Of a table that was not there, a window reads all that there is; also for an attempt that comes after it was made.
  if (
    table.window &&
    lengthOf(manifest.interval) > Math.max(milliseconds(table.window.span), lengthOf(run.interval))
  )
    return { untold: 'not compared, as it has more than the window' };
  const start = millisecondsOf(run.interval.start);
  const span = { start: new Date(start - milliseconds(of)), end: new Date(start) };
  const loads = await ledger.loadsBefore(run.pipeline, table.name, span);
  // The first load of a table that reads a window holds all there was.
  const past = loads.filter(({ madeTarget }) => !madeTarget || !table.window);
  const covered = past.reduce((sum, { interval }) => sum + lengthOf(interval), 0);
  if (covered < milliseconds(of) / 2)
    return { untold: `not compared, as loads cover less than half of the ${of} before` };
  const expected = expectedRows(past, isByLength(table) ? run.interval : undefined);
  const { rows } = manifest;
  if (isWithin(rows, expected, Number.parseFloat(within))) return 'good';
  return {
    wrong:
      `the load has ${rows} rows, those of the ${of} before make ${inWords(expected)} expected, within ${within}. ` +
      `Look why the source has so ${rows < expected ? 'few' : 'many'}; if it is right, widen 'volume', or let it warn.`,
  };
};

/**
 * Rows to be expected: where loads are measured by their length as many for a time as the past ones had, else as many as they had on
 * average.
 * @param past one at least
 */
export function expectedRows(
  past: readonly Pick<PastLoad, 'interval' | 'rows'>[],
  interval: DataInterval | undefined,
): number {
  const rows = past.reduce((sum, load) => sum + load.rows, 0);
  if (!interval) return rows / past.length;
  return (rows * lengthOf(interval)) / past.reduce((sum, load) => sum + lengthOf(load.interval), 0);
}

export function isWithin(rows: number, expected: number, percent: number): boolean {
  return Math.abs(rows - expected) * 100 <= expected * percent;
}

/** A snapshot has all rows, and a window those of its span, whatever the length of the interval. */
function isByLength({ extract, window }: ResolvedTable): boolean {
  return modeOf(extract).covers === 'interval' && !window;
}

/** Only in definitions that were recorded before such checks were refused. */
function isOfWhatIsNew({ extract }: ResolvedTable): boolean {
  return modeOf(extract).covers === 'new';
}

function lengthOf({ start, end }: DataInterval): number {
  return millisecondsOf(end) - millisecondsOf(start);
}

function inWords(rows: number): string {
  return rows < 100 ? rows.toFixed(1) : Math.round(rows).toString();
}
