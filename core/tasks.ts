import { z } from 'zod';
import { duration } from './duration.ts';
import type { DurationText } from './duration.ts';
import { wordsOf } from './issues.ts';

/** When a step goes ahead, by how the steps before it ended: all succeeded (default), at least one failed, or whatever they did. */
export const WHEN = ['succeeded', 'failed', 'always'] as const;
export type When = (typeof WHEN)[number];

interface CommonTask {
  /**
   * What it comes after: steps by key (`load:orders`, `transform`), stages (`extract`, `load`: of all tables) or other tasks.
   * One that names neither `after` nor `before` comes last.
   */
  readonly after?: readonly string[];
  /** What comes after it: the same names. */
  readonly before?: readonly string[];
  readonly when?: When;
  /**
   * A task before it whose result says whether this one runs: `true`, this task's name, or a list that holds it.
   * With `false`, null or other names it is skipped, and so is what comes after it unless that runs `always`.
   */
  readonly onlyIf?: string;
  /** Of one attempt (default 1 hour). */
  readonly timeout?: DurationText;
  /** Attempts in all, where a failure may pass (default: the pipeline's). */
  readonly attempts?: number;
  /** Tables in the lake that it makes: no two steps may make the same. */
  readonly writes?: Readonly<Record<string, Readonly<Record<string, never>>>>;
}

/** A function of the project's `tasks/` folder, called by its name. */
export interface FunctionTask extends CommonTask {
  readonly run: string;
}

/** A program with its arguments, started in the project's `tasks/` folder; no shell. */
export interface ScriptTask extends CommonTask {
  readonly script: readonly [string, ...string[]];
}

/** A step that the pipeline's author wrote. */
export type TaskDefinition = FunctionTask | ScriptTask;

/** A task with its defaults filled in. */
export interface ResolvedTask {
  readonly name: string;
  readonly does: { readonly run: string } | { readonly script: readonly string[] };
  /** Undefined where the definition names no place at all: then it comes last. */
  readonly after: readonly string[] | undefined;
  readonly before: readonly string[];
  readonly when: When;
  readonly onlyIf?: string | undefined;
  readonly timeout: DurationText;
  readonly attempts?: number | undefined;
  readonly writes: readonly string[];
}

/** What a task gave. */
export type TaskResult =
  /** JSON, 64 KiB at most; null where it gave nothing. */
  | { readonly output: unknown }
  /** It asks that what comes after it is skipped, and says why. */
  | { readonly skipped: string };

const name = z.string().min(1, 'must name a step');
const common = {
  after: z.array(name).optional(),
  before: z.array(name).optional(),
  when: z.enum(WHEN).default('succeeded'),
  onlyIf: name.optional(),
  timeout: duration.default('1 hour'),
  attempts: z.int().min(1).max(100).optional(),
  writes: z
    .record(
      z.string().regex(/^(silver|gold)\.[a-z][a-z0-9_]*$/, 'must be like silver.orders'),
      z.strictObject({}),
    )
    .default({}),
};

const kinds = {
  run: z.strictObject({ ...common, run: z.string().min(1) }),
  script: z.strictObject({
    ...common,
    script: z
      .array(z.string())
      .min(1)
      .refine(([program]) => program !== '', 'must begin with a program'),
  }),
};
type Kind = keyof typeof kinds;

/** The branch is chosen by what is written, and its problems are reported: a union would say only 'invalid input'. */
export const task = z.unknown().transform((value, context): Omit<ResolvedTask, 'name'> => {
  const written = typeof value === 'object' && value !== null ? value : {};
  const named = (Object.keys(kinds) as Kind[]).filter((kind) => kind in written);
  const [kind] = named;
  if (kind === undefined || named.length > 1) {
    context.addIssue(
      `must say what it does by one of ${Object.keys(kinds).join(', ')}${kind ? `, not ${named.join(' and ')}` : ''}`,
    );
    return z.NEVER;
  }
  const parsed = kinds[kind].safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      context.addIssue({ code: 'custom', path: issue.path, message: wordsOf(issue) });
    return z.NEVER;
  }
  const { after, before, writes, when, onlyIf, timeout, attempts, ...does } = parsed.data;
  return {
    does,
    after: after ?? (before ? [] : undefined),
    before: before ?? [],
    when,
    onlyIf,
    timeout,
    attempts,
    writes: Object.keys(writes),
  };
});
