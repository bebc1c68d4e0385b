import { TerminalError } from '../core/errors.ts';
import { exactText, intervalText } from '../core/interval.ts';
import type { Reach } from '../core/manifest.ts';
import type { CheckResult, LateRows, RunRef, TableLoad } from '../core/run.ts';
import { notLanded } from './checks/landed.ts';
import type { Connectors } from './connectors.ts';
import { say } from './step-lines.ts';

/**
 * Holds every table's rows in the warehouse against what its load said, and warns of rows that earlier intervals have missed, or that this one does not have yet.
 * @param lenient tables of which it is told alone that rows are missing
 */
export async function check(
  { warehouse }: Pick<Connectors, 'warehouse'>,
  run: RunRef,
  loads: readonly TableLoad[],
  lenient: readonly string[] = [],
): Promise<CheckResult> {
  const missing = [...(await notLanded(warehouse, run, loads))];
  const inWords = ([table, what]: readonly [string, string]) => `${table}: ${what}`;
  const problems = missing.filter(([table]) => !lenient.includes(table)).map(inWords);
  if (problems.length) {
    throw new TerminalError(
      `Rows are missing in the warehouse after the load of ${run.pipeline}:\n  - ${problems.join('\n  - ')}\n` +
        `Somebody else changed the tables. Find out who, then 'sluice rerun ${run.workflowId} --all'.`,
    );
  }
  const told = loads.flatMap(({ table, load: { late, reach, notes = [] } }) => [
    ...(late ? [lateInWords(run, table, late)] : []),
    ...notes.map((each) => `${table}: ${each}.`),
    ...(reach && reach.upTo < run.interval.end ? [shortInWords(run, table, reach)] : []),
  ]);
  const found = missing.map(([table, what]) => `${table}: landed: ${what}.`);
  const warnings = [...found, ...told];
  for (const warning of warnings) say(warning, 'warn');
  return {
    tables: loads.length,
    rows: loads.reduce((sum, { load }) => sum + load.rows, 0),
    ...(found.length && { found }),
    ...(warnings.length && { warnings }),
  };
}

function lateInWords({ pipeline }: RunRef, table: string, { interval, rows, loaded }: LateRows): string {
  return (
    `${table}: the source has ${rows} rows of ${intervalText(interval)} by now, ${loaded} were loaded of it: the others were committed late. ` +
    `Load them with 'sluice run ${pipeline} --interval ${exactText(interval)}'.`
  );
}

function shortInWords({ interval }: RunRef, table: string, { upTo, heldBy }: Reach): string {
  const short = `${table}: the source was read up to ${upTo} only, which is before the end of ${intervalText(interval)}`;
  return heldBy === undefined
    ? `${short}: what comes later needs another load.`
    : `${short}: ${heldBy} may still bring rows. They come with the first run after it has ended; end it if nobody needs it.`;
}
