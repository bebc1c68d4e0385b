import { inWords, milliseconds, type DurationText } from './duration.ts';
import { parseInstant } from './interval.ts';
import type { ResolvedPipeline } from './pipeline.ts';

export interface Freshness {
  readonly state: 'fresh' | 'warn' | 'error' | 'never';
  /** Milliseconds since the last success; null when there was none. */
  readonly ageMs: number | null;
}

/** How old a pipeline's last success is, by the limits that it sets itself; undefined when it sets none. */
export function freshness(
  pipeline: ResolvedPipeline,
  lastSuccess: Date | undefined,
  now: Date,
): Freshness | undefined {
  const limits = pipeline.freshness;
  if (!limits) return undefined;
  if (!lastSuccess) return { state: 'never', ageMs: null };
  const ageMs = now.getTime() - lastSuccess.getTime();
  const state =
    ageMs > milliseconds(limits.errorAfter)
      ? 'error'
      : ageMs > milliseconds(limits.warnAfter)
        ? 'warn'
        : 'fresh';
  return { state, ageMs };
}

/** For people: `fresh: last success 3 h ago (warn after 2 days, error after 4 days)`. */
export function freshnessText(pipeline: ResolvedPipeline, found: Freshness): string {
  const { warnAfter, errorAfter } = pipeline.freshness ?? {};
  const age = found.ageMs === null ? 'no success yet' : `last success ${inWords(found.ageMs)} ago`;
  return `${found.state}: ${age} (warn after ${warnAfter ?? ''}, error after ${errorAfter ?? ''})`;
}

/** The Temporal Schedule that has pipelines watched, and how often. */
export const WATCH = { schedule: 'sluice-freshness', every: '15 minutes' } as const;

/** What a look at a pipeline finds. */
export interface Watched {
  /** It is past its `errorAfter`. */
  readonly breached: boolean;
  /** The limit that it has gone past since the look before, the graver one of two. */
  readonly crossed?: { readonly severity: 'warning' | 'error'; readonly limit: DurationText };
}

/**
 * What a look at a pipeline at `upTo` finds, where the look before was at `after`: looks that follow one another find each
 * crossing once. Until something succeeds, age counts from the pipeline's start. Undefined when it sets no limits.
 */
export function watch(
  { freshness: limits, start }: Pick<ResolvedPipeline, 'freshness' | 'start'>,
  lastSuccess: Date | undefined,
  { after, upTo }: { readonly after: Date; readonly upTo: Date },
): Watched | undefined {
  if (!limits) return undefined;
  const since = lastSuccess ?? new Date(parseInstant(start));
  const isPast = (limit: DurationText, at: Date) => at.getTime() - since.getTime() > milliseconds(limit);
  const wasCrossed = (limit: DurationText) => isPast(limit, upTo) && !isPast(limit, after);
  const { warnAfter, errorAfter } = limits;
  const breached = isPast(errorAfter, upTo);
  if (wasCrossed(errorAfter)) return { breached, crossed: { severity: 'error', limit: errorAfter } };
  if (wasCrossed(warnAfter) && !breached)
    return { breached, crossed: { severity: 'warning', limit: warnAfter } };
  return { breached };
}
