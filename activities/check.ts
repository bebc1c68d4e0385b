import { TerminalError } from '../core/errors.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { CheckResult, LoadStepResult, RunRef } from '../core/run.ts';
import type { Connectors } from './connectors.ts';

export interface TableLoad {
  readonly table: Pick<ResolvedTable, 'name' | 'minRows'>;
  readonly load: LoadStepResult;
}

/** Holds every table's rows in the warehouse against what its load said, and against what the pipeline expects. */
export async function check(
  { warehouse }: Connectors,
  run: RunRef,
  loads: readonly TableLoad[],
): Promise<CheckResult> {
  const landed = await warehouse.landed(
    run.pipeline,
    loads.map(({ table, load }) => ({ table: table.name, loadId: load.loadId })),
  );
  const problems = loads.flatMap(({ table, load }) => {
    const rows = landed.get(table.name) ?? 0;
    return [
      ...(rows === load.rows
        ? []
        : [`${table.name}: load ${load.loadId} brought ${load.rows} rows, ${rows} are there`]),
      ...(load.rows >= table.minRows
        ? []
        : [`${table.name}: ${load.rows} rows, at least ${table.minRows} expected`]),
    ];
  });
  if (problems.length) {
    throw new TerminalError(
      `Checks of ${run.pipeline} failed:\n  - ${problems.join('\n  - ')}\nLook at the source, then 'sluice rerun ${run.runId}'.`,
    );
  }
  return { tables: loads.length, rows: loads.reduce((sum, { load }) => sum + load.rows, 0) };
}
