import type { ResolvedChecks, TableChecks } from './checks.ts';
import type { DurationText } from './duration.ts';
import type { Extractions, ResolvedExtract, WriteDisposition } from './extract-modes.ts';
import type { ParamDefinition, ResolvedParams } from './params.ts';
import type { ResolvedSchedule, WrittenSchedule } from './schedule.ts';
import type { ColumnType } from './schema.ts';
import type { ResolvedTask, TaskDefinition } from './tasks.ts';
import type { WarehouseLayout } from './warehouse-layout.ts';

/** What to do when the columns of a source table are no longer those of the target. */
export type SchemaPolicy = 'evolve' | 'reject';

export type { WarehouseLayout };

type Key = readonly [string, ...string[]];

interface CommonTable {
  /** Which part of the business it is of: a label, in its manifests. */
  readonly domain: string;
  /** The source table as `schema.table` or `table`, or a query whose columns are named; the table of the entry's name when absent. */
  readonly from?: string | { readonly query: string };
  /** Columns that stay behind in the source. */
  readonly exclude?: readonly string[];
  /** Exact types for columns that the source leaves open, such as a `numeric` without precision. A value that does not fit fails the run. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  /** The zone of the table's times without zone and of its dates, as an IANA name; the connection's, or UTC, when absent. */
  readonly timezone?: string;
  /**
   * Of an `interval` extraction: every run reads the span that ends with its interval anew, the first one all from the pipeline's start.
   * With `deletes` its rows take the place of all in the span (`replace-interval`): those that have vanished in the source go.
   */
  readonly window?: { readonly span: DurationText; readonly deletes?: boolean };
  /** MySQL's `0000-00-00`, which is no day: `fail` (default) stops the run, `null` makes it NULL and counts the rows. */
  readonly zeroDates?: 'fail' | 'null';
  /** When the source's columns change: the target follows (`evolve`, default), or the load is refused. */
  readonly onSchemaChange?: SchemaPolicy;
  /** What is looked at whenever it is loaded (docs/checks.md). */
  readonly checks?: TableChecks;
  /** Short for `checks: { minRows }`. */
  readonly minRows?: number;
  /** Where its rows lie in a warehouse of many machines. */
  readonly warehouse?: WarehouseLayout;
}

type Merged = { readonly write: 'merge'; readonly primaryKey: Key };
type Unkeyed<W> = { readonly write: W; readonly primaryKey?: Key };
/** What a table may say of its write: one of `W`, or nothing where that stands for `D`, which is one of them. */
type Written<W extends WriteDisposition, D extends WriteDisposition> =
  | ('merge' extends W ? Merged : never)
  | Unkeyed<Exclude<W, 'merge'>>
  | (D extends W
      ? { readonly write?: undefined } & (D extends 'merge'
          ? { readonly primaryKey: Key }
          : { readonly primaryKey?: Key })
      : never);
type Entries<D extends WriteDisposition> = Extractions<D>[keyof Extractions<D>];

/** `D`: the write disposition that tables have where neither they nor their mode name one. */
export type TableDefinition<D extends WriteDisposition = 'merge'> =
  Entries<D> extends infer E
    ? E extends Entries<D>
      ? CommonTable & { readonly extract: E['extract'] } & Written<E['writes'], E['byDefault']>
      : never
    : never;

export interface PipelineDefinition<D extends 'merge' | 'append' | 'replace-interval' = 'merge'> {
  /** snake_case; names the raw schema `raw_<name>`, the workflow ids and the schedule. */
  readonly name: string;
  /** What it brings or does, in a sentence. */
  readonly description: string;
  /** When it runs, and what its intervals are; `onFiles`: when files arrive; `manual`: when somebody says so, over the interval that is named. */
  readonly schedule: WrittenSchedule;
  /** The first instant that has data, in the zone of the schedule unless it names one: no interval that ends before it is run. */
  readonly start: string;
  /** The name of a connection in the profile, never an address or a secret. Needed by tables, and by waits for a row of it. */
  readonly source?: string;
  /** What its tables do where they do not say: `merge`, no lookback, `evolve`. */
  readonly defaults?: {
    readonly write?: D;
    readonly lookback?: DurationText;
    readonly onSchemaChange?: SchemaPolicy;
  };
  /** None where tasks or models are all there is to do. */
  readonly tables?: Readonly<Record<string, TableDefinition<D>>>;
  /** What a run may be given (`--param`), by name. Where none are declared, anything may be. */
  readonly params?: Readonly<Record<string, ParamDefinition>>;
  /** Steps of the pipeline's own, by name. */
  readonly tasks?: Readonly<Record<string, TaskDefinition>>;
  /** The models that are built and tested after the loads, as `dbt --select` names them. */
  readonly transform?: { readonly dbt: { readonly select: string } };
  /** How old what is loaded may be, by the end of its newest interval, until people are told. */
  readonly freshness?: { readonly warnAfter: DurationText; readonly errorAfter: DurationText };
  /** When the run that is due last must have succeeded, until people are told: `'08:00'` by the clock of the schedule's zone. */
  readonly deadline?: string;
  /** Tables in work at the same time (default 4). */
  readonly concurrency?: number;
  /** Before whom its steps come where a pool is full: the greater first, -100 to 100 (default 0). */
  readonly priority?: number;
  /** Attempts of a step whose failure may pass, where nobody is away (default 5). */
  readonly attempts?: number;
  /** How long a step is tried again while the source, the warehouse, the lake, the ledger or what runs containers cannot be reached (default '30 minutes'). */
  readonly retryFor?: DurationText;
  /** What a run does when its interval is already being run: `wait` for it, or `fail` naming the run that holds it (default). */
  readonly onConflict?: 'wait' | 'fail';
}

