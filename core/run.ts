import { z } from 'zod';
import { InvalidInput } from './errors.ts';
import type { DataInterval, Instant } from './interval.ts';

/** The stages of a run, in their order. `extract` and `load` happen per table. */
export const STEPS = ['extract', 'load', 'transform', 'check', 'publish'] as const;
export type Step = (typeof STEPS)[number];

export const RUN_KINDS = ['scheduled', 'manual', 'backfill', 'rerun'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export type Outcome = 'running' | 'succeeded' | 'failed' | 'cancelled';

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

export const runPipelineInput = z.strictObject({
  pipeline: z.string().min(1),
  /** `2018-08-01` (the interval that starts there) or `2018-08-01/2018-09-01`. Absent: the last one that ended before the start. */
  interval: z.string().optional(),
  /** Only these tables; all when absent, none when empty. */
  tables: z.array(z.string()).optional(),
  /** Starts here; the results of the steps before it come from the last run of the interval that has them. */
  fromStep: z.enum(STEPS).optional(),
  /** A run (its Temporal run id) whose succeeded steps are not repeated. */
  resume: z.string().optional(),
  /** Steps that are left out. */
  skip: z.array(z.enum(['transform', 'check'])).optional(),
  /** Passed to the models as variables. */
  params: z.record(z.string(), z.string()).optional(),
  kind: z.enum(RUN_KINDS).optional(),
  backfillId: z.string().optional(),
});

/** What `runPipeline` takes: small enough to type into the Temporal Web UI, `{"pipeline":"olist"}`. */
export type RunPipelineInput = z.infer<typeof runPipelineInput>;

export const backfillInput = z.strictObject({
  pipeline: z.string().min(1),
  /** First instant of the range, on the cadence: `2018-08-01`. */
  from: z.string(),
  /** End of the range, exclusive. */
  to: z.string(),
  /** Runs at the same time. */
  concurrency: z.int().min(1).max(50).default(2),
  /** `missing`: never loaded; `failed`: these and the failed ones; `all`: every interval. */
  reprocess: z.enum(['missing', 'failed', 'all']).default('missing'),
  /** `once`: snapshot tables and models once, after the last interval; `each`: in every run. */
  transform: z.enum(['once', 'each']).default('once'),
});

/** What `backfillPipeline` takes as people write it. */
export type BackfillInput = z.input<typeof backfillInput>;
export type BackfillRequest = z.infer<typeof backfillInput>;

/** Names one execution of `runPipeline`; passed to every activity. */
export interface RunRef {
  /** Temporal's run id. */
  readonly runId: string;
  readonly workflowId: string;
  readonly pipeline: string;
  readonly interval: DataInterval;
}

/** What `extract` gives: references, never rows. */
export interface ExtractResult {
  readonly loadId: string;
  readonly manifestUri: string;
  readonly rows: number;
  readonly bytes: number;
  /** True when the source gave the very files of the interval's earlier load, which then stands. */
  readonly unchanged: boolean;
}

export interface LoadStepResult {
  readonly loadId: string;
  readonly rows: number;
  readonly rowsDeleted: number;
  /** Left out of a merge, because a newer load had brought a newer version of their key. */
  readonly rowsOutdated: number;
  readonly alreadyApplied: boolean;
  /** In words: `added column x`, … */
  readonly schemaChanges: readonly string[];
}

export interface TransformStepResult {
  readonly nodes: number;
  readonly warnings: readonly string[];
  /** Of each node, in milliseconds: `{ 'model.sluice.fct_orders': 120 }`. */
  readonly milliseconds: Readonly<Record<string, number>>;
}

export interface CheckResult {
  readonly tables: number;
  readonly rows: number;
}

export interface PublishResult {
  readonly assets: readonly string[];
}

/** What each step gives; recorded in the ledger, so that a re-run can take it from there. */
export interface StepResults {
  extract: ExtractResult;
  load: LoadStepResult;
  transform: TransformStepResult;
  check: CheckResult;
  publish: PublishResult;
}

/** What `runPipeline` returns. */
export interface RunSummary {
  readonly pipeline: string;
  readonly interval: DataInterval;
  readonly rows: number;
  readonly tables: number;
  /** Results taken from an earlier run instead of being made again. */
  readonly reused: number;
}

/** `extract:orders`, `transform` */
export function stepKey(step: Step, table: string | null): string {
  return table === null ? step : `${step}:${table}`;
}

/** The id under which a run over an interval is started, whichever door it comes through. */
export function runWorkflowId(pipeline: string, nominalTime: Instant): string {
  return `${pipeline}-${nominalTime}`;
}

/** Parses what somebody typed. @throws {InvalidInput} naming each field that does not hold */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, subject: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(
    subject,
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}.`),
  );
}
