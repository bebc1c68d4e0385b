import type { TableColumns } from '../../core/lineage/models.ts';
import type { CareLimits } from '../../core/care.ts';
import type { DataInterval } from '../../core/interval.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { Mark } from '../../core/mark.ts';
import type { ResolvedTable, WarehouseLayout } from '../../core/pipeline.ts';
import type { SchemaChange } from '../../core/evolution.ts';
import type { ColumnType } from '../../core/schema.ts';

export interface LoadRequest {
  /** Target: `raw_<pipeline>.<table>`. */
  readonly pipeline: string;
  readonly table: ResolvedTable;
  /** Where the manifest is; kept with the load, so that rows can be followed back to their files. */
  readonly manifestUri: string;
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
  /** Where the manifest of its files is. */
  readonly manifestUri: string;
  /** Rows in the files; all of them are in the target but for `rowsOutdated`. */
  readonly rowsLoaded: number;
  /** Rows of the target taken away: replaced, or older versions of merged keys. */
  readonly rowsDeleted: number;
  /** Rows of the files left out, because newer loads had already brought newer versions of their keys, or hold their part of the interval. */
  readonly rowsOutdated: number;
  /** Greatest value of the manifest's cursor durably loaded so far by loads of this mode; null once the target that it was loaded to is gone. */
  readonly highWaterMark: string | null;
  /** SHA-256, hex, over the manifest's columns, mark and files: the same for loads of the same rows in the same files. */
  readonly fingerprint: string;
  /** ISO 8601 with microseconds, UTC. */
  readonly loadedAt: string;
  /** True when there was no target, and this load made it: of what was loaded before, it has nothing. */
  readonly madeTarget: boolean;
}

export interface LoadResult extends AppliedLoad {
  /** True when this load id had been applied before: nothing was done. */
  readonly alreadyApplied: boolean;
  readonly schemaChange: SchemaChange;
}

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** JSON values; what JSON cannot hold exactly (64-bit integers, decimals, times, bytes, NaN) as text. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** True when `limit` cut rows off. */
  readonly truncated: boolean;
}

/** A part of a result, in its order. */
export interface QueryBatch extends Pick<QueryResult, 'columns' | 'rows'> {
  /** The same values column by column, for whoever makes no objects of them. Never empty. */
  readonly values: readonly (readonly unknown[])[];
}

export interface ReadOptions {
  readonly limit?: number;
  readonly signal?: AbortSignal;
  /** The statement is of the person who reads its error, and may read the rows: that is told whole. Else without values of rows. */
  readonly owned?: boolean;
}

/** A table of the warehouse, by the names that it has there. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

export interface CareRequest {
  /** Whose tables are looked at; those that are not there are passed over. */
  readonly schemas: readonly string[];
  /** Only these of them. Absent: all. */
  readonly tables?: readonly TableName[] | undefined;
  /** Keys that tables are to have; those of others are left as they are. */
  readonly layouts: readonly (TableName & { readonly layout: WarehouseLayout })[];
  readonly limits: CareLimits;
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
}

/** What is done for a table: in the words of the warehouse. */
export interface CareStep extends TableName {
  /** `analyze`, `vacuum full`, `vacuum sort only`, `vacuum delete only`, `vacuum reindex`, `layout`; `checkpoint` is of the whole file. */
  readonly does: string;
  /** What was found that asks for it. */
  readonly why: string;
  /** What is sent for it, in order. */
  readonly sql: readonly string[];
}

/** A step that was done, or that would be. */
export interface CareDone extends CareStep {
  /** Null where nothing was done. */
  readonly seconds: number | null;
  /** What the warehouse counts afterwards; null where nothing was done, or it does not count it. */
  readonly after: string | null;
}

export interface CareReport {
  /** Tables that were looked at. */
  readonly looked: number;
  readonly steps: readonly CareDone[];
  /** Tables that were asked for and are not there, or of which the warehouse counts nothing because they are empty; and why no step is for them. */
  readonly passedOver: readonly (TableName & { readonly why: string })[];
}

/** What a statement has cost, where the warehouse counts it. */
export interface Measurement {
  readonly seconds: number;
  /** Of tables, before any condition; null where it is not counted. */
  readonly rowsScanned: number | null;
  /** Read of tables; null where it is not counted. */
  readonly bytesScanned: number | null;
  /** Why a figure is null; null where none is. */
  readonly unknown: string | null;
}

/** What an adapter can do, where adapters differ. Declared, never asked by name. */
export interface WarehouseCapabilities {
  /** Changes of a column's type within the load's transaction. */
  readonly widen: (from: ColumnType, to: ColumnType) => boolean;
}

