import type { LoadFields } from './fixtures.ts';
import type { LoadResult, Warehouse } from '../port.ts';

/** What the parts of the suite work with. */
export interface Bench {
  readonly warehouse: () => Warehouse;
  readonly load: (fields: LoadFields, signal?: AbortSignal) => Promise<LoadResult>;
  /** The rows of a query, as arrays of values. */
  readonly rows: (sql: string) => Promise<unknown[][]>;
  readonly execute: (sql: string) => Promise<void>;
}
