import { z } from 'zod';
import { care, type Care, type CareDefinition } from './care.ts';
import { dataset, datasetName, type DatasetDefinition, type ResolvedDataset } from './datasets.ts';
import { duration, milliseconds } from './duration.ts';
import type { DurationText } from './duration.ts';
import { oneOf } from './one-of.ts';
import { size, type SizeText } from './size.ts';
import { condition, type Condition } from './waits.ts';

/** When a step goes ahead, by how the steps before it ended: all succeeded (default), at least one failed, or whatever they did. */
export const WHEN = ['succeeded', 'failed', 'always'] as const;
export type When = (typeof WHEN)[number];

/** What a step that waits does when its time is over: it fails, or it and what comes after it are skipped. */
export const ON_TIMEOUT = ['fail', 'skip'] as const;
export type OnTimeout = (typeof ON_TIMEOUT)[number];

interface PlacedTask {
  /**
   * What it comes after: steps by key (`load:orders`, `transform`), stages (`extract`, `load`: of all tables) or other tasks.
   * One that names neither `after` nor `before` comes last.
   */
  readonly after?: readonly string[];
  /** What comes after it: the same names. */
  readonly before?: readonly string[];
  /** By how the steps before it ended: `succeeded` (default: all did), `failed` (at least one did) or `always`. */
  readonly when?: When;
  /**
   * A task before it whose result says whether this one runs: `true`, this task's name, or a list that holds it.
   * With `false`, null or other names it is skipped, and so is what comes after it unless that runs `always`.
   */
  readonly onlyIf?: string;
}

interface WorkingTask extends PlacedTask {
  /** Of one attempt (default 1 hour), 24 days at most. */
  readonly timeout?: DurationText;
  /** Attempts in all, where a failure may pass (default: the pipeline's). */
  readonly attempts?: number;
  /**
   * Any failure of its own may pass: an exit code, an exception, its `timeout`. The next attempt begins so long after it, in `attempts` in all
   * (docs/tasks.md). Absent: only what says so itself, exit code 75 or a thrown `TransientError`.
   */
  readonly retry?: { readonly after: DurationText };
  /**
   * Tables in the lake that it makes (docs/lakehouse.md): no two steps may make the same. One that says `{}` is only named, for the order of
   * the steps; the task puts it where it likes.
   */
  readonly writes?: Readonly<Record<string, DatasetDefinition | Readonly<Record<string, never>>>>;
  /**
   * Done once for each element of the list that a task before it gave, so many at a time (default 16). Its result is the list of
   * what each gave, in their order.
   */
  readonly each?: { readonly from: string; readonly max?: number };
  /** A pool of the profile: over all runs no more of its steps work at the same time than it has places. */
  readonly pool?: string;
}

/** A function of the project's `tasks/` folder, called by its name. */
export interface FunctionTask extends WorkingTask {
  /** `choose` for the default export of `tasks/choose.ts`. */
  readonly run: string;
}

/** A program with its arguments, started in the project's `tasks/` folder; no shell. */
export interface ScriptTask extends WorkingTask {
  /** `['python3', 'score.py']` */
  readonly script: readonly [string, ...string[]];
}

/** A container that is run to its end, on what the profile names under `jobs.container`. */
export interface ContainerTask extends WorkingTask {
  /** What is run. */
  readonly container: Container;
}

export interface Container {
  /** With its tag or digest: `ghcr.io/us/train@sha256:…`. */
  readonly image: string;
  /** Program and arguments, or arguments of the image's entry point; absent: what the image says. */
  readonly command?: readonly string[] | undefined;
  /** Cores, parts of one too; absent: as many as there are. */
  readonly cpu?: number | undefined;
  /** Absent: as much as there is. */
  readonly memory?: SizeText | undefined;
  /** What is no secret; those are named in the profile. */
  readonly env?: Readonly<Record<string, string>> | undefined;
}

/** A Spark job of the project, `spark/jobs/<name>.py`, on what the profile names under `jobs.spark`. */
export interface SparkTask extends Omit<WorkingTask, 'retry'> {
  readonly spark: string;
}

