import type { Chosen } from '../../../../core/dashboards/groups.ts';

/** What somebody has asked a table for. */
export interface TableState {
  readonly page: number;
  readonly sort?: { readonly by: string; readonly descending: boolean };
}

/** How a panel is looked at. */
export interface Looking {
  readonly chosen: Chosen;
  readonly table: TableState;
  /** Filters of the dashboard: a value of one of them can be chosen where it is shown. */
  readonly filters: readonly string[];
  /** The folder of all dashboards, as an address from the page. */
  readonly root: string;
}

/** How an address says what is chosen; null has a sign that no text has. */
export const NONE = '\uE000';

/** The address of a page with one value chosen. */
export function chosenHref(page: string, filter: string, value: string | null): string {
  return `${page}?${encodeURIComponent(filter)}=${encodeURIComponent(value ?? NONE)}`;
}
