import { InvalidInput } from './errors.ts';
import { hint } from './hint.ts';
import type { ResolvedPipeline } from './pipeline.ts';
import type { RunPipelineInput } from './run-input.ts';
import { stepKey, type Step } from './run.ts';
import type { When } from './tasks.ts';

/** One step of a run: what it is, what it comes after, and when it goes ahead. */
export interface PlannedStep {
  /** `extract:orders`, `load:orders`, `transform`, `check`, `publish`; of a task its name. */
  readonly key: string;
  readonly kind: Step;
  /** The table or the task that it is about; null for a step of the whole run. */
  readonly subject: string | null;
  /** Keys of steps that must have ended before. */
  readonly after: readonly string[];
  readonly when: When;
  readonly onlyIf?: string | undefined;
}

/** The graph of steps of one run. Every step stands behind those it comes after. */
export type Plan = readonly PlannedStep[];

/** Only what a plan is made from. */
type Planned = Pick<ResolvedPipeline, 'name' | 'tables' | 'tasks' | 'transform' | 'dashboards'>;

/** Stages that stand for the steps of all tables where a task says what it comes after. */
const PER_TABLE = ['extract', 'load'] as const;

/**
 * The graph of steps that a definition asks for: each table is extracted, then loaded; models, checks and publication follow
 * all loads, and dashboards whatever became of those; tasks stand where they say, or last. Models also follow the tasks that write
 * datasets, unless those follow the models. Where tasks are all there is, there is nothing to check and to publish.
 * @throws {InvalidInput} with all problems: unknown names (and the nearest known one), cycles with their path, datasets with two writers
 */
export function planOf(definition: Planned): Plan {
  const { name, tasks } = definition;
  const known = namesOf(definition);
  const { ordered, left } = sorted(drawn(definition, known));
  const problems = [
    ...tasks.flatMap((task) => unknownNames(task, known)),
    ...tasks.flatMap(({ name, each }) =>
      each && known.has(each.from) && !tasks.some((task) => task.name === each.from)
        ? [`tasks.${name}.each.from: '${each.from}' gives no list; name a task that does.`]
        : [],
    ),
    ...datasetsWrittenTwice(tasks),
    ...cyclesIn(left).map(
      (path) =>
        `steps wait for each other: ${path.join(' → ')}. Take one of them out of an 'after' or a 'before'.`,
    ),
  ];
  if (problems.length) throw new InvalidInput(`The steps of pipeline '${name}'`, problems);
  return ordered;
}

/**
 * The plan of a run: of the whole definition, without the steps that its input leaves out: those of tables that it does not name;
 * with `transform` the models, the tasks that follow them and the dashboards, with `tasks` the other tasks.
 */
export function planOfRun(
  definition: Planned,
  { skip = [], tables }: Pick<RunPipelineInput, 'skip' | 'tables'>,
): Plan {
  const plan = planOf(definition);
  if (!skip.length && !tables) return plan;
  const behind = behindModels(definition, plan);
  return without(plan, ({ key, kind, subject }) => {
    if (kind === 'extract' || kind === 'load') return tables !== undefined && !tables.includes(subject ?? '');
    return kind === 'task'
      ? skip.includes(behind.has(key) ? 'transform' : 'tasks')
      : (skip as readonly string[]).includes(kind === 'pages' ? 'transform' : key);
  });
}

/** Whether every interval has tasks of its own: such as do not follow the models, which are built once for all. */
export function hasTasksByInterval(definition: Planned): boolean {
  const behind = behindModels(definition, planOf(definition));
  return definition.tasks.some(({ name }) => !behind.has(name));
}

/** Keys of the models' step and of everything that follows it. */
function behindModels({ transform }: Planned, plan: Plan): ReadonlySet<string> {
  return transform ? fromStepOn(plan, 'transform') : new Set();
}

/** Leaves steps out; what came after one of them comes after what that came after. */
export function without(plan: Plan, isLeftOut: (step: PlannedStep) => boolean): Plan {
  const bridged = new Map<string, readonly string[]>();
  const kept: PlannedStep[] = [];
  for (const step of plan) {
    const after = unique(step.after.flatMap((key) => bridged.get(key) ?? [key]));
    if (isLeftOut(step)) bridged.set(step.key, after);
    else kept.push({ ...step, after });
  }
  return kept;
}

/** Keys of a step (or of a stage's steps) and of everything that comes after it. @throws {InvalidInput} the plan has no such step */
export function fromStepOn(plan: Plan, from: string): ReadonlySet<string> {
  const begun = plan.filter(({ key, kind }) => key === from || kind === from);
  if (!begun.length) {
    // Steps of tables last: of a long list only the beginning is shown.
    const stages = PER_TABLE.filter((stage) => plan.some(({ kind }) => kind === stage));
    const keys = plan.map(({ key }) => key).sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
    const names = [...stages, ...keys];
    throw new InvalidInput('The step to start from', [`'${from}' is no step of the run${hint(from, names)}`]);
  }
  const found = new Set(begun.map(({ key }) => key));
  for (const { key, after } of plan) if (after.some((each) => found.has(each))) found.add(key);
  return found;
}

/** Every name that a task may come after or before, with the keys that it stands for. */
function namesOf({ tables, tasks, transform }: Planned): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const stage of PER_TABLE) {
    const keys = tables.map((table) => stepKey(stage, table.name));
    names.set(stage, keys);
    for (const key of keys) names.set(key, [key]);
  }
  if (transform) names.set('transform', ['transform']);
  if (!isOfTasksAlone({ tables, tasks, transform }))
    for (const key of ['check', 'publish']) names.set(key, [key]);
  for (const task of tasks) names.set(task.name, [task.name]);
  return names;
}

