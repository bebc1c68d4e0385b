import { TerminalError, TransientError } from '../../../core/errors.ts';
import type { WarehouseLayout } from '../../../core/pipeline.ts';
import type { CareDone, CareReport, CareRequest, CareStep, Measurement, TableName } from '../port.ts';
import type { RedshiftApi } from './api.ts';
import { figuresOf, isInterleaved, newLayout, saidOf, stepsFor, type Figures } from './care-plan.ts';
import {
  analyze,
  relay,
  selectFigures,
  selectGrants,
  selectLosses,
  selectScanned,
  selectSkew,
  selectSortKey,
  WITHOUT_CACHE,
  type Grant,
} from './care-sql.ts';
import type { Row } from './loads-table.ts';
import { selectColumns, type Target } from './target.ts';
import { folded, qualified } from './text.ts';

const LOOKING = 'Looking at the tables of the warehouse';

/** Does what is due, one table after the other. */
export async function careFor(
  api: RedshiftApi,
  request: CareRequest,
  signal: AbortSignal,
  onStep: (step: CareDone) => void,
): Promise<CareReport> {
  const { limits, dryRun, layouts } = request;
  const found = await figuresIn(api, request.schemas);
  const wanted = request.tables;
  const looked = wanted ? found.filter((each) => wanted.some((table) => isSame(table, each))) : found;
  const steps: CareDone[] = [];
  const passedOver = (wanted ?? [])
    .filter((table) => !found.some((each) => isSame(table, each)))
    .map((table) => ({ ...table, why: 'it is not there, or it is empty' }));
  for (const figures of looked) {
    signal.throwIfAborted();
    const layout = layouts.find((each) => isSame(each, figures))?.layout;
    const due = await dueFor(api, figures, layout, limits);
    for (const step of due) {
      const done = dryRun ? { ...step, seconds: null, after: null } : await carriedOut(api, step, signal);
      steps.push(done);
      onStep(done);
    }
  }
  return { looked: looked.length, steps, passedOver };
}

/** A table that is copied is sorted and has no deleted rows by that: it lacks statistics alone. */
async function dueFor(
  api: RedshiftApi,
  figures: Figures,
  wanted: WarehouseLayout | undefined,
  limits: CareRequest['limits'],
): Promise<readonly CareStep[]> {
  const { schema, table } = figures;
  const doing = `Reading the keys of ${schema}.${table}`;
  const sorted = wanted
    ? (await api.rows(selectSortKey(figures), doing)).map((row) => String(row['column_name']))
    : [];
  const change = wanted && newLayout(figures, sorted, wanted);
  if (!change) return stepsFor(figures, limits);
  const target = targetFor(figures);
  return [
    { schema, table, does: 'layout', why: change.why, sql: await relaying(api, target, change.layout) },
    {
      schema,
      table,
      does: 'analyze',
      why: 'a table that was made anew has no statistics',
      sql: analyze(figures),
    },
  ];
}

/** Vacuum knows no transaction; what is several statements is one. */
async function carriedOut(api: RedshiftApi, step: CareStep, signal: AbortSignal): Promise<CareDone> {
  const { schema, table, does, sql } = step;
  const doing = `${does} of ${schema}.${table}`;
  const started = performance.now();
  const ended = await api.run(sql, doing, { signal });
  if (does === 'layout' && /divi(de|sion) by zero/i.test(ended.error))
    throw new TransientError(
      `${doing}: the table was changed meanwhile, so nothing was done. It is tried again from what it is then.`,
    );
  api.mustFinish(ended, doing);
  const seconds = (performance.now() - started) / 1000;
  const after = (await figuresIn(api, [schema])).find((each) => isSame(each, step));
  return { ...step, seconds, after: after ? saidOf(after) : null };
}

async function figuresIn(api: RedshiftApi, schemas: readonly string[]): Promise<readonly Figures[]> {
  if (!schemas.length) return [];
  const found = await api.rows(selectFigures(schemas), LOOKING);
  const ids = found.map((row) => figuresOf(row, new Map())).filter(isInterleaved);
  const skews = ids.length ? await api.rows(selectSkew(ids.map(({ id }) => id)), LOOKING) : [];
  const bySkew = new Map(skews.map((row) => [Number(row['table_id']), Number(row['skew'])]));
  return found.map((row) => figuresOf(row, bySkew));
}

/** @throws {TerminalError} the copy would lack what the table has */
async function relaying(
  api: RedshiftApi,
  target: Target,
  layout: WarehouseLayout,
): Promise<readonly string[]> {
  const doing = `Reading how ${target.label} is made`;
  const reads = [selectColumns(target), selectGrants(target), ...selectLosses(target)];
  const ended = api.mustFinish(await api.run(reads, doing), doing);
  const [columns = [], grants = [], ...losses] = await Promise.all(
    reads.map(async (_, part) => (await api.result(ended.id, doing, { part })).rows),
  );
  const names = new Set(columns.map((row) => String(row['name'])));
  const missing = [
    ...(layout.sort ?? []),
    ...(typeof layout.dist === 'object' ? [layout.dist.key] : []),
  ].filter((name) => !names.has(folded(name)));
  if (missing.length)
    throw new TerminalError(
      `${target.label} cannot have the keys of its 'warehouse': it has no column ${missing.map((name) => `'${name}'`).join(', ')}. Correct 'dist' or 'sort' in the pipeline.`,
    );
  for (const [at, what] of LOSSES.entries()) {
    const lost = (losses[at] ?? []).map((row) => String(row['name']));
    if (lost.length)
      throw new TerminalError(
        `${target.label} cannot be made anew with other keys: ${what} (${lost.join(', ')}) would be lost. Take that away, or change the keys by hand.`,
      );
  }
  return relay(
    target,
    columns.map((row) => ({ name: String(row['name']), type: String(row['type']) })),
    layout,
    grants.map(grantOf),
  );
}

/** In the order of `selectLosses`. */
const LOSSES = [
  'columns that are NOT NULL or have a default',
  'keys that somebody has declared',
  'rights on columns',
];

function grantOf(row: Row): Grant {
  return {
    privilege: String(row['privilege_type']),
    identity: String(row['identity_name']).trim(),
    kind: String(row['identity_type']).trim().toLowerCase(),
    passesOn: row['admin_option'] === true,
  };
}

/** @param sql one statement that reads */
export async function measured(
  api: RedshiftApi,
  sql: string,
  signal: AbortSignal | undefined,
): Promise<Measurement> {
  const doing = 'The query';
  const ended = api.mustFinish(await api.run([WITHOUT_CACHE, sql], doing, { signal }), doing, true);
  const { seconds = 0, queryId = 0 } = ended.last ?? {};
  const none = { seconds, rowsScanned: null, bytesScanned: null };
  if (queryId <= 0)
    return { ...none, unknown: 'the warehouse gave the statement no number to look it up by' };
  const [row] = await api.rows(selectScanned(queryId), 'Reading what the query has scanned');
  if (row?.['blocks'] === null || row?.['blocks'] === undefined)
    return { ...none, unknown: `sys_query_detail has no scan of statement ${queryId}` };
  return {
    seconds,
    rowsScanned: Number(row['scanned_rows']),
    bytesScanned: Number(row['blocks']) * 1024 * 1024,
    unknown: null,
  };
}

function targetFor({ schema, table }: TableName): Target {
  return { schema, table, name: qualified(schema, table), label: `${schema}.${table}` };
}

function isSame(a: TableName, b: TableName): boolean {
  return folded(a.schema) === folded(b.schema) && folded(a.table) === folded(b.table);
}
