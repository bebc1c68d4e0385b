import { readRegistry } from '../../core/registry.ts';
import type { ResolvedSchedule } from '../../core/schedule.ts';
import { dagNotes, OF_DAG } from './dag-keywords.ts';
import { draftOf, sameNames, type Draft } from './draft.ts';
import { snake } from './given.ts';
import { objections } from './keywords.ts';
import { verdictOf, type Verdict } from './mapping.ts';
import { isDefault, placeOf } from './order.ts';
import type { Dag, DagFile, DagTask, Given } from './read.ts';
import { timingOf } from './timing.ts';

export interface TaskAssessment extends Verdict {
  readonly id: string;
  readonly operator: string;
  readonly line: number;
}

export interface DagAssessment {
  readonly file: string;
  readonly dag: string;
  readonly line: number;
  /** `maps`: every task and every argument, and nothing was left unread; else what the worst of them needs. */
  readonly verdict: Verdict['kind'];
  /** Null where it was not understood. */
  readonly schedule: ResolvedSchedule | null;
  /** Why there is no draft, beside what is said of tasks. */
  readonly reasons: readonly string[];
  /** What is to be known. */
  readonly notes: readonly string[];
  readonly tasks: readonly TaskAssessment[];
  /** The pipeline that does the same, where everything maps. */
  readonly draft?: Draft;
}

export interface Assessment {
  readonly dags: readonly DagAssessment[];
  /** What was not understood, file by file: nothing is claimed of it, and a DAG of such a file has no draft. */
  readonly unread: readonly { readonly file: string; readonly line?: number; readonly what: string }[];
}

/** What would become of DAGs. Nothing is claimed of what was not understood. */
export function assess(files: readonly DagFile[]): Assessment {
  return {
    dags: withDraftsThatHold(files.flatMap((file) => file.dags.map((dag) => assessDag(file, dag)))),
    unread: files.flatMap(({ file, problem, unread }) =>
      problem === undefined ? unread.map((each) => ({ file, ...each })) : [{ file, what: problem }],
    ),
  };
}

function assessDag({ file, unread, uses, version }: DagFile, dag: Dag): DagAssessment {
  const defaults = dag.given['default_args'] ?? {};
  const own: Given = isGiven(defaults) ? defaults : {};
  const timing = timingOf(dag.given, own, version);
  const given = new Map(dag.tasks.map((task) => [task.id, givenOf(task, own)]));
  const rules = new Map([...given].map(([id, { trigger_rule: rule }]) => [id, rule]));
  const verdicts = new Map(dag.tasks.map((task) => [task.id, verdictOf(task, given.get(task.id) ?? {})]));
  const isLeftOut = (id: string) => {
    const becomes = verdicts.get(id)?.becomes;
    return becomes !== undefined && !Object.keys(becomes).length && isDefault(rules.get(id));
  };
  const tasks = dag.tasks.map((task): TaskAssessment => {
    const verdict = verdicts.get(task.id) ?? verdictOf(task, {});
    const { problem } = placeOf(dag, task.id, rules.get(task.id), isLeftOut);
    const { id, kind: operator, line } = task;
    if (problem === undefined) return { id, operator, line, ...verdict };
    const { kind, says, notes } = verdict;
    return {
      id,
      operator,
      line,
      kind: kind === 'maps' ? 'own code' : kind,
      says,
      notes: [...notes, problem],
    };
  });
  const isTimed = timing.schedule !== undefined && timing.schedule !== 'manual';
  const goesOn = [...rules.values()].some((rule) => !isDefault(rule));
  const notes = [
    ...dagNotes(dag.given, version, isTimed),
    ...(goesOn ? ["a run has failed here where any step has; Airflow goes by a DAG's last tasks alone"] : []),
    ...uses.map(({ kind, name }) =>
      kind === 'variable'
        ? `Variable '${name}': a parameter of the run, or, if it is a secret, 'tasks.<task>.env' of the profile`
        : `Connection '${name}': 'connections' of the profile; for a script, 'tasks.<task>.env'`,
    ),
  ];
  const reasons = [
    ...timing.problems,
    ...objections(dag.given, OF_DAG),
    ...sameNames(dag.tasks.map(({ id }) => id)),
    ...(tasks.length ? [] : ['no task of it was read']),
    ...(unread.length ? [`${unread.length} places of its file were not understood`] : []),
  ];
  const kinds = tasks.map(({ kind }) => kind);
  const maps = !reasons.length && kinds.every((kind) => kind === 'maps');
  const assessment = {
    file,
    dag: dag.id,
    line: dag.line,
    verdict: kinds.includes('no') ? 'no' : maps ? 'maps' : 'own code',
    schedule: timing.schedule ?? null,
    reasons,
    notes,
    tasks,
  } as const;
  const becomes = new Map(tasks.map(({ id, becomes = {} }) => [id, becomes]));
  return maps ? { ...assessment, draft: draftOf({ file, dag, timing, notes, becomes, rules }) } : assessment;
}

/** A task's start is its DAG's where it comes from `default_args`. */
function givenOf({ given }: DagTask, defaults: Given): Given {
  const inherited = Object.entries(defaults).filter(([name]) => name !== 'start_date');
  return { ...Object.fromEntries(inherited), ...given };
}

function isGiven(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('$code' in value);
}

/** Takes drafts away that Sluice would refuse, and those that wait for such a one, or for one of another rhythm. */
function withDraftsThatHold(dags: readonly DagAssessment[]): readonly DagAssessment[] {
  const drafted = dags.flatMap(({ dag, draft }) => (draft ? [{ dag, draft }] : []));
  const { broken } = readRegistry(
    drafted.map(({ draft: { name, definition } }) => ({
      file: `pipelines/${name}.ts`,
      exports: [definition],
    })),
  );
  const left = dags.map((assessment): DagAssessment => {
    const { draft, ...rest } = assessment;
    if (!draft) return assessment;
    const problems = [
      ...(broken.get(draft.name)?.problems ?? []),
      ...awaited(draft).flatMap((other) => {
        const found = drafted.find(({ draft: { name } }) => name === other);
        return found && JSON.stringify(found.draft.definition['schedule']) !== JSON.stringify(rest.schedule)
          ? [
              `it waits for '${other}', which has another schedule: a wait is for all runs over the same interval`,
            ]
          : [];
      }),
    ];
    return problems.length ? { ...rest, verdict: 'own code', reasons: problems } : assessment;
  });
  return left.some(({ draft }, at) => !draft && dags[at]?.draft) ? withDraftsThatHold(left) : left;
}

/** Names of the pipelines that it waits for. */
function awaited({ definition }: Draft): string[] {
  return Object.values(definition['tasks'] ?? {}).flatMap((task: unknown) => {
    const condition = isGiven(task) ? task['waitFor'] : undefined;
    const other = isGiven(condition) ? condition['pipeline'] : undefined;
    return typeof other === 'string' ? [snake(other)] : [];
  });
}
