import type { DataInterval } from '../../core/interval.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';
import type { SchemaChange } from '../../core/evolution.ts';
import type { ColumnType } from '../../core/schema.ts';

export interface LoadRequest {
  /** Target: `raw_<pipeline>.<table>`. */
  readonly pipeline: string;
  readonly table: ResolvedTable;
  readonly manifest: Manifest;
  /** Of the manifest's files, in its order. */
  readonly fileUris: readonly string[];
}

/** A row of the warehouse's own `_sluice.loads`: the proof that a load was applied, and where the high-water mark lives. */
export interface AppliedLoad {
  readonly loadId: string;
  readonly pipeline: string;
  readonly table: string;
  readonly interval: DataInterval;
  /** Rows staged from the files. */
  readonly rowsLoaded: number;
  /** Rows of the target taken away: replaced, or older versions of merged keys. */
  readonly rowsDeleted: number;
  /** Greatest cursor value durably loaded so far; never lower than that of an earlier load. */
  readonly highWaterMark: string | null;
  /** ISO 8601, UTC. */
  readonly loadedAt: string;
}

export interface LoadResult extends AppliedLoad {
  /** True when this load id had been applied before: nothing was done. */
  readonly alreadyApplied: boolean;
  readonly schemaChange: SchemaChange;
}

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** JSON values; what JSON cannot hold exactly (64-bit integers, decimals, times, bytes) as text. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** What an adapter can do, where adapters differ. Declared, never asked by name. */
export interface WarehouseCapabilities {
  /** Changes of a column's type within the load's transaction. */
  readonly widen: (from: ColumnType, to: ColumnType) => boolean;
}

/** The database that loads go to and models are built in. */
export interface Warehouse {
  readonly capabilities: WarehouseCapabilities;
  /** The newest applied load of a table, and of one interval where given; undefined when never loaded. */
  lastLoad(pipeline: string, table: string, interval?: DataInterval): Promise<AppliedLoad | undefined>;
  /** Load ids of a pipeline's applied loads that rows in the warehouse may still come from: what the lake must keep. */
  appliedLoadIds(): Promise<ReadonlySet<string>>;
  /**
   * Brings a load's rows into its target: derives or evolves the table, stages the files, checks counts and keys, writes by the
   * table's disposition and adds the `_sluice.loads` row, all in one transaction. Idempotent by load id.
   * @throws {TerminalError} the schema change is refused; the key is missing, null or not unique; counts do not agree; a newer load of the interval is already applied
   * @throws {TransientError} the warehouse is busy or the connection was lost
   */
  load(request: LoadRequest, signal: AbortSignal): Promise<LoadResult>;
  /** How many rows of each load are in its target now. */
  landed(
    pipeline: string,
    loads: readonly { readonly table: string; readonly loadId: string }[],
  ): Promise<ReadonlyMap<string, number>>;
  /** Runs one statement that reads. `limit` bounds the rows that are returned. */
  query(
    sql: string,
    options?: { readonly limit?: number; readonly signal?: AbortSignal },
  ): Promise<QueryResult>;
  /** Runs `use` while this process leaves the warehouse alone, so that a child process may write to it. Gives the environment it needs. */
  handOver<T>(use: (environment: Readonly<Record<string, string>>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
