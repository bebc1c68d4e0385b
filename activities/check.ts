import { TerminalError } from '../core/errors.ts';
import type { CheckResult, LoadStepResult, RunRef } from '../core/run.ts';
import type { Connectors } from './connectors.ts';

export interface TableLoad {
  readonly table: string;
  readonly load: LoadStepResult;
}

/** Holds every table's rows in the warehouse against what its load said. */
export async function check(
  { warehouse }: Connectors,
  run: RunRef,
  loads: readonly TableLoad[],
): Promise<CheckResult> {
  const landed = await warehouse.landed(
    run.pipeline,
    loads.map(({ table, load }) => ({ table, loadId: load.loadId })),
  );
  const problems = loads.flatMap(({ table, load }) => {
    const expected = load.rows - load.rowsOutdated;
    const rows = landed.get(load.loadId) ?? 0;
    return rows === expected
      ? []
      : [`${table}: load ${load.loadId} brought ${expected} rows, ${rows} are there`];
  });
  if (problems.length) {
    throw new TerminalError(
      `Rows are missing in the warehouse after the load of ${run.pipeline}:\n  - ${problems.join('\n  - ')}\n` +
        `Somebody else changed the tables, or a newer run replaced them: look at 'sluice runs ${run.pipeline}', then rerun.`,
    );
  }
  return { tables: loads.length, rows: loads.reduce((sum, { load }) => sum + load.rows, 0) };
}