/** Looks at the pipeline's tables in the warehouse, and cares for those that need it. */
export interface CareTask extends PlacedTask {
  readonly care: CareDefinition;
  /** Of one attempt (default 1 hour), 24 days at most. */
  readonly timeout?: DurationText;
  /** Attempts in all, where a failure may pass (default: the pipeline's). */
  readonly attempts?: number;
  /** A pool of the profile: over all runs no more of its steps work at the same time than it has places. */
  readonly pool?: string;
}

/** Waits until a person has said yes: `sluice approve RUN STEP`, or the run's update `approve` in the Web UI. */
export interface ApprovalTask extends PlacedTask {
  /** What is to be approved, in words for the person who is asked. */
  readonly approve: string;
  /** How long is waited for an answer (default 7 days). */
  readonly timeout?: DurationText;
  /** Default `fail`. Somebody's no always fails the step. */
  readonly onTimeout?: OnTimeout;
}

/** Waits until something is there. */
export interface WaitTask extends PlacedTask {
  /** What it waits for. */
  readonly waitFor: Condition;
  /** Between two looks (default 1 minute). */
  readonly every?: DurationText;
  /** How long is waited in all (default 12 hours). */
  readonly timeout?: DurationText;
  /** Default `fail`. */
  readonly onTimeout?: OnTimeout;
}

/** A step that the pipeline's author wrote. */
export type TaskDefinition =
  FunctionTask | ScriptTask | ContainerTask | SparkTask | CareTask | ApprovalTask | WaitTask;

/** What a task does in or beside a worker. */
export type OwnWork = { readonly run: string } | { readonly script: readonly string[] };
/** What it does elsewhere: an attempt can join what an earlier one has begun. */
export type RemoteWork = { readonly container: Container } | { readonly spark: string };
/** What the project's author has made. */
export type ProjectWork = OwnWork | RemoteWork;
/** What the warehouse does for its tables. */
export interface CareWork {
  readonly care: Care;
}
export type Work = ProjectWork | CareWork;
/** What the run waits for by itself. */
export interface Approval {
  readonly approve: string;
  readonly onTimeout: OnTimeout;
}
export interface Wait {
  readonly waitFor: Condition;
  readonly every: DurationText;
  readonly onTimeout: OnTimeout;
}

/** A task with its defaults filled in. */
export interface ResolvedTask<Does = Work | Approval | Wait> {
  readonly name: string;
  readonly does: Does;
  /** Undefined where the definition names no place at all: then it comes last. */
  readonly after: readonly string[] | undefined;
  readonly before: readonly string[];
  readonly when: When;
  readonly onlyIf?: string | undefined;
  readonly timeout: DurationText;
  readonly attempts?: number | undefined;
  readonly retry?: WorkingTask['retry'] | undefined;
  /** Names of the tables in the lake that it makes. */
  readonly writes: readonly string[];
  /** Those of them whose versions are kept; absent where there are none. */
  readonly datasets?: Readonly<Record<string, ResolvedDataset>> | undefined;
  readonly each?: { readonly from: string; readonly max: number } | undefined;
  readonly pool?: string | undefined;
}

/** Bytes of a result as JSON at most: it travels through histories. */
export const RESULT_LIMIT = 65_536;

/** What a task has published: the datasets as they are now, and what they were made from. */
export interface Published {
  readonly publication: number;
  /** False where nothing was new, and the publication that stood stands. */
  readonly isNew: boolean;
  readonly datasets: Readonly<
    Record<
      string,
      { readonly rows: number; readonly files: number; readonly inputs: Readonly<Record<string, string>> }
    >
  >;
}

/** What a task gave. */
export type TaskResult =
  /** JSON, 64 KiB at most; null where it gave nothing. */
  | { readonly output: unknown; readonly published?: Published }
  /** It asks that what comes after it is skipped, and says why. */
  | { readonly skipped: string };