type Tasks = Planned['tasks'];

function isOfTasksAlone({ tables, tasks, transform }: Omit<Planned, 'name'>): boolean {
  return !tables.length && !transform && tasks.length > 0;
}

function unknownNames(task: Tasks[number], known: ReadonlyMap<string, unknown>): string[] {
  const said = [
    ...(task.after ?? []).map((each) => ['after', each] as const),
    ...task.before.map((each) => ['before', each] as const),
    ...(task.onlyIf === undefined ? [] : [['onlyIf', task.onlyIf] as const]),
    ...(task.each === undefined ? [] : [['each.from', task.each.from] as const]),
  ];
  return said
    .filter(([, each]) => !known.has(each))
    .map(
      ([field, each]) =>
        `tasks.${task.name}.${field}: there is no step '${each}'${hint(each, [...known.keys()])}`,
    );
}

function datasetsWrittenTwice(tasks: Tasks): string[] {
  const writer = new Map<string, string>();
  return tasks.flatMap(({ name, writes }) =>
    writes.flatMap((dataset) => {
      const other = writer.get(dataset);
      writer.set(dataset, name);
      return other === undefined
        ? []
        : [
            `tasks.${name}.writes: '${dataset}' is written by '${other}' as well; one dataset has one writer.`,
          ];
    }),
  );
}

/** The steps in the order of their stages, with all that each comes after. */
function drawn(definition: Planned, names: ReadonlyMap<string, readonly string[]>): PlannedStep[] {
  const { tables, tasks, transform, dashboards = [] } = definition;
  const keysOf = (name: string) => names.get(name) ?? [];
  const loads = keysOf('load');
  const steps = new Map<string, PlannedStep>();
  const add = (
    key: string,
    kind: Step,
    subject: string | null,
    after: readonly string[],
    rest?: Partial<PlannedStep>,
  ) => steps.set(key, { key, kind, subject, after, when: 'succeeded', ...rest });
  for (const { name } of tables) add(stepKey('extract', name), 'extract', name, []);
  for (const { name } of tables) add(stepKey('load', name), 'load', name, [stepKey('extract', name)]);
  if (transform) add('transform', 'transform', null, loads);
  if (!isOfTasksAlone(definition)) {
    add('check', 'check', null, transform ? ['transform'] : loads);
    add('publish', 'publish', null, ['check']);
  }
  // What failed is told on them.
  const last = names.has('publish') ? ['publish'] : tasks.map(({ name }) => name);
  if (dashboards.length) add('pages', 'pages', null, last, { when: 'always' });
  for (const { name, after, when, onlyIf, each } of tasks)
    add(name, 'task', name, afterOf(after, onlyIf, each?.from).flatMap(keysOf), { when, onlyIf });
  const also = (key: string, more: readonly string[]) => {
    const step = steps.get(key);
    if (step) steps.set(key, { ...step, after: unique([...step.after, ...more]) });
  };
  for (const task of tasks) for (const key of task.before.flatMap(keysOf)) also(key, [task.name]);
  if (transform) for (const writer of writersFor(steps, tasks)) also('transform', [writer]);
  return [...steps.values()];
}

/** A task that names no place comes last; it comes after the step that decides, and the one that gives its list. */
function afterOf(
  after: readonly string[] | undefined,
  ...needed: readonly (string | undefined)[]
): readonly string[] {
  const given = needed.filter((name) => name !== undefined);
  return given.length ? unique([...(after ?? []), ...given]) : (after ?? ['publish']);
}

/** Tasks that write datasets and do not themselves follow the models, which may read what they wrote. */
function writersFor(steps: ReadonlyMap<string, PlannedStep>, tasks: Tasks): string[] {
  const follows = (key: string, seen = new Set<string>()): boolean =>
    key === 'transform' ||
    (steps.get(key)?.after ?? []).some((each) => !seen.has(each) && follows(each, seen.add(each)));
  return tasks.filter(({ name, writes }) => writes.length > 0 && !follows(name)).map(({ name }) => name);
}

/** Puts every step behind those it comes after, in the order given where that leaves a choice. */
function sorted(steps: readonly PlannedStep[]): { ordered: PlannedStep[]; left: PlannedStep[] } {
  const ordered: PlannedStep[] = [];
  const placed = new Set<string>();
  let left = [...steps];
  for (;;) {
    const rest: PlannedStep[] = [];
    for (const step of left) {
      if (step.after.every((key) => placed.has(key))) {
        placed.add(step.key);
        ordered.push(step);
      } else rest.push(step);
    }
    if (rest.length === left.length) return { ordered, left: rest };
    left = rest;
  }
}

/** What waits for itself among steps that could not be placed: one path for each, from a step back to it. */
function cyclesIn(left: readonly PlannedStep[]): string[][] {
  const cycles: string[][] = [];
  for (let rest = left; rest.length;) {
    const byKey = new Map(rest.map((step) => [step.key, step]));
    const path: string[] = [];
    let step = rest[0];
    while (step && !path.includes(step.key)) {
      path.push(step.key);
      step = byKey.get(step.after.find((key) => byKey.has(key)) ?? '');
    }
    if (!step) return cycles;
    const circle = path.slice(path.indexOf(step.key));
    cycles.push([step.key, ...circle.reverse()]);
    const broken = new Set(circle);
    rest = sorted(
      rest
        .filter(({ key }) => !broken.has(key))
        .map((each) => ({ ...each, after: each.after.filter((key) => byKey.has(key) && !broken.has(key)) })),
    ).left;
  }
  return cycles;
}

function unique(keys: readonly string[]): string[] {
  return [...new Set(keys)];
}
