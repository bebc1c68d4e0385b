import type { DataInterval, Instant } from '../interval.ts';
import type { Dataset } from './dataset.ts';
import type { Dashboard } from './resolve.ts';

/** What looks at a mart, or at what it is made of. */
export interface GuardingCheck {
  /** `test.sluice.unique_fct_orders_order_id.…`; `check` for the run's own. */
  readonly id: string;
  readonly name: string;
  readonly outcome: 'passed' | 'warned' | 'failed' | 'not run';
}

/** Where the numbers of a panel come from. Nothing in it tells when it was written. */
export interface Receipt {
  readonly interval: DataInterval;
  /** The workflow id of the run that published them. */
  readonly run: string;
  /** How far the pipeline's data reached. */
  readonly upTo: Instant;
  /** What that run had loaded. */
  readonly loads: readonly { readonly table: string; readonly loadId: string; readonly rows: number }[];
  readonly checks: readonly GuardingCheck[];
  readonly sql: string;
  /** SHA-256, hex, of the numbers. */
  readonly hash: string;
}

/** Why newer numbers are not shown. */
export interface Withheld {
  /** Up to when the data reach that are not shown. */
  readonly upTo: Instant;
  readonly run: string;
  readonly interval: DataInterval;
  /** What failed. */
  readonly checks: readonly string[];
}

/** Numbers with their receipt. Withheld: those of the last publication that was good; none where there never was one. */
export interface Numbers<T> {
  readonly numbers: T | null;
  readonly receipt: Receipt | null;
  readonly withheld?: Withheld;
}

/** What a select of a panel's own gave. */
export interface SelectedRows {
  readonly columns: readonly { readonly name: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A dashboard with its numbers, as far as they went: what a page is made from, and can be made from again. */
export interface Publication {
  readonly dashboard: Dashboard;
  readonly upTo: Instant;
  /** By name of the dashboard's data. */
  readonly data: Readonly<Record<string, Numbers<Dataset>>>;
  /** By place of the panel. */
  readonly selects: Readonly<Record<string, Numbers<SelectedRows>>>;
}

/** What of a publication makes another page: which run it was that said the same changes none. */
export function substanceOf({ dashboard, upTo, data, selects }: Publication): string {
  const of = (numbers: Readonly<Record<string, Numbers<unknown>>>) =>
    Object.entries(numbers).map(([name, { receipt, withheld }]) => [
      name,
      receipt && [receipt.hash, receipt.sql, receipt.upTo, receipt.checks],
      withheld && [withheld.upTo, withheld.checks],
    ]);
  return JSON.stringify([dashboard, upTo, of(data), of(selects)]);
}
