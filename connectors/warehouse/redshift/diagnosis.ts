import { TerminalError } from '../../../core/errors.ts';
import { withoutValues } from '../../../core/values.ts';
import { CountMismatch, KeyViolated, repeatedRows, rowsWithout } from '../errors.ts';
import { intervalCursor, mustContinue, undated } from '../load-request.ts';
import type { RedshiftApi } from './api.ts';
import type { Plan, Role } from './batch.ts';
import { statementError } from './errors.ts';
import { countNullKeys, countOutside, selectLoadErrors, countRepeatedKeys } from './reads.ts';
import { copyStage, createStage, withinIntervals } from './write.ts';

const SAMPLES = 3; // errors of a COPY shown in a message

/**
 * Says why a load's batch failed at a statement that proves something, in words: the files are staged once more and looked at.
 * What COPY itself says of its rows is read from its system table.
 */
export async function diagnosis(
  api: RedshiftApi,
  plan: Plan,
  role: Role | undefined,
  error: string,
): Promise<Error> {
  const { request, target } = plan;
  const { loadId, rows } = request.manifest;
  const doing = `Load ${loadId} of ${target.label}`;
  switch (role) {
    case 'copy':
      return statementError(`${error}${await loadErrors(api, plan)}`, doing);
    case 'key':
      return nullKey(api, plan);
    case 'unique':
      return repeatedKey(api, plan);
    case 'within':
      return outside(api, plan);
    case 'dated':
      return undated(target.label, intervalCursor(request, target.label).name);
    case 'empty':
      return thrownBy(() => mustContinue(request, target.label, { mark: null, hasRows: true }));
    case 'rows':
      return new CountMismatch(
        loadId,
        `COPY brought another number of rows than the ${rows} of its manifest.`,
      );
    case 'arrived':
      return new CountMismatch(
        loadId,
        `other rows arrived in ${target.label} than the ${rows} of its manifest.`,
      );
    default:
      return statementError(error, doing);
  }
}

function thrownBy(check: () => void): Error {
  try {
    check();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return new TerminalError('Rows were found and are gone again. Load it again.');
}

async function loadErrors(api: RedshiftApi, { copyManifest = '' }: Plan): Promise<string> {
  const folder = copyManifest.slice(0, copyManifest.lastIndexOf('/') + 1);
  try {
    const rows = await api.rows(selectLoadErrors(folder, SAMPLES), 'Reading sys_load_error_detail');
    return rows
      .map(
        (row) =>
          `\n  - ${String(row['file'])}: ${typeof row['name'] === 'string' && row['name'] ? `column '${row['name']}': ` : ''}${withoutValues(String(row['message']))}`,
      )
      .join('');
  } catch {
    return ' (sys_load_error_detail could not be read)';
  }
}

async function staged(
  api: RedshiftApi,
  plan: Plan,
  select: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const doing = `Looking at load ${plan.request.manifest.loadId}`;
  const statements = [
    createStage(plan.write.schema),
    copyStage(plan.copyManifest ?? '', plan.copyRole),
    select,
  ];
  const ended = api.mustFinish(await api.run(statements, doing), doing);
  return (await api.result(ended.id, doing, { part: 2 })).rows;
}

async function nullKey(api: RedshiftApi, plan: Plan): Promise<Error> {
  const { primaryKey: key } = plan.request.table;
  const [row] = await staged(api, plan, countNullKeys(key));
  const at = key.findIndex((_, index) => Number(row?.[`n${index}`]) > 0);
  return new KeyViolated(
    plan.target.label,
    key,
    `is NULL in column '${key[at] ?? ''}' of ${Number(row?.[`n${at}`])} rows.`,
    rowsWithout(plan.request.table.from, key[at] ?? ''),
  );
}

async function repeatedKey(api: RedshiftApi, plan: Plan): Promise<Error> {
  const { primaryKey: key, from } = plan.request.table;
  const [twice] = await staged(api, plan, countRepeatedKeys(key));
  const problem = `is not unique in the load: ${Number(twice?.['keys'])} keys have ${Number(twice?.['found'])} rows.`;
  return new KeyViolated(plan.target.label, key, problem, repeatedRows(from, key));
}

async function outside(api: RedshiftApi, plan: Plan): Promise<Error> {
  const { request, target } = plan;
  const { interval, timezone: zone } = request.manifest;
  const cursor = intervalCursor(request, target.label);
  const within = withinIntervals(cursor, [interval], { staged: true, zone });
  const [row] = await staged(api, plan, countOutside(within));
  if (!row)
    return new TerminalError(`Load ${request.manifest.loadId} could not be looked at. Load it again.`);
  return new CountMismatch(
    request.manifest.loadId,
    `${String(row['found'])} rows have a '${cursor.name}' outside of the interval that they are to replace.`,
  );
}
