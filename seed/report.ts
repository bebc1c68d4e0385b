import type { OlistTable } from './olist/tables.ts';

/** What a seeding, or an advance, did. */
export interface SeedReport<T extends string = OlistTable> {
  /** Rows written anew, per table. */
  readonly inserted: Readonly<Record<T, number>>;
  /** Rows changed in place, per table; all zero when everything was seeded anew. */
  readonly updated: Readonly<Record<T, number>>;
  /** Tables that no data place had a file for, with the file that was looked for. */
  readonly empty: readonly { readonly table: T; readonly file: string }[];
  /** Foreign keys left unchecked because the table they refer to is one of `empty`. */
  readonly unchecked: readonly string[];
  /** Whole days by which every date was moved. */
  readonly shiftedDays: number;
  /** Day of the newest order, `2018-10-17`; undefined without orders. */
  readonly newestPurchase: string | undefined;
  readonly seconds: number;
}

/** Called while rows are written: so many so far in this table. */
export type OnProgress = (progress: { readonly table: OlistTable; readonly rows: number }) => void;
