import { z } from 'zod';
import { Cadence } from './cadence.ts';
import { layoutsOf } from './cared-tables.ts';
import { NEW_HAS_NO_TIME, tableChecks } from './checks.ts';
import { datasetProblems } from './dataset-inputs.ts';
import { duration, milliseconds } from './duration.ts';
import { InvalidInput } from './errors.ts';
import {
  cursorColumn,
  extraction,
  isOfFiles,
  modeOf,
  resolvedExtract,
  writeProblem,
} from './extract-modes.ts';
import { hint } from './hint.ts';
import { parseInstant, type Instant } from './interval.ts';
import { wordsOf } from './issues.ts';
import { paramsSchema } from './params.ts';
import { DEFAULT_PATIENCE } from './patience.ts';
import { layoutColumns, type ResolvedPipeline, type ResolvedTable } from './pipeline.ts';
import { planOf } from './plan.ts';
import { STEPS } from './run.ts';
import { isTimed, onFilesOf, scheduleOrManual } from './schedule.ts';
import { columnType } from './schema.ts';
import { isZone } from './zone.ts';
import { task, type ResolvedTask } from './tasks.ts';
import { whatIsLeft } from './what-is-left.ts';

const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'must be snake_case: a letter, then letters, digits, _');
const policy = z.enum(['evolve', 'reject']);
const start = z.string().superRefine((text, context) => {
  try {
    parseInstant(text);
  } catch {
    context.addIssue(`'${text}' must be a date or time like 2018-08-01`);
  }
});
/** A union would say only 'invalid input': what may be written is said in words. */
const dist = z
  .union([z.enum(['auto', 'even', 'all']), z.strictObject({ key: z.string().min(1) })], {
    error: `must be 'even', 'all', 'auto' or { key: column }`,
  })
  .optional();
const sortKey = z.string().min(1, 'must name a column');
const layout = z.strictObject({
  dist,
  sort: z
    .array(sortKey)
    .min(1, 'must name a column, or be left out')
    .refine((names) => new Set(names).size === names.length, 'names a column twice')
    .optional(),
});

const from = z.union(
  [
    z.string().min(1),
    z.strictObject({
      query: z.string().regex(/^\s*(--[^\n]*\n\s*|\/\*[^]*?\*\/\s*)*(select|with)\b/i, 'must be a SELECT'),
    }),
  ],
  { error: 'must be a table, or { query: a SELECT }' },
);

const table = z.strictObject({
  domain: identifier,
  from: from.optional(),
  extract: extraction,
  write: z.enum(['append', 'replace', 'merge', 'replace-interval', 'replace-file']).optional(),
  primaryKey: z
    .array(z.string().min(1))
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'names a column twice')
    .optional(),
  exclude: z.array(z.string()).default([]),
  types: z.record(z.string(), columnType).default({}),
  timezone: z.exactOptional(z.string().refine(isZone, 'must be an IANA zone such as America/Sao_Paulo')),
  window: z.exactOptional(z.strictObject({ span: duration, deletes: z.boolean().default(false) })),
  zeroDates: z.exactOptional(z.enum(['fail', 'null'])),
  onSchemaChange: policy.optional(),
  checks: z.exactOptional(tableChecks),
  minRows: z.exactOptional(z.int().nonnegative()),
  warehouse: layout.optional(),
});

const taskName = identifier.refine(
  (name) => !(STEPS as readonly string[]).includes(name),
  'is the name of a step that every run has; call it otherwise',
);

/** Schemas that databases have of their own; and the name of the embedded warehouse's file, beside which DuckDB knows no schema of that name. */
const TAKEN = /^(main|public|temp|system|warehouse|information_schema|pg_.*)$/;
const pipelineName = identifier.refine(
  (name) => !TAKEN.test(name),
  'is a name that warehouses use themselves, and the marts of a pipeline are in the schema of its name; call it otherwise',
);

