import { z } from 'zod';
import { InvalidInput } from './errors.ts';
import { wordsOf } from './issues.ts';
import { nameProblem, twins } from './params.ts';
import { RUN_KINDS } from './run.ts';
import { schedule } from './schedule.ts';

/** PostgreSQL, where runs are written down, takes every character but this one. */
const text = z.string().refine((value) => !value.includes('\0'), 'must not hold a NUL character');

/** Numbers, true and false are taken as they are written, and are text from here on. */
const value = z.union([text, z.number(), z.boolean()]).transform(String);

/** Names as the models write them; those that differ in case alone would be mixed up. */
const params = z.record(z.string(), value).superRefine((values, context) => {
  for (const name of Object.keys(values)) {
    const problem = nameProblem(name);
    if (problem !== undefined) context.addIssue(problem);
  }
  for (const [one, other] of twins(Object.keys(values)))
    context.addIssue(`'${one}' and '${other}' differ in case alone; give one of them`);
});

export const runPipelineInput = z.strictObject({
  pipeline: text.min(1),
  /**
   * `2018-08-01` (the interval that starts there) or `2018-08-01/2018-09-01`. A time without a zone
   * is one of the pipeline's. Absent: the one that is due, of a scheduled run; else the last one that has ended.
   */
  interval: text.optional(),
  /** Only these tables; all when absent, none when empty. */
  tables: z.array(text).optional(),
  /** A step, or `extract` or `load` for those of all tables: it and all that comes after it is done; other results come from the last run of the interval that has them. */
  fromStep: text.min(1).optional(),
  /** A run (its Temporal run id) whose succeeded steps are not repeated. */
  resume: text.optional(),
  /** Steps that are left out: `transform` with the tasks that follow the models, `tasks` the others. */
  skip: z.array(z.enum(['transform', 'check', 'tasks'])).optional(),
  /** Given to tasks, and to the models as variables; checked where the pipeline declares parameters. */
  params: params.optional(),
  kind: z.enum(RUN_KINDS).optional(),
  backfillId: text.optional(),
  /** What the Temporal schedule that started the run was deployed with; today's definition may say otherwise. */
  schedule: schedule.optional(),
  /** The pipeline's start, likewise. */
  start: text.optional(),
});

/** What `runPipeline` takes: small enough to type into the Temporal Web UI, `{"pipeline":"olist"}`. */
export type RunPipelineInput = z.infer<typeof runPipelineInput>;

const CONCURRENCY = 'must be a whole number from 1 to 50';

export const backfillInput = z.strictObject({
  pipeline: text.min(1),
  /** First instant of the range, on the cadence: `2018-08-01`, in the pipeline's zone unless it names one. */
  from: text,
  /** End of the range, exclusive. */
  to: text,
  /** Runs at the same time. */
  concurrency: z.int(CONCURRENCY).min(1, CONCURRENCY).max(50, CONCURRENCY).default(2),
  /** `missing`: never loaded; `failed`: these and the failed ones; `all`: every interval. */
  reprocess: z.enum(['missing', 'failed', 'all']).default('missing'),
  /** `once`: snapshot and incremental tables and models once, after the last interval; `each`: in every run. */
  transform: z.enum(['once', 'each']).default('once'),
  /** Only these tables; all when absent. The models are built all the same. */
  tables: z.array(text).min(1).optional(),
  /** Runs after which the backfill goes on as a new execution; 200 are about 2,000 history events, Temporal warns at 10,000. */
  runsPerExecution: z.int().min(1).max(500).default(200),
});

/** What `backfillPipeline` takes as people write it. */
export type BackfillInput = z.input<typeof backfillInput>;
export type BackfillRequest = z.infer<typeof backfillInput>;

/** Parses what somebody typed. @throws {InvalidInput} naming each field that does not hold, and what is wrong beside them */
export function parseInput<T>(
  schema: z.ZodType<T>,
  value: unknown,
  subject: string,
  alsoWrong: readonly string[] = [],
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success && !alsoWrong.length) return parsed.data;
  throw new InvalidInput(subject, [
    ...alsoWrong,
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.') || 'input'}: ${wordsOf(issue)}.`),
  ]);
}
