import { milliseconds } from '../../core/duration.ts';
import { modeOf } from '../../core/extract-modes.ts';
import { millisecondsOf, type DataInterval } from '../../core/interval.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';
import type { PastLoad } from '../../connectors/ledger/port.ts';
import type { LoadCheck } from './check.ts';

/** As many rows as the loads of the time before make one expect. That time ends where the run's interval begins, whenever it is run. */
export const volume: LoadCheck<'volume'> = async ({ run, table, manifest }, { within, of }, ledger) => {
  const start = millisecondsOf(run.interval.start);
  const span = { start: new Date(start - milliseconds(of)), end: new Date(start) };
  const loads = await ledger.loadsBefore(run.pipeline, table.name, span);
  const byLength = isByLength(table);
  // The first load of a table that goes on from its mark, or reads a window, holds all there was.
  const past = loads.filter(({ madeTarget }) => !madeTarget || isOfOneInterval(table));
  const covered = past.reduce((sum, { interval }) => sum + lengthOf(interval), 0);
  if (covered < milliseconds(of) / 2)
    return { untold: `not compared, as loads cover less than half of the ${of} before` };
  const expected = expectedRows(past, byLength ? run.interval : undefined);
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
  return modeOf(extract).covers !== 'all' && !window;
}

function isOfOneInterval({ extract, window }: ResolvedTable): boolean {
  return modeOf(extract).covers === 'all' || (modeOf(extract).covers === 'interval' && !window);
}

function lengthOf({ start, end }: DataInterval): number {
  return millisecondsOf(end) - millisecondsOf(start);
}

function inWords(rows: number): string {
  return rows < 100 ? rows.toFixed(1) : Math.round(rows).toString();
}
