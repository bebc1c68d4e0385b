import { inWords, milliseconds, type DurationText } from './duration.ts';
import { millisecondsOf, parseInstant, type Instant } from './interval.ts';
import type { ResolvedPipeline } from './pipeline.ts';

export interface Freshness {
  readonly state: 'fresh' | 'warn' | 'error' | 'never';
  /** Milliseconds since the end of the newest interval that every table is loaded up to; null while there is none. */
  readonly ageMs: number | null;
}

/** What is asked of the ledger: how far each table is loaded, without those that never were; how far runs have succeeded. */
export interface Loaded {
  loadedUpTo(pipeline: string, tables: readonly string[]): Promise<Readonly<Record<string, Instant>>>;
  doneUpTo(pipeline: string): Promise<Instant | undefined>;
}

/**
 * The end of the newest interval that was loaded, of the table that is furthest behind: what a pipeline's age counts from,
 * whenever it was loaded. Undefined while a table never was. Of a pipeline without tables, the end of the newest interval that a
 * run has succeeded over.
 */
export async function dataUpTo(
  ledger: Loaded,
  { name, tables }: Pick<ResolvedPipeline, 'name' | 'tables'>,
): Promise<Instant | undefined> {
  if (!tables.length) return ledger.doneUpTo(name);
  const names = tables.map((table) => table.name);
  const ends = await ledger.loadedUpTo(name, names);
  if (names.some((table) => !(table in ends))) return undefined;
  return Object.values(ends).sort()[0];
}

/** How old a pipeline's data is, by the limits that it sets itself; undefined when it sets none. */
export function freshness(
  pipeline: ResolvedPipeline,
  upTo: Instant | undefined,
  now: Date,
): Freshness | undefined {
  const limits = pipeline.freshness;
  if (!limits) return undefined;
  if (upTo === undefined) return { state: 'never', ageMs: null };
  const ageMs = now.getTime() - millisecondsOf(upTo);
  const state =
    ageMs > milliseconds(limits.errorAfter)
      ? 'error'
      : ageMs > milliseconds(limits.warnAfter)
        ? 'warn'
        : 'fresh';
  return { state, ageMs };
}

/** For people: `fresh: data up to 3 h ago (warn after 2 days, error after 4 days)`. */
export function freshnessText(pipeline: ResolvedPipeline, found: Freshness): string {
  const { warnAfter, errorAfter } = pipeline.freshness ?? {};
  const of = pipeline.tables.length ? 'data' : 'done';
  const age = found.ageMs === null ? nothingYet(pipeline) : `${of} up to ${inWords(found.ageMs)} ago`;
  return `${found.state}: ${age} (warn after ${warnAfter ?? ''}, error after ${errorAfter ?? ''})`;
}

/** Why there is no moment up to which a pipeline is loaded. */
export function nothingYet({ tables }: Pick<ResolvedPipeline, 'tables'>): string {
  return tables.length ? 'not all tables are loaded' : 'no run has succeeded yet';
}

/** The Temporal Schedule that has pipelines watched, and how often. */
export const WATCH = { schedule: 'sluice-freshness', every: '15 minutes' } as const;

/** What a look at a pipeline finds. */
export interface Watched {
  /** It is past its `errorAfter`. */
  readonly breached: boolean;
  /** It is past neither limit. */
  readonly isFresh: boolean;
  /** The limit that it has gone past since the look before, the graver one of two. */
  readonly crossed?: { readonly severity: 'warning' | 'error'; readonly limit: DurationText };
}

/**
 * What a look at a pipeline at `upTo` finds, where the look before was at `after`: looks that follow one another find each
 * crossing once. Until every table is loaded, age counts from the pipeline's start. Undefined when it sets no limits.
 */
export function watch(
  { freshness: limits, start }: Pick<ResolvedPipeline, 'freshness' | 'start'>,
  loaded: Instant | undefined,
  { after, upTo }: { readonly after: Date; readonly upTo: Date },
): Watched | undefined {
  if (!limits) return undefined;
  const since = millisecondsOf(loaded ?? parseInstant(start));
  const isPast = (limit: DurationText, at: Date) => at.getTime() - since > milliseconds(limit);
  const wasCrossed = (limit: DurationText) => isPast(limit, upTo) && !isPast(limit, after);
  const { warnAfter, errorAfter } = limits;
  const breached = isPast(errorAfter, upTo);
  const isFresh = !isPast(warnAfter, upTo);
  if (wasCrossed(errorAfter)) return { breached, isFresh, crossed: { severity: 'error', limit: errorAfter } };
  if (wasCrossed(warnAfter) && !breached)
    return { breached, isFresh, crossed: { severity: 'warning', limit: warnAfter } };
  return { breached, isFresh };
}
