import type { CheckName, Finding, ResolvedChecks } from '../../core/checks.ts';
import { TerminalError } from '../../core/errors.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';
import type { Ledger } from '../../connectors/ledger/port.ts';
import type { CheckedLoad, LoadCheck } from './check.ts';
import { freshness } from './freshness.ts';
import { minRows } from './min-rows.ts';
import { volume } from './volume.ts';

type OfLoads = Exclude<CheckName, 'landed'>;

const CHECKS: { readonly [Name in OfLoads]: LoadCheck<Name> } = { minRows, volume, freshness };

/**
 * Looks at a load with every check that its table has. @returns what is to be told; `say` hears what could not be told
 * @throws {TerminalError} with all that was found, where one of them is of severity `error`
 */
export async function checkLoad(
  ledger: Pick<Ledger, 'loadsBefore'>,
  load: CheckedLoad,
  say: (line: string) => void,
): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  const checks = checksOf(load.table);
  const look = async <Name extends OfLoads>(check: Name, settings: ResolvedChecks[Name]) => {
    if (!settings) return;
    const answer = await CHECKS[check](load, settings, ledger);
    if (answer === 'good') return;
    if ('untold' in answer) say(`${check}: ${answer.untold}`);
    else found.push({ check, severity: settings.severity, text: answer.wrong });
  };
  for (const check of Object.keys(CHECKS) as OfLoads[]) await look(check, checks[check]);
  if (!found.some(({ severity }) => severity === 'error')) return found;
  const { run, table, manifest } = load;
  throw new TerminalError(
    `${run.pipeline}.${table.name}: load ${manifest.loadId} was not brought into the warehouse:\n` +
      found.map(({ check, severity, text }) => `  - ${check} (${severity}): ${text}`).join('\n'),
  );
}

/** Definitions that were recorded before there were checks have a number of rows alone. */
function checksOf({ checks, minRows: rows }: ResolvedTable): ResolvedChecks {
  return checks ?? (rows ? { minRows: { rows, severity: 'error' } } : {});
}
