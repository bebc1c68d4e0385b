import { modeOf } from '../core/extract-modes.ts';
import { toInstant, type DataInterval } from '../core/interval.ts';
import type { Manifest } from '../core/manifest.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { LateRows, RunRef } from '../core/run.ts';
import type { AppliedLoad, Warehouse } from '../connectors/warehouse/port.ts';

/**
 * The interval that was loaded last before a run's own, whose rows are counted beside its own: a transaction that was committed after
 * it had been read shows there. Undefined where there is none, or parts of it were loaded again since.
 */
export async function intervalBefore(
  warehouse: Warehouse,
  run: RunRef,
  table: ResolvedTable,
): Promise<DataInterval | undefined> {
  // Rows that come late into a window are read again as it is.
  return modeOf(table.extract).covers === 'interval' && !table.window
    ? (await loadBefore(warehouse, run, table.name))?.interval
    : undefined;
}

/** More rows than were loaded are late; fewer are rows that were changed or deleted since. */
export async function lateRows(
  warehouse: Warehouse,
  run: RunRef,
  { table, before }: Manifest,
): Promise<LateRows | undefined> {
  if (!before) return undefined;
  const load = await loadBefore(warehouse, run, table);
  const { interval, rows } = before;
  if (!load || load.interval.start !== interval.start || load.interval.end !== interval.end) return undefined;
  return rows > load.rowsLoaded ? { interval, rows, loaded: load.rowsLoaded } : undefined;
}

async function loadBefore(
  warehouse: Warehouse,
  { pipeline, interval: { start } }: RunRef,
  table: string,
): Promise<AppliedLoad | undefined> {
  const moment = { start: toInstant(new Date(Date.parse(start) - 1000)), end: start };
  const load = await warehouse.lastLoad(pipeline, table, moment);
  if (!load || load.interval.end !== start) return undefined;
  const last = await warehouse.lastLoad(pipeline, table, load.interval);
  return last?.loadId === load.loadId ? load : undefined;
}
