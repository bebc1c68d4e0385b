import type { DataInterval, Instant } from './interval.ts';
import type { Reach } from './manifest.ts';
import type { Patience } from './patience.ts';

/** The kinds of steps of a run, in the order that people are shown them. `extract` and `load` happen per table, `task` by name. */
export const STEPS = ['extract', 'load', 'transform', 'check', 'publish', 'pages', 'task'] as const;
export type Step = (typeof STEPS)[number];

export const RUN_KINDS = ['scheduled', 'manual', 'backfill', 'rerun'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export const OUTCOMES = ['running', 'succeeded', 'failed', 'cancelled'] as const;
export type Outcome = (typeof OUTCOMES)[number];
/** A step that its run's plan or an earlier step left out is `skipped`. */
export type StepOutcome = Outcome | 'skipped';

/** Temporal search attributes and their types. Registered by `sluice deploy` and by the embedded server. */
export const SEARCH_ATTRIBUTES = {
  Pipeline: 'KEYWORD',
  DataIntervalStart: 'DATETIME',
  DataIntervalEnd: 'DATETIME',
  RunKind: 'KEYWORD',
  Outcome: 'KEYWORD',
  BackfillId: 'KEYWORD',
  CodeVersion: 'KEYWORD',
} as const;

/** Names one execution of `runPipeline`; passed to every activity. */
export interface RunRef {
  /** Temporal's run id. */
  readonly runId: string;
  readonly workflowId: string;
  readonly pipeline: string;
  readonly interval: DataInterval;
  /** With failures of the run's steps; absent where a run is only named. */
  readonly patience?: Patience | undefined;
}

/** What `extract` gives: references, never rows. */
export interface ExtractResult {
  readonly loadId: string;
  readonly manifestUri: string;
  readonly rows: number;
  readonly bytes: number;
  /** True when the source gave the very files of the interval's earlier load, which then stands. */
  readonly unchanged: boolean;
  /** Where the source has more rows of the interval before by now than were loaded of it. */
  readonly late?: LateRows;
  /** How far the table is read; absent in results of older versions. */
  readonly reach?: Reach;
  /** What the source showed that should be looked at, after the table's name. */
  readonly notes?: readonly string[];
}

/** Rows that were committed after the run of their interval had read it. */
export interface LateRows {
  readonly interval: DataInterval;
  /** Rows that the source has of it, and that were loaded. */
  readonly rows: number;
  readonly loaded: number;
}

/** When the newest row of a load is of, as the source writes it: times without zone are of the table's. */
export interface NewestRow {
  readonly at: string;
  readonly type: 'timestamptz' | 'timestamp' | 'date';
}

export interface LoadStepResult {
  readonly loadId: string;
  readonly rows: number;
  readonly rowsDeleted: number;
  /** Left out of a merge, because a newer load had brought a newer version of their key. */
  readonly rowsOutdated: number;
  readonly alreadyApplied: boolean;
  /** The table was not there, and was made: loads of before count for nothing. */
  readonly madeTarget?: true;
  /** By the table's cursor, where that is a time. */
  readonly newest?: NewestRow;
  /** In words: `added column x`, … */
  readonly schemaChanges: readonly string[];
  readonly late?: LateRows;
  readonly reach?: Reach;
  readonly notes?: readonly string[];
  /** What its checks have found that is no failure. */
  readonly warnings?: readonly string[];
}

/** What a table's load has given. */
export interface TableLoad {
  readonly table: string;
  readonly load: LoadStepResult;
}

export interface TransformStepResult {
  readonly nodes: number;
  readonly warnings: readonly string[];
  /** Of the tool itself, its start and parsing included. */
  readonly seconds: number;
  /** Of each node, in milliseconds: `{ 'model.sluice.fct_orders': 120 }`. */
  readonly milliseconds: Readonly<Record<string, number>>;
}

export interface CheckResult {
  readonly tables: number;
  readonly rows: number;
  /** Those of `warnings` that a check of severity `warn` has found. */
  readonly found?: readonly string[];
  /** What is no failure of this run, and should be looked at. */
  readonly warnings?: readonly string[];
}

/** What checks of severity `warn` have found in a step, in words. */
export function foundByChecks({
  step,
  result,
}: {
  readonly step: Step;
  readonly result: unknown;
}): readonly string[] {
  if (step === 'load') return (result as Partial<LoadStepResult> | null)?.warnings ?? [];
  return step === 'check' ? ((result as Partial<CheckResult> | null)?.found ?? []) : [];
}

export interface PublishResult {
  readonly assets: readonly string[];
}

/** What became of each dashboard. */
export interface PagesResult {
  readonly dashboards: readonly {
    readonly name: string;
    /** Of its folder where pages are published. */
    readonly path: string;
    /** False where the page that is there says the same. */
    readonly isNew: boolean;
    /** Checks that failed, where panels show the numbers of before. */
    readonly withheld: readonly string[];
  }[];
  /** What somebody should look at: pages that are too heavy. */
  readonly warnings?: readonly string[];
}

/** What each step gives; recorded in the ledger, so that a re-run can take it from there. */
export interface StepResults {
  extract: ExtractResult;
  load: LoadStepResult;
  transform: TransformStepResult;
  check: CheckResult;
  publish: PublishResult;
  pages: PagesResult;
}

/** A step that was done in this run, and what it gave. */
export interface StepDone {
  readonly step: Step;
  readonly table: string | null;
  readonly result: unknown;
}

/** What a step's result says of rows and bytes. */
export function countsOf(result: unknown): { readonly rows: number | null; readonly bytes: number | null } {
  const { rows, bytes } = (result ?? {}) as { rows?: number; bytes?: number };
  return { rows: rows ?? null, bytes: bytes ?? null };
}

/** A step that a run left out, and why: `upstream failed: load:orders`. */
export interface SkippedStep {
  readonly step: Step;
  readonly table: string | null;
  readonly reason: string;
}

/** One that has failed before it began: what decides on it gave what decides nothing. */
export interface UndecidedStep {
  readonly step: Step;
  readonly table: string | null;
  readonly error: string;
}

/** How a step that gave this is written down: a task may ask to be taken as skipped. */
export function endOf(step: Step, result: unknown): StepEnd {
  if (step === 'task' && typeof result === 'object' && result !== null && 'skipped' in result)
    return { skipped: String(result.skipped) };
  return { result: result ?? null, ...countsOf(result) };
}

export type StepEnd =
  | { readonly result: unknown; readonly rows: number | null; readonly bytes: number | null }
  | { readonly skipped: string };

/** What `runPipeline` returns. */
export interface RunSummary {
  readonly pipeline: string;
  readonly interval: DataInterval;
  readonly rows: number;
  readonly tables: number;
  /** Results taken from an earlier run instead of being made again. */
  readonly reused: number;
}

/** `extract:orders`, `transform`; of a task its name. */
export function stepKey(step: Step, subject: string | null): string {
  if (subject === null) return step;
  return step === 'task' ? subject : `${step}:${subject}`;
}

/** The id under which a run over an interval is started, whichever door it comes through. */
export function runWorkflowId(pipeline: string, nominalTime: Instant): string {
  return `${pipeline}-${nominalTime}`;
}
