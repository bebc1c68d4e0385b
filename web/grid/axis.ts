import { millisecondsOf, type DataInterval } from '../../core/interval.ts';

const DAY_MS = 86_400_000;

/** What stands over a column: what it shares with its neighbours, and what is its own. */
export interface Tick {
  readonly group: string;
  readonly label: string;
}

/** `2018-08` and `01` for a day; `2018-08-01` and `05` for an hour; the year and the day where it begins for anything longer. */
export function tickOf({ start, end }: DataInterval): Tick {
  const length = millisecondsOf(end) - millisecondsOf(start);
  if (length < DAY_MS - 3_600_000)
    return {
      group: start.slice(0, 10),
      label: start.slice(14, 16) === '00' ? start.slice(11, 13) : start.slice(11, 16),
    };
  if (length <= DAY_MS + 3_600_000) return { group: start.slice(0, 7), label: start.slice(8, 10) };
  return { group: start.slice(0, 4), label: start.slice(5, 10) };
}

/** Neighbours of one group, as one. */
export function groupsOf(ticks: readonly Tick[]): { readonly group: string; readonly columns: number }[] {
  const groups: { group: string; columns: number }[] = [];
  for (const { group } of ticks) {
    const last = groups.at(-1);
    if (last?.group === group) last.columns += 1;
    else groups.push({ group, columns: 1 });
  }
  return groups;
}
