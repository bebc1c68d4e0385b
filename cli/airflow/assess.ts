import { codeOf, scheduleOf, verdictOf, whenOf, type Verdict } from './mapping.ts';
import type { Dag, DagFile, DagTask } from './read.ts';

export interface TaskAssessment extends Verdict {
  readonly id: string;
  readonly operator: string;
  readonly line: number;
  /** What of it has no equal, or is to be seen to. */
  readonly notes: readonly string[];
}

export interface DagAssessment {
  readonly file: string;
  readonly dag: string;
  /** `maps`: every task, and nothing was left unread; else what the worst of them needs. */
  readonly verdict: Verdict['kind'];
  readonly schedule: unknown;
  readonly notes: readonly string[];
  readonly tasks: readonly TaskAssessment[];
  /** The `tasks` of a definition, where everything maps. */
  readonly draft?: Readonly<Record<string, unknown>>;
}

export interface Assessment {
  readonly dags: readonly DagAssessment[];
  /** Files that hold no DAG that was understood, with why. */
  readonly unread: readonly { readonly file: string; readonly why: string }[];
}

/** What would become of DAGs. Nothing is claimed of what was not understood. */
export function assess(files: readonly DagFile[]): Assessment {
  return {
    dags: files.flatMap((file) => file.dags.map((dag) => assessDag(file, dag))),
    unread: files.flatMap(({ file, problem, dags, unread }) => {
      if (problem !== undefined) return [{ file, why: problem }];
      if (dags.length || !unread.length) return [];
      return [{ file, why: unread.map(({ line, what }) => `line ${line}: ${what}`).join('; ') }];
    }),
  };
}

function assessDag({ file, unread, uses }: DagFile, dag: Dag): DagAssessment {
  const { schedule, problem } = scheduleOf(dag.schedule);
  const tasks = dag.tasks.map((task) => assessTask(task, dag));
  const notes = [
    ...(problem === undefined ? [] : [problem]),
    ...(dag.catchup === true
      ? ["catchup: 'sluice backfill' brings past intervals, when it is asked for"]
      : []),
    ...DAG_NOTES.flatMap(([name, says]) => (dag.given.includes(name) ? [`${name}: ${says}`] : [])),
    ...uses.map(({ kind, name }) =>
      kind === 'variable'
        ? `Variable '${name}': a parameter of the run, or, if it is a secret, 'tasks.<task>.env' of the profile`
        : `Connection '${name}': 'connections' of the profile; for a script, 'tasks.<task>.env'`,
    ),
    ...unread.map(({ line, what }) => `not understood, line ${line}: ${what}`),
  ];
  const kinds = tasks.map(({ kind }) => kind);
  const verdict = kinds.includes('no')
    ? 'no'
    : kinds.includes('own code') ||
        unread.length ||
        problem !== undefined ||
        tasks.some(({ notes: own }) => own.length)
      ? 'own code'
      : 'maps';
  return {
    file,
    dag: typeof dag.id === 'string' ? dag.id : `line ${dag.line}`,
    verdict: tasks.length ? verdict : 'own code',
    schedule: schedule ?? null,
    notes: tasks.length ? notes : [...notes, 'no task of it was understood'],
    tasks,
    ...(tasks.length && verdict === 'maps' ? { draft: draftOf(dag, tasks) } : {}),
  };
}

const DAG_NOTES = [
  ['sla_miss_callback', "'freshness' of the pipeline goes by the data, whenever it was loaded"],
  ['on_failure_callback', "'notify' of the profile"],
  [
    'max_active_runs',
    "runs of overlapping intervals never are at work together; a backfill has '--concurrency'",
  ],
  ['params', "'params' of the pipeline; 'sluice run --param name=value' gives one"],
  ['render_template_as_native_obj', 'there are no templates'],
] as const;

function assessTask(task: DagTask, { defaults }: Dag): TaskAssessment {
  const given = { ...defaults, ...task.given };
  const verdict = verdictOf(task);
  const rule = whenOf(task.given['trigger_rule'] ?? defaults['trigger_rule']);
  const notes = [
    ...(rule.problem === undefined ? [] : [rule.problem]),
    ...(given['depends_on_past'] === true || given['wait_for_downstream'] === true
      ? [
          "depends_on_past: an interval stands by itself; 'waitFor: { sql }' may say what it needs of the past",
        ]
      : []),
    ...(given['sla'] === undefined ? [] : ["sla: 'freshness' of the pipeline"]),
    ...(task.mapped ? ['mapped: \'each: { from: "<step>" }\' over a step that gives the list'] : []),
    ...(task.inLoop ? ['made in a loop: write one task each, or each: { from }'] : []),
    ...(typeof given['pool'] === 'string' && given['pool'] !== 'default_pool'
      ? [`pool '${given['pool']}': 'pools' of the profile, with its size`]
      : []),
  ];
  return { id: task.id, operator: task.kind, line: task.line, ...verdict, notes };
}

/** Steps that only keep an order, or are somebody else's part, are left out; what came before them comes before what follows. */
function draftOf(dag: Dag, tasks: readonly TaskAssessment[]): Record<string, unknown> {
  const written = new Set(
    tasks.filter(({ becomes }) => becomes && Object.keys(becomes).length).map(({ id }) => id),
  );
  const before = (id: string, seen = new Set<string>()): string[] =>
    dag.edges
      .filter(([, after]) => after === id)
      .flatMap(([one]) => {
        if (seen.has(one)) return [];
        seen.add(one);
        return written.has(one) ? [one] : before(one, seen);
      });
  return Object.fromEntries(
    dag.tasks
      .filter(({ id }) => written.has(id))
      .map((task) => {
        const given = { ...dag.defaults, ...task.given };
        const after = [...new Set(before(task.id))].map(snake);
        const { when } = whenOf(given['trigger_rule']);
        const retries = given['retries'];
        return [
          snake(task.id),
          {
            ...tasks.find(({ id }) => id === task.id)?.becomes,
            ...(after.length ? { after } : {}),
            ...(when === undefined ? {} : { when }),
            ...(typeof retries === 'number' ? { attempts: retries + 1 } : {}),
          },
        ];
      }),
  );
}

function snake(id: string): string {
  const name = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(name) ? name : `t_${name}`;
}

/** For people. */
export function assessmentText({ dags, unread }: Assessment): string {
  const of = (kind: Verdict['kind']) => dags.filter(({ verdict }) => verdict === kind).length;
  return [
    ...dags.flatMap((dag) => [dagText(dag), '']),
    ...unread.map(({ file, why }) => `${file}: not understood: ${why}`),
    `${dags.length} DAGs: ${of('maps')} map whole, ${of('own code')} need code moved into tasks/ or a decision, ${of('no')} use what Sluice has not.`,
  ].join('\n');
}

const MARKS: Readonly<Record<Verdict['kind'], string>> = { maps: '✓', 'own code': '→', no: '✗' };

function dagText({ file, dag, verdict, schedule, notes, tasks, draft }: DagAssessment): string {
  return [
    `${MARKS[verdict]} ${dag} (${file}), schedule ${schedule === null ? 'not understood' : codeOf(schedule)}`,
    ...tasks.map(({ kind, id, operator, line, says, notes: own }) =>
      [
        `  ${MARKS[kind]} ${id} (${operator}, line ${line}): ${says}`,
        ...own.map((note) => `      ${note}`),
      ].join('\n'),
    ),
    ...notes.map((note) => `  ! ${note}`),
    ...(draft ? [`  tasks: ${JSON.stringify(draft, null, 2).replaceAll('\n', '\n  ')}`] : []),
  ].join('\n');
}
