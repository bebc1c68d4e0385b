import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { DataDefinition } from '../core/dashboards/definition.ts';
import { isCutAlike, MOST_ROWS, toDataset, type Dataset } from '../core/dashboards/dataset.ts';
import type { Numbers, Publication, Receipt, SelectedRows } from '../core/dashboards/publication.ts';
import type { Dashboard } from '../core/dashboards/resolve.ts';
import { marts, selectProblems } from '../core/dashboards/select-check.ts';
import { doubledKeys, martsOf, selectOf } from '../core/dashboards/sql.ts';
import { InvalidInput, TerminalError, messageOf } from '../core/errors.ts';
import type { Instant } from '../core/interval.ts';
import type { PagesResult, RunRef, TableLoad } from '../core/run.ts';
import type { Connectors } from './connectors.ts';
import { guardsOf, type Endings, type Guards } from './guards.ts';
import { report } from './heartbeat.ts';
import { say } from './step-lines.ts';

/**
 * Publishes dashboards from the marts as they are now. What a failed check looks at, or what is made of that, keeps the numbers of the
 * last good publication. Where nothing was built nothing is published. May be repeated: the same numbers change no page.
 * @throws {TerminalError} naming every dashboard that could not be made; the others are published
 */
export async function pages(
  connectors: Connectors,
  run: RunRef,
  names: readonly string[],
  loads: readonly TableLoad[],
  endings: Endings,
): Promise<PagesResult> {
  const { pages, dashboards } = connectors;
  if (!pages) return { dashboards: [] };
  if (endings.transform === 'skipped' || (endings.transform === undefined && endings.check === 'skipped')) {
    say('nothing was built: the dashboards stay as they are');
    return { dashboards: [] };
  }
  const guards = await guardsOf(connectors, run, endings);
  const upTo = await reach(connectors, run);
  const done: PagesResult['dashboards'][number][] = [];
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const name of names) {
    const dashboard = dashboards.get(name);
    if (!dashboard) continue; // gone, or broken, since the run was planned
    try {
      const publication = await publicationOf(connectors, { dashboard, run, upTo, loads, guards });
      const { path, isNew, tooHeavy } = await pages.publish(publication);
      const all = [...Object.values(publication.data), ...Object.values(publication.selects)];
      const withheld = [...new Set(all.flatMap((each) => each.withheld?.checks ?? []))];
      say(
        `${name}: ${isNew ? 'published' : 'as it was'}${withheld.length ? `, withheld: ${withheld.join(', ')}` : ''}`,
      );
      done.push({ name, path, isNew, withheld });
      if (tooHeavy === undefined) continue;
      warnings.push(`${name}: ${tooHeavy}`);
      say(`${name}: ${tooHeavy}`, 'warn');
    } catch (error) {
      if (!(error instanceof TerminalError)) throw error;
      problems.push(`${name}: ${messageOf(error)}`);
    } finally {
      report({ dashboard: name });
    }
  }
  if (problems.length)
    throw new TerminalError(
      `Dashboards could not be made, and stay as they were:\n  - ${problems.join('\n  - ')}`,
    );
  return { dashboards: done, ...(warnings.length && { warnings }) };
}

interface Making {
  readonly dashboard: Dashboard;
  readonly run: RunRef;
  readonly upTo: Instant;
  readonly loads: readonly TableLoad[];
  readonly guards: Guards;
}

async function publicationOf(connectors: Connectors, making: Making): Promise<Publication> {
  const { dashboard, upTo } = making;
  const data: Record<string, Numbers<Dataset>> = {};
  const selects: Record<string, Numbers<SelectedRows>> = {};
  for (const [name, definition] of Object.entries(dashboard.data)) {
    await mustBeKeys(connectors, dashboard.pipeline, definition);
    const sql = selectOf(dashboard.pipeline, definition);
    data[name] = await numbersOf(
      connectors,
      making,
      sql,
      martsOf(definition),
      (result) => toDataset(definition, result),
      (past) => (isCutAlike(past.dashboard.data[name], definition) ? past.data[name] : undefined),
    );
  }
  for (const [at, panel] of dashboard.panels.entries()) {
    if (panel.kind !== 'select') continue;
    const known = [...making.guards.marts(dashboard.pipeline)];
    const problems = selectProblems(panel.select, known);
    if (problems.length) throw new InvalidInput(`The select of panel '${panel.title}'`, problems);
    selects[at] = await numbersOf(
      connectors,
      making,
      panel.select,
      marts(panel.select, known),
      rowsOf,
      (past) => Object.entries(past.selects).find(([place]) => titleAt(past, place) === panel.title)?.[1],
    );
  }
  return { dashboard, upTo, data, selects };
}

