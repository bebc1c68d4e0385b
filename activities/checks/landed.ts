import type { RunRef, TableLoad } from '../../core/run.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';

/** What of a run's loads is not in the warehouse as they said, by table and in words: somebody else changed it. */
export async function notLanded(
  warehouse: Pick<Warehouse, 'landed' | 'lastLoad'>,
  { pipeline }: RunRef,
  loads: readonly TableLoad[],
): Promise<ReadonlyMap<string, string>> {
  const landed = await warehouse.landed(
    pipeline,
    loads.map(({ table, load }) => ({ table, loadId: load.loadId })),
  );
  const wrong = new Map<string, string>();
  for (const { table, load } of loads) {
    const expected = load.rows - load.rowsOutdated;
    const rows = landed.get(load.loadId) ?? 0;
    // A later load of the table may have replaced rows of this one, as loads do.
    if (rows === expected || (await warehouse.lastLoad(pipeline, table))?.loadId !== load.loadId) continue;
    wrong.set(table, `load ${load.loadId} brought ${expected} rows, ${rows} are there`);
  }
  return wrong;
}