/** Checks a definition's types as it is written. What types cannot see, `resolvePipeline` checks when Sluice starts. */
export function definePipeline<const D extends 'merge' | 'append' | 'replace-interval' = 'merge'>(
  definition: PipelineDefinition<D>,
): PipelineDefinition<D> {
  return definition;
}

/** A definition with every default filled in: what a run records in its history and works from. Plain JSON. */
export interface ResolvedPipeline {
  readonly name: string;
  readonly description: string;
  readonly schedule: ResolvedSchedule;
  readonly start: string;
  /** Absent only where nothing needs one. */
  readonly source?: string | undefined;
  readonly tables: readonly ResolvedTable[];
  /** Absent where the definition declares none. */
  readonly params?: ResolvedParams | undefined;
  readonly tasks: readonly ResolvedTask[];
  readonly transform?: { readonly dbt: { readonly select: string } } | undefined;
  readonly freshness?: { readonly warnAfter: DurationText; readonly errorAfter: DurationText } | undefined;
  readonly deadline?: string | undefined;
  readonly concurrency: number;
  /** Absent in definitions that were recorded before there was one. */
  readonly priority?: number | undefined;
  readonly attempts: number;
  /** Absent in definitions that were recorded before there was one. */
  readonly retryFor?: DurationText | undefined;
  readonly onConflict: 'wait' | 'fail';
  /** Names of the dashboards that its runs publish; absent where there are none. */
  readonly dashboards?: readonly string[] | undefined;
}

export interface ResolvedTable {
  readonly name: string;
  readonly domain: string;
  readonly from: string;
  /** The query that is read in the place of a table, called `from`. */
  readonly query?: string;
  readonly extract: ResolvedExtract;
  readonly write: WriteDisposition;
  readonly primaryKey: readonly string[];
  readonly exclude: readonly string[];
  readonly types: Readonly<Record<string, ColumnType>>;
  /** Absent: the connection's, or UTC. */
  readonly timezone?: string;
  readonly zeroDates?: 'fail' | 'null';
  /** What every run reads: the span that ends with its interval, the first one everything since a moment. */
  readonly window?: { readonly span: DurationText; readonly since: string };
  readonly onSchemaChange: SchemaPolicy;
  /** Absent in definitions that were recorded before there were any. */
  readonly checks?: ResolvedChecks;
  /** Only in definitions that were recorded before there were `checks`. */
  readonly minRows?: number;
  /** Absent where the definition states none. */
  readonly warehouse?: WarehouseLayout | undefined;
}

/** The columns that a layout names. */
export function layoutColumns({ dist, sort = [] }: WarehouseLayout = {}): readonly string[] {
  return [...new Set([...(typeof dist === 'object' ? [dist.key] : []), ...sort])];
}

/** The warehouse schema that holds a pipeline's tables as loaded. */
export function rawSchema(pipeline: string): string {
  return `raw_${pipeline}`;
}

/**
 * The warehouse schemas that are a pipeline's own: its tables as loaded, what its tasks make in the lake, its models by layer, and its marts,
 * in that of its name.
 */
export function schemasOf(pipeline: string): readonly string[] {
  const layers = ['silver', 'gold', 'staging', 'intermediate'].map((layer) => `${pipeline}_${layer}`);
  return [rawSchema(pipeline), ...layers, pipeline];
}
