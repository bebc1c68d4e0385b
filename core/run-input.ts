import { z } from 'zod';
import { InvalidInput } from './errors.ts';
import { RUN_KINDS } from './run.ts';
import { schedule } from './schedule.ts';

export const runPipelineInput = z.strictObject({
  pipeline: z.string().min(1),
  /**
   * `2018-08-01` (the interval that starts there) or `2018-08-01/2018-09-01`. A time without a zone
   * is one of the pipeline's. Absent: the one that is due, of a scheduled run; else the last one that has ended.
   */
  interval: z.string().optional(),
  /** Only these tables; all when absent, none when empty. */
  tables: z.array(z.string()).optional(),
  /** A step, or `extract` or `load` for those of all tables: it and all that comes after it is done; other results come from the last run of the interval that has them. */
  fromStep: z.string().min(1).optional(),
  /** A run (its Temporal run id) whose succeeded steps are not repeated. */
  resume: z.string().optional(),
  /** Steps that are left out: `transform` with the tasks that follow the models, `tasks` the others. */
  skip: z.array(z.enum(['transform', 'check', 'tasks'])).optional(),
  /** Passed to the models as variables. */
  params: z.record(z.string(), z.string()).optional(),
  kind: z.enum(RUN_KINDS).optional(),
  backfillId: z.string().optional(),
  /** What the Temporal schedule that started the run was deployed with; today's definition may say otherwise. */
  schedule: schedule.optional(),
  /** The pipeline's start, likewise. */
  start: z.string().optional(),
});

/** What `runPipeline` takes: small enough to type into the Temporal Web UI, `{"pipeline":"olist"}`. */
export type RunPipelineInput = z.infer<typeof runPipelineInput>;

export const backfillInput = z.strictObject({
  pipeline: z.string().min(1),
  /** First instant of the range, on the cadence: `2018-08-01`, in the pipeline's zone unless it names one. */
  from: z.string(),
  /** End of the range, exclusive. */
  to: z.string(),
  /** Runs at the same time. */
  concurrency: z.int().min(1).max(50).default(2),
  /** `missing`: never loaded; `failed`: these and the failed ones; `all`: every interval. */
  reprocess: z.enum(['missing', 'failed', 'all']).default('missing'),
  /** `once`: snapshot and incremental tables and models once, after the last interval; `each`: in every run. */
  transform: z.enum(['once', 'each']).default('once'),
  /** Runs after which the backfill goes on as a new execution; 200 are about 2,000 history events, Temporal warns at 10,000. */
  runsPerExecution: z.int().min(1).max(500).default(200),
});

/** What `backfillPipeline` takes as people write it. */
export type BackfillInput = z.input<typeof backfillInput>;
export type BackfillRequest = z.infer<typeof backfillInput>;

/** Parses what somebody typed. @throws {InvalidInput} naming each field that does not hold */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, subject: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidInput(
    subject,
    parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}.`),
  );
}