const definition = z.strictObject({
  name: pipelineName,
  description: z.string().min(1),
  schedule: scheduleOrManual,
  start,
  source: z.exactOptional(z.string().min(1)),
  defaults: z
    .strictObject({
      write: z.enum(['merge', 'append', 'replace-interval']).default('merge'),
      lookback: duration.default('0 seconds'),
      onSchemaChange: policy.default('evolve'),
    })
    .prefault({}),
  tables: z.record(identifier, table).default({}),
  params: z.exactOptional(paramsSchema),
  tasks: z.record(taskName, task).default({}),
  transform: z.strictObject({ dbt: z.strictObject({ select: z.string().min(1) }) }).optional(),
  freshness: z
    .strictObject({ warnAfter: duration, errorAfter: duration })
    .refine(
      (value) => milliseconds(value.warnAfter) <= milliseconds(value.errorAfter),
      'warnAfter must not exceed errorAfter',
    )
    .optional(),
  deadline: z.exactOptional(
    z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as '08:00'"),
  ),
  concurrency: z.int().min(1).max(64).default(4),
  priority: z.int().min(-100).max(100).default(0),
  attempts: z.int().min(1).max(100).default(DEFAULT_PATIENCE.attempts),
  retryFor: duration.default(DEFAULT_PATIENCE.retryFor),
  onConflict: z.enum(['wait', 'fail']).default('fail'),
});

/** Those tasks of a definition that are well formed, whatever is wrong with the rest of it. */
export function soundTasks(written: unknown): readonly ResolvedTask[] {
  const tasks = (written as { readonly tasks?: unknown } | null)?.tasks;
  if (typeof tasks !== 'object' || tasks === null) return [];
  return Object.entries(tasks).flatMap(([name, value]) => {
    const { data } = task.safeParse(value);
    return data ? [{ name, ...data }] : [];
  });
}

const NOTHING_TO_DO = 'tables: must hold at least one table, where there is neither a task nor a transform.';

/**
 * Fills in the defaults of a definition and checks what types cannot.
 * @throws {InvalidInput} with all problems, each naming the field and the fix
 */