const span = duration.refine((text) => milliseconds(text) > 0, 'must be a second at least');
/** Of one attempt at work. Timers of a worker count milliseconds in 31 bits: a longer one would be over at once. */
const attemptSpan = span.refine((text) => milliseconds(text) <= 24 * 86_400_000, 'must be 24 days at most');
const name = z.string().min(1, 'must name a step');
const place = {
  after: z.array(name).optional(),
  before: z.array(name).optional(),
  when: z.enum(WHEN).default('succeeded'),
  onlyIf: name.optional(),
};
const attempted = {
  ...place,
  timeout: attemptSpan.default('1 hour'),
  attempts: z.int().min(1).max(100).optional(),
  pool: z.string().min(1, 'must name a pool of the profile').optional(),
};
const retry = z
  .strictObject({
    after: span.refine((text) => milliseconds(text) <= 86_400_000, 'must be a day at most'),
  })
  .optional();
const work = {
  ...attempted,
  writes: z.record(datasetName, dataset).default({}),
  each: z.strictObject({ from: name, max: z.int().min(1).max(100).default(16) }).optional(),
};

type Written = Omit<ResolvedTask, 'name' | 'after' | 'before' | 'writes'> & {
  readonly after?: readonly string[] | undefined;
  readonly before?: readonly string[] | undefined;
  readonly writes?: Readonly<Record<string, z.infer<typeof dataset>>>;
};

const container = z.strictObject({
  image: z.string().regex(/^[^\s/][^\s]*$/, 'must name an image, like ghcr.io/us/train:1.2'),
  command: z.array(z.string()).min(1, 'must begin with a program').optional(),
  cpu: z.number().min(0.01).max(512).optional(),
  memory: size.optional(),
  env: z
    .record(
      z
        .string()
        .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name of letters, digits and _')
        .refine((text) => !text.startsWith('SLUICE_'), 'must not begin with SLUICE_: those are the run’s'),
      z.string(),
    )
    .optional(),
});

const kinds = {
  run: z
    .strictObject({ ...work, retry, run: z.string().min(1) })
    .transform(({ run, ...rest }): Written => ({ ...rest, does: { run } })),
  script: z
    .strictObject({
      ...work,
      retry,
      script: z
        .array(z.string())
        .min(1)
        .refine(([program]) => program !== '', 'must begin with a program'),
    })
    .transform(({ script, ...rest }): Written => ({ ...rest, does: { script } })),
  container: z
    .strictObject({ ...work, retry, container })
    .transform(({ container, ...rest }): Written => ({ ...rest, does: { container } })),
  spark: z
    .strictObject({
      ...work,
      spark: z.string().regex(/^[a-zA-Z][\w-]*$/, 'must name a file of spark/jobs/, without .py'),
    })
    .transform(({ spark, ...rest }): Written => ({ ...rest, does: { spark } })),
  care: z
    .strictObject({ ...attempted, care })
    .transform(({ care, ...rest }): Written => ({ ...rest, does: { care } })),
  approve: z
    .strictObject({
      ...place,
      timeout: span.default('7 days'),
      approve: z.string().trim().min(1, 'must say what is to be approved'),
      onTimeout: z.enum(ON_TIMEOUT).default('fail'),
    })
    .transform(({ approve, onTimeout, ...rest }): Written => ({ ...rest, does: { approve, onTimeout } })),
  waitFor: z
    .strictObject({
      ...place,
      waitFor: condition,
      every: span.default('1 minute'),
      timeout: span.default('12 hours'),
      onTimeout: z.enum(ON_TIMEOUT).default('fail'),
    })
    .refine(({ every, timeout }) => milliseconds(every) <= milliseconds(timeout), {
      path: ['every'],
      message: `must not be longer than 'timeout'`,
    })
    .transform(({ waitFor, every, onTimeout, ...rest }): Written => ({
      ...rest,
      does: { waitFor, every, onTimeout },
    })),
};

export const task = oneOf<Written>(kinds, 'must say what it does').transform(
  ({ after, before, writes = {}, ...rest }): Omit<ResolvedTask, 'name'> => {
    const datasets = Object.entries(writes).flatMap(([name, { from, ...how }]) =>
      from ? [[name, { from, ...how }] as const] : [],
    );
    return {
      ...rest,
      after: after ?? (before ? [] : undefined),
      before: before ?? [],
      writes: Object.keys(writes),
      ...(datasets.length > 0 && { datasets: Object.fromEntries(datasets) }),
    };
  },
);