/** The database that loads go to and models are built in. */
export interface Warehouse {
  readonly capabilities: WarehouseCapabilities;
  /** The load of a table that was applied last, among those that overlap an interval where one is given; undefined when there is none. */
  lastLoad(pipeline: string, table: string, overlapping?: DataInterval): Promise<AppliedLoad | undefined>;
  /**
   * Where an incremental extraction of the table goes on. Undefined where it begins: no incremental load has left a mark, or the
   * target that they were loaded to is gone, emptied or made anew: of the rows that the mark speaks of, it has none of the newest load's.
   */
  mark(pipeline: string, table: string): Promise<Mark | undefined>;
  /**
   * Those of a pipeline's raw tables that are there. While the warehouse is handed over and nobody can look, all of them: nobody waits
   * for a child process in order to make a plan.
   */
  present(pipeline: string, tables: readonly string[]): Promise<ReadonlySet<string>>;
  /** Ids of the loads that rows in the warehouse come from, and of the newest of every interval: what the lake must keep. */
  appliedLoadIds(): Promise<ReadonlySet<string>>;
  /**
   * Brings a load's rows into its target in one transaction: derives or evolves the table, checks counts and keys, writes by the
   * table's disposition and adds the `_sluice.loads` row. A failed load leaves nothing behind.
   *
   * Load ids sort by time as text. What is written, by disposition:
   * - `replace-interval`, and `append` of an `interval` extraction: the rows take the place of all whose cursor lies in the
   *   interval, whichever load brought them, but for the parts of it that newer loads hold: rows of those parts are left out and
   *   counted as outdated. So the target has, for every moment, the rows of the newest load over it, in whatever order loads are applied.
   *   With `replace-interval` and a key, rows of older loads go as well whose key comes again, and rows are left out whose key newer loads have brought.
   * - `append` of a snapshot: the rows are added, in the place of those of an older snapshot of the very interval; one of an interval that shares a part with it is refused.
   * - `append` of an `incremental` extraction: the rows are added; each must be read once, from the mark that the load before has left.
   * - `replace`: the rows come in the place of all others.
   * - `merge`: the rows are replaced by key; a row that a newer load brought stays, and the older version is counted as outdated.
   *
   * Idempotent by load id, which may not come again with other files or for another table. A load that was applied before is put back where its rows have since gone missing from the target without
   * a newer load taking their place (a table dropped by hand); rows that newer loads own are never touched by that.
   * @throws {SchemaDriftRejected} the schema change is refused
   * @throws {KeyViolated} a key column is missing, null, or the key not unique in the load
   * @throws {CountMismatch} the files hold other rows or columns than the manifest says, or rows outside of the interval that they are to replace
   * @throws {IntervalTaken} newer loads hold the whole interval (for `replace`: a newer load of the table is applied)
   * @throws {MarkMoved} the table no longer stands at the mark that an incremental load was read from
   * @throws {TerminalError} anything else that retrying cannot cure
   * @throws {TransientError} the warehouse is busy or the connection was lost
   * @throws the signal's reason when aborted; nothing was applied then
   */
  load(request: LoadRequest, signal: AbortSignal): Promise<LoadResult>;
  /** How many rows of each load are in its target now, by load id; 0 where the target is gone. */
  landed(
    pipeline: string,
    loads: readonly { readonly table: string; readonly loadId: string }[],
  ): Promise<ReadonlyMap<string, number>>;
  /**
   * Runs one statement that reads; one that writes, or that reaches for files outside of the warehouse, is refused. Rows come a batch
   * at a time, so that memory does not grow with the result: the next is read when `take` has settled, none once it gives false.
   * The warehouse stays in use meanwhile. `limit` bounds the rows that are given.
   * @returns the columns, which a result without rows has as well
   */
  read(
    sql: string,
    take: (batch: QueryBatch) => boolean | Promise<boolean>,
    options?: ReadOptions,
  ): Promise<Omit<QueryResult, 'rows'>>;
  /** `read`, with all rows at once: 10,000 where no limit is given. */
  query(sql: string, options?: ReadOptions): Promise<QueryResult>;
  /** Every column of every table and view, in its order; by `schema.table`. @throws {TerminalError} there are more than 100,000 */
  columns(signal: AbortSignal): Promise<TableColumns>;
  /**
   * Runs `use` while this process leaves the warehouse alone, so that a child process may write to it. Gives the environment it needs.
   * Other calls wait until `use` has settled: `use` itself must not call the warehouse.
   */
  handOver<T>(
    use: (environment: Readonly<Record<string, string>>) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T>;
  /**
   * Looks at tables, and does for each what the limits ask for: statistics, sorting, giving space back, and other keys, for which a
   * table is copied and takes the other's place in one transaction. No row changes, whenever it ends; what was done before it did stays,
   * and the next call does what is left. Steps are done one after the other; loads may go on meanwhile.
   * @param onStep hears of each step when it is done, or, in a dry run, found
   * @throws {TerminalError} a table cannot have the keys that it is to have, naming it; the right to look or to do it is lacking
   * @throws {TransientError} as `load`; also while the warehouse tidies for somebody else
   * @throws the signal's reason when aborted; a copy that was under way has left nothing
   */
  care(request: CareRequest, signal: AbortSignal, onStep?: (step: CareDone) => void): Promise<CareReport>;
  /** Runs a statement that reads, past any cache of results, and tells what it has cost. Its rows are thrown away. Refuses what `read` refuses. */
  measure(sql: string, signal?: AbortSignal): Promise<Measurement>;
  /** Waits for what is running. The warehouse cannot be used afterwards. May be called again. */
  close(): Promise<void>;
}
