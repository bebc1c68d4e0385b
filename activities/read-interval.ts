import { milliseconds } from '../core/duration.ts';
import { toInstant, type DataInterval } from '../core/interval.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { RunRef } from '../core/run.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';

/** What a run reads of a table: its interval, or the window that ends with it; everything, where the table is not there yet. */
export async function readInterval(
  warehouse: Pick<Warehouse, 'lastLoad' | 'present'>,
  { pipeline, interval }: Pick<RunRef, 'pipeline' | 'interval'>,
  { name, window }: Pick<ResolvedTable, 'name' | 'window'>,
): Promise<DataInterval> {
  if (!window) return interval;
  const { end } = interval;
  const start = Math.min(Date.parse(interval.start), Date.parse(end) - milliseconds(window.span));
  const since = Date.parse(window.since);
  const last = await warehouse.lastLoad(pipeline, name);
  const isThere = last && (await warehouse.present(pipeline, [name])).has(name);
  if (!isThere) return { start: toInstant(new Date(Math.min(start, since))), end };
  // Run again, it reads what it read: the first run everything.
  if (last.interval.end === end) return last.interval;
  return { start: toInstant(new Date(Math.max(start, since))), end };
}
