import { dataUpTo, watch, type Watched } from '../core/freshness.ts';
import { millisecondsOf, type Instant } from '../core/interval.ts';
import type { Notice } from '../connectors/notify/port.ts';
import type { Connectors } from './connectors.ts';
import { eachOnce } from './each-once.ts';
import { measureStreams } from './stream-metrics.ts';

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

/** Tells people of every pipeline that has crossed a limit within the span. @returns their names */
export async function tellStale(connectors: Connectors, span: WatchSpan): Promise<string[]> {
  const { notify } = connectors;
  if (!notify) return [];
  const notices = (await watchAll(connectors, span)).flatMap(noticesOf);
  await eachOnce(Object.fromEntries(notices.map((each) => [each.pipeline, () => notify.send(each)])));
  return notices.map(({ pipeline }) => pipeline);
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

function noticesOf({ pipeline, loadedUpTo, watched: { crossed } }: WatchedPipeline): Notice[] {
  return crossed ? [{ kind: 'stale', pipeline, loadedUpTo, ...crossed }] : [];
}
