import { modeOf } from './extract-modes.ts';
import type { DataInterval } from './interval.ts';
import type { ResolvedTable } from './pipeline.ts';

/** A stretch of time of which some tables have no rows: no run has loaded them. Of a pipeline without tables: that no run has succeeded over. */
export interface Gap extends DataInterval {
  /** Empty of a pipeline without tables. */
  readonly tables: readonly string[];
}

/**
 * The tables that decide whether an interval is loaded: those that an interval has rows of its own of; where a pipeline has
 * none, every table, which then shows when the pipeline was run. None of a pipeline without tables: its successful runs decide.
 */
export function decidingTables(tables: readonly ResolvedTable[]): string[] {
  const byInterval = tables.filter((table) => modeOf(table.extract).covers === 'interval');
  return (byInterval.length ? byInterval : tables).map((table) => table.name);
}

/** Whether two spans share a moment. */
export function overlap(a: DataInterval, b: DataInterval): boolean {
  return a.start < b.end && b.start < a.end;
}

/** Whether every moment of `inner` is in `outer`. */
export function covers(outer: DataInterval, inner: DataInterval): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** Those of `intervals` that share a moment with one of `stretches`; both oldest first, without overlaps of their own. */
export function touching<T extends DataInterval>(
  intervals: readonly T[],
  stretches: readonly DataInterval[],
): T[] {
  let at = 0;
  return intervals.filter((each) => {
    for (let stretch = stretches[at]; stretch && stretch.end <= each.start; stretch = stretches[at]) at += 1;
    const stretch = stretches[at];
    return stretch !== undefined && overlap(stretch, each);
  });
}

/** What is left of `stretches` without `taken`; each in any order, and with overlaps of their own. Oldest first, in one piece each. */
export function without(stretches: readonly DataInterval[], taken: readonly DataInterval[]): DataInterval[] {
  const cuts = merged(taken);
  return merged(stretches).flatMap(({ start, end }) => {
    const left: DataInterval[] = [];
    let from = start;
    for (const cut of cuts) {
      if (cut.end <= from || cut.start >= end) continue;
      if (cut.start > from) left.push({ start: from, end: cut.start });
      from = cut.end;
    }
    if (from < end) left.push({ start: from, end });
    return left;
  });
}

/** The same moments in as few pieces as there can be, oldest first. */
function merged(stretches: readonly DataInterval[]): DataInterval[] {
  const pieces: DataInterval[] = [];
  for (const { start, end } of [...stretches].sort((a, b) => (a.start < b.start ? -1 : 1))) {
    const last = pieces.at(-1);
    if (last && start <= last.end)
      pieces[pieces.length - 1] = { start: last.start, end: end > last.end ? end : last.end };
    else pieces.push({ start, end });
  }
  return pieces;
}