export function resolvePipeline(written: unknown): ResolvedPipeline {
  const name = String((written as { name?: unknown } | null)?.name);
  const parsed = definition.safeParse(written);
  if (!parsed.success) {
    const { issues } = parsed.error;
    throw new InvalidInput(`Pipeline '${name}' (pipelines/${name}.ts)`, [
      ...issues.map((issue) => `${issue.path.join('.') || 'definition'}: ${wordsOf(issue)}.`),
      ...problemsBeside(written, issues),
    ]);
  }
  const { defaults, tables, tasks, ...rest } = parsed.data;
  const problems: string[] = [];
  const resolved = Object.entries(tables).map(([tableName, value]): ResolvedTable => {
    const byWindow = value.window?.deletes ? 'replace-interval' : undefined;
    const write = value.write ?? byWindow ?? modeOf(value.extract).write ?? defaults.write;
    const extract = resolvedExtract(value.extract, defaults);
    const cursor = cursorColumn(extract);
    const problem = (field: string, text: string) => problems.push(`tables.${tableName}.${field}: ${text}`);
    if (write === 'merge' && !value.primaryKey)
      problem('primaryKey', `write 'merge' needs the columns that identify a row.`);
    if (modeOf(extract).mark === 'position' && typeof value.from === 'object')
      problem('from', `a query has no stream of changes; name the tables that it is made of.`);
    if (value.window && (modeOf(extract).covers !== 'interval' || isOfFiles(extract)))
      problem('window', `a window is of time, and goes with extract mode 'interval', not '${extract.mode}'.`);
    if (value.window && !milliseconds(value.window.span))
      problem('window', `a span of ${value.window.span} holds no row; give one like '180 days'.`);
    if (value.window && write !== (byWindow ?? 'merge'))
      problem(
        'write',
        `'${write}' does not go with a window ${byWindow ? `that deletes; leave it out` : `, which reads rows again; use 'merge', or window: { deletes: true }`}.`,
      );
    const unfit = writeProblem(extract, write);
    if (unfit !== undefined) problem('write', unfit);
    if (write === 'append' && 'lookback' in extract && milliseconds(extract.lookback)) {
      problem(
        'write',
        `'append' would double the rows that a lookback of ${extract.lookback} reads again; use 'merge'.`,
      );
    }
    for (const key of value.primaryKey ?? []) {
      if (value.exclude.includes(key))
        problem('exclude', `column '${key}' is part of the primary key and must stay.`);
    }
    if (cursor !== undefined && value.exclude.includes(cursor))
      problem('exclude', `column '${cursor}' is the cursor and must stay.`);
    const byInterval =
      modeOf(extract).covers === 'interval' && (write === 'append' || write === 'replace-interval');
    if (byInterval && cursor !== undefined && cursor in value.types)
      problem('types', `column '${cursor}' is the cursor that '${write}' goes by and must keep its type.`);
    for (const name of layoutColumns(value.warehouse)) {
      if (value.exclude.includes(name))
        problem('exclude', `column '${name}' is a key in 'warehouse' and must stay.`);
    }
    if (value.minRows !== undefined && value.checks?.minRows)
      problem('minRows', `is said in 'checks' as well; say it there alone.`);
    if (value.checks?.freshness && cursor === undefined)
      problem(
        'checks.freshness',
        `goes by a cursor, and extract mode '${extract.mode}' has none; 'freshness' of the pipeline goes by what is loaded.`,
      );
    if (value.checks?.volume && isOfFiles(extract))
      problem(
        'checks.volume',
        `does not go with extract mode 'files': a batch has what has arrived, however much that is. Take it out; 'minRows' and the pipeline's 'freshness' hold of such a table.`,
      );
    else if (value.checks?.volume && modeOf(extract).covers === 'new')
      problem(
        'checks.volume',
        `does not go with extract mode '${extract.mode}': ${NEW_HAS_NO_TIME}. Take it out; 'minRows' and the pipeline's 'freshness' hold of such a table.`,
      );
    const { window, minRows, ...rests } = value;
    return {
      ...rests,
      ...(window && { window: { span: window.span, since: startOf(rest) } }),
      name: tableName,
      ...fromOf(value.from, tableName),
      extract,
      write,
      primaryKey: value.primaryKey ?? [],
      onSchemaChange: value.onSchemaChange ?? defaults.onSchemaChange,
      checks: {
        ...value.checks,
        ...(minRows !== undefined && { minRows: { rows: minRows, severity: 'error' as const } }),
      },
    };
  });
  if (rest.deadline !== undefined && !isTimed(rest.schedule))
    problems.push(
      `deadline: is of runs that a clock starts, and there are none; leave it out, or give a schedule.`,
    );
  const pipeline = {
    ...rest,
    start: startOf(rest),
    tables: resolved,
    tasks: Object.entries(tasks).map(([task, value]) => withLayouts({ name: task, ...value }, resolved)),
  };
  if (!resolved.length && !pipeline.tasks.length && !pipeline.transform) problems.push(NOTHING_TO_DO);
  problems.push(
    ...requiredProblems(pipeline),
    ...filesProblems(pipeline),
    ...sourceProblems(pipeline),
    ...datasetProblems(pipeline),
    ...careProblems(pipeline),
    ...retryProblems(pipeline),
    ...planProblems(pipeline),
  );
  if (problems.length) throw new InvalidInput(`Pipeline '${name}' (pipelines/${name}.ts)`, problems);
  return pipeline;
}

/** What is wrong with the rest of a definition, beside what does not fit; nothing that what does not fit may be the cause of. */
function problemsBeside(written: unknown, issues: readonly z.core.$ZodIssue[]): string[] {
  const left = whatIsLeft(written, issues);
  if (!left || !definition.safeParse(left.definition).success) return [];
  try {
    resolvePipeline(left.definition);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const isOfGroup = ({ path: [field] }: z.core.$ZodIssue) => field === 'tables' || field === 'tasks';
    return error.problems.filter((text) =>
      text === NOTHING_TO_DO
        ? !issues.some(isOfGroup)
        : !left.without.some((gone) => text.split(/\W+/).includes(gone)),
    );
  }
}