/** A join to a mart that has a key twice would count rows twice. */
async function mustBeKeys(
  { warehouse }: Connectors,
  schema: string,
  definition: DataDefinition,
): Promise<void> {
  const { cancellationSignal: signal } = Context.current();
  for (const { join, mart, sql } of doubledKeys(schema, definition)) {
    const { rows } = await warehouse.query(sql, { limit: 1, signal });
    if (rows.length)
      throw new TerminalError(
        `The join '${join}' is by columns of ${schema}.${mart} that are no key: rows would be counted twice. Join by its key, and give that a test 'unique'; to see one: ${sql}`,
      );
  }
}

const titleAt = ({ dashboard }: Publication, place: string) => dashboard.panels[Number(place)]?.title;

type Result = Awaited<ReturnType<Connectors['warehouse']['query']>>;

/** Numbers of now with their receipt; of a mart that a failed check looks at, those of before. */
async function numbersOf<T>(
  connectors: Connectors,
  { dashboard, run, upTo, loads, guards }: Making,
  sql: string,
  read: readonly string[],
  toNumbers: (result: Result) => T,
  ofPast: (past: Publication) => Numbers<T> | undefined,
): Promise<Numbers<T>> {
  const { interval, workflowId } = run;
  const checks = guards.of(
    read.map((each) => each.replace(/^.*\./, '')),
    dashboard.pipeline,
  );
  const failed = checks.filter(({ outcome }) => outcome === 'failed').map(({ name }) => name);
  if (failed.length) {
    const past = await lastGood(connectors, dashboard.name, sql, ofPast);
    return {
      numbers: past?.numbers ?? null,
      receipt: past?.receipt ?? null,
      withheld: { upTo, run: workflowId, interval, checks: failed },
    };
  }
  const { cancellationSignal: signal } = Context.current();
  const result = await connectors.warehouse.query(sql, { limit: MOST_ROWS, signal });
  if (result.truncated)
    throw new TerminalError(
      `${read.join(', ')}: more than ${MOST_ROWS} rows after grouping, which no page can hold. Leave a dimension out, cut it coarser, or count fewer keys.`,
    );
  const numbers = toNumbers(result);
  const receipt: Receipt = {
    interval,
    run: workflowId,
    upTo,
    loads: loads.map(({ table, load }) => ({ table, loadId: load.loadId, rows: load.rows })),
    checks,
    sql,
    hash: createHash('sha256').update(JSON.stringify(numbers)).digest('hex'),
  };
  return { numbers, receipt };
}

/** Of the newest publication that has numbers of the same select and cut, which may be withheld there as well. */
async function lastGood<T>(
  { pages }: Connectors,
  dashboard: string,
  sql: string,
  ofPast: (past: Publication) => Numbers<T> | undefined,
): Promise<Numbers<T> | undefined> {
  if (!pages) return undefined;
  const [newest] = await pages.list(dashboard);
  const past = newest && ofPast(await pages.read(dashboard, newest.path));
  return past?.receipt?.sql === sql ? past : undefined;
}

function rowsOf({ columns, rows }: Result): SelectedRows {
  return {
    columns: columns.map(({ name, type }) => ({
      name,
      numeric: /int|decimal|numeric|double|float|real/i.test(type),
    })),
    rows: rows.map((row) =>
      columns.map(({ name }) => {
        const value = row[name];
        if (value === null || value === undefined) return null;
        return typeof value === 'string' ? value : JSON.stringify(value);
      }),
    ),
  };
}

/** How far the marts' data reach: no less than this run, and no less than what was loaded of later. */
async function reach({ ledger, registry }: Connectors, { pipeline, interval }: RunRef): Promise<Instant> {
  const tables = registry.get(pipeline)?.tables.map(({ name }) => name) ?? [];
  const ends = Object.values(await ledger.loadedUpTo(pipeline, tables));
  return [...ends, interval.end].sort().at(-1) ?? interval.end;
}
