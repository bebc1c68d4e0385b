import { passedDeadline } from '../core/deadline.ts';
import { dataUpTo, watch, type Watched } from '../core/freshness.ts';
import { millisecondsOf, type DataInterval, type Instant } from '../core/interval.ts';
import { decidingTables } from '../core/coverage.ts';
import { afterLook, type OpenIncident } from '../core/notices/incidents.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import type { Ledger } from '../connectors/ledger/port.ts';
import type { Connectors } from './connectors.ts';
import { putQuestion } from './questions.ts';
import { tell } from './tell.ts';
import { measureStreams } from './stream-metrics.ts';

const MOST_WAITING = 1_000; // steps that wait, of all runs

/** From the look before to this one. */
export interface WatchSpan {
  readonly after: Instant;
  readonly upTo: Instant;
}

/** Records how many pipelines are past their error limit, and what sources keep for those that follow changes. @returns their names */
export async function countStale(connectors: Connectors, span: WatchSpan): Promise<string[]> {
  const found = await watchAll(connectors, span);
  const breached = found.filter(({ watched }) => watched.breached).map(({ pipeline }) => pipeline);
  await connectors.metrics?.recordFreshness(breached.length, new Date(span.upTo));
  await measureStreams(connectors);
  return breached;
}

/**
 * Tells people of every pipeline that has crossed a limit within the span, missed its deadline, or is well again; and what they could not
 * be told of before. @returns the pipelines' names
 */
export async function tellStale(connectors: Connectors, span: WatchSpan): Promise<string[]> {
  const { ledger, registry, notify } = connectors;
  if (!notify) return [];
  const watched = new Map((await watchAll(connectors, span)).map((each) => [each.pipeline, each]));
  await askAgain(connectors);
  await ledger.forgetIncidents();
  const troubled = await ledger.openIncidents();
  for (const name of new Set([...registry.keys(), ...troubled.keys()])) {
    const definition = registry.get(name);
    if (!definition) {
      if (!registry.broken?.has(name))
        await ledger.changeIncidents(name, (open) => ({ open: [], close: open, notices: [] }));
      continue;
    }
    const passed = passedDeadline(definition, new Date(span.upTo));
    const stale = watched.get(name);
    if (!passed && !stale && !troubled.has(name)) continue;
    const look = {
      pipeline: name,
      ...(stale && { staleness: { ...stale.watched, loadedUpTo: stale.loadedUpTo } }),
      ...(passed && { deadline: { ...passed, isMet: await isDone(ledger, definition, passed.interval) } }),
      done: await doneOf(ledger, definition, troubled.get(name) ?? []),
    };
    await ledger.changeIncidents(name, (open) => afterLook(open, look));
  }
  return [...new Set((await tell(connectors)).map(({ pipeline }) => pipeline))];
}

/** Puts down what steps ask people that could not be when they began to. */
async function askAgain(connectors: Connectors): Promise<void> {
  const { ledger, registry } = connectors;
  for (const { table: step, ...run } of await ledger.waiting(MOST_WAITING)) {
    const task = registry.get(run.pipeline)?.tasks.find(({ name }) => name === step);
    if (task && 'approve' in task.does)
      await putQuestion(connectors, { run, step: task.name, question: task.does.approve });
  }
}

/** Whether the work of an interval is done: its tables are loaded, and a run over it has succeeded. */
async function isDone(
  ledger: Pick<Ledger, 'missing'>,
  { name, tables }: ResolvedPipeline,
  interval: DataInterval,
): Promise<boolean> {
  for (const asked of [decidingTables(tables), []])
    if ((await ledger.missing(name, asked, interval)).length) return false;
  return true;
}

/** Of the intervals whose deadline was told of as missed, the starts of those that are done by now. */
async function doneOf(
  ledger: Ledger,
  definition: ResolvedPipeline,
  open: readonly OpenIncident[],
): Promise<Instant[]> {
  const done: Instant[] = [];
  for (const { kind, subject: start, upTo: end } of open) {
    if (kind !== 'deadline' || end === null) continue;
    // A deadline that is none any more is not waited for.
    if (definition.deadline === undefined || (await isDone(ledger, definition, { start, end })))
      done.push(start);
  }
  return done;
}

interface WatchedPipeline {
  readonly pipeline: string;
  readonly loadedUpTo: Instant | null;
  readonly watched: Watched;
}

async function watchAll(
  { registry, ledger }: Connectors,
  { after, upTo }: WatchSpan,
): Promise<WatchedPipeline[]> {
  const span = { after: new Date(millisecondsOf(after)), upTo: new Date(millisecondsOf(upTo)) };
  const found: WatchedPipeline[] = [];
  for (const pipeline of registry.values()) {
    if (!pipeline.freshness) continue;
    const loadedUpTo = await dataUpTo(ledger, pipeline);
    const watched = watch(pipeline, loadedUpTo, span);
    if (watched) found.push({ pipeline: pipeline.name, loadedUpTo: loadedUpTo ?? null, watched });
  }
  return found;
}