/** The table that is read, or the query that stands for one. */
function fromOf(from: z.infer<typeof table>['from'], name: string): Pick<ResolvedTable, 'from' | 'query'> {
  return typeof from === 'object' ? { from: name, query: from.query } : { from: from ?? name };
}

/** A start that names no zone is in that of the schedule, as its days are. */
function startOf({ schedule, start }: Pick<ResolvedPipeline, 'schedule' | 'start'>): Instant {
  return !isTimed(schedule) ? parseInstant(start) : new Cadence(schedule).instant(start);
}

/** Tasks that say when they are tried again, and never are. */
function retryProblems({ tasks, attempts }: ResolvedPipeline): readonly string[] {
  return tasks
    .filter((task) => task.retry && (task.attempts ?? attempts) === 1)
    .map(
      ({ name }) =>
        `tasks.${name}.retry: says when the next attempt begins, and 'attempts' that there is none; give it 2 or more, or leave it out.`,
    );
}

/** Parameters that the runs of a schedule would lack. */
function requiredProblems({ schedule, params = {} }: ResolvedPipeline): readonly string[] {
  if (schedule === 'manual') return [];
  return Object.entries(params).flatMap(([name, { required }]) =>
    required
      ? [
          `params.${name}.required: runs of the schedule are given none. Give it a default, or make the schedule 'manual'.`,
        ]
      : [],
  );
}

/** Tables of files, and runs that files start, go together. */
function filesProblems({ schedule, tables, source }: ResolvedPipeline): readonly string[] {
  const isOnFiles = onFilesOf(schedule) !== undefined;
  const unfit = tables.filter(({ extract }) => isOfFiles(extract) !== isOnFiles);
  return [
    ...unfit.map(({ name, extract }) =>
      isOnFiles
        ? `tables.${name}.extract: a pipeline that files start ('onFiles') reads files alone, not by mode '${extract.mode}'.`
        : `tables.${name}.extract: mode 'files' reads what has arrived; make the schedule { onFiles: … }.`,
    ),
    ...tables.flatMap(({ name, extract, query, exclude, types, zeroDates }) =>
      isOfFiles(extract) && (query !== undefined || exclude.length || Object.keys(types).length || zeroDates)
        ? [
            `tables.${name}: 'from', 'exclude', 'types' and 'zeroDates' are of databases; say what there is in 'columns'.`,
          ]
        : [],
    ),
    ...(isOnFiles && source === undefined
      ? [`source: name the connection of the profile that files arrive at.`]
      : []),
  ];
}

/** What needs a source, where none is named. */
function sourceProblems({ source, tables, tasks }: ResolvedPipeline): readonly string[] {
  if (source !== undefined) return [];
  const needed = `source: name the connection of the profile that`;
  return [
    ...(tables.length ? [`${needed} tables are read from.`] : []),
    ...tasks.flatMap(({ name, does }) =>
      'waitFor' in does && 'sql' in does.waitFor && does.waitFor.on !== 'warehouse'
        ? [`${needed} task '${name}' asks for a row; or let it ask the warehouse (on: 'warehouse').`]
        : [],
    ),
  ];
}

/** A care task knows the keys that its pipeline's tables are to have. */
function withLayouts(task: ResolvedTask, tables: readonly ResolvedTable[]): ResolvedTask {
  if (!('care' in task.does)) return task;
  return { ...task, does: { care: { ...task.does.care, layouts: layoutsOf(tables) } } };
}

/** Tables that a care task names and the pipeline does not have. */
function careProblems({ tasks, tables }: ResolvedPipeline): readonly string[] {
  const known = tables.map(({ name }) => name);
  return tasks.flatMap(({ name, does }) =>
    'care' in does
      ? (does.care.tables ?? [])
          .filter((table) => !known.includes(table))
          .map((table) => `tasks.${name}.care.tables: there is no table '${table}'${hint(table, known)}`)
      : [],
  );
}

/** What is wrong with the graph of the steps. */
function planProblems(pipeline: ResolvedPipeline): readonly string[] {
  try {
    planOf(pipeline);
    return [];
  } catch (error) {
    if (error instanceof InvalidInput) return error.problems;
    throw error;
  }
}
