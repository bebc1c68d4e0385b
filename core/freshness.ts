import { inWords, milliseconds } from './duration.ts';
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
