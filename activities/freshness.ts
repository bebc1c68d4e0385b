import { passedDeadline } from '../core/deadline.ts';
import { dataUpTo, watch, type Watched } from '../core/freshness.ts';
import { millisecondsOf, type Instant } from '../core/interval.ts';
import { afterLook } from '../core/notices/incidents.ts';
import type { Connectors } from './connectors.ts';
import { tell } from './tell.ts';
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

/**
 * Tells people of every pipeline that has crossed a limit within the span, missed its deadline, or is well again; and what they could not
 * be told of before. @returns the pipelines' names
 */
export async function tellStale(connectors: Connectors, span: WatchSpan): Promise<string[]> {
  const { ledger, registry, notify } = connectors;
  if (!notify) return [];
  const watched = new Map((await watchAll(connectors, span)).map((each) => [each.pipeline, each]));
  for (const { name, freshness, deadline, start, schedule } of registry.values()) {
    if (!freshness && deadline === undefined) continue;
    const passed = passedDeadline({ deadline, start, schedule }, new Date(span.upTo));
    const doneUpTo = passed && (await ledger.doneUpTo(name));
    const stale = watched.get(name);
    await ledger.changeIncidents(name, (open) =>
      afterLook(open, {
        pipeline: name,
        ...(stale && {
          staleness: {
            ...(stale.watched.crossed && { crossed: stale.watched.crossed }),
            isFresh: stale.watched.isFresh,
            loadedUpTo: stale.loadedUpTo,
          },
        }),
        ...(passed && {
          deadline: { ...passed, isMet: doneUpTo !== undefined && doneUpTo >= passed.interval.end },
        }),
        doneUpTo,
      }),
    );
  }
  return [...new Set((await tell(connectors)).map(({ pipeline }) => pipeline))];
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
