import type { PlannedStep } from './plan.ts';

/** How a step of a run ended. */
export type Ending =
  | { readonly state: 'succeeded'; readonly result: unknown }
  | { readonly state: 'failed'; readonly error: unknown }
  | {
      readonly state: 'skipped';
      readonly reason: string;
      /** The steps whose failure is why; steps that run `when: 'failed'` count this one as failed then. Empty: no failure is. */
      readonly failed: readonly string[];
    };

export type Decision = 'go' | Extract<Ending, { state: 'skipped' }>;

/**
 * Whether a step goes ahead, once everything it comes after has ended. As Airflow's trigger rules `all_success`, `one_failed`
 * and `all_done`: https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules
 * @param endings of the steps that it comes after
 * @param choices the steps that the same decider may name; absent: any
 * @throws {TypeError} the result that `onlyIf` looks at says neither yes nor no, or names a step that does not ask it
 */
export function decide(
  step: PlannedStep,
  endings: ReadonlyMap<string, Ending>,
  choices?: readonly string[],
): Decision {
  const failed = new Set<string>();
  const skipped: string[] = [];
  for (const key of step.after) {
    const ending = endings.get(key);
    if (ending?.state === 'failed') failed.add(key);
    if (ending?.state !== 'skipped') continue;
    for (const origin of ending.failed) failed.add(origin);
    if (!ending.failed.length) skipped.push(key);
  }
  if (step.when === 'failed' && !failed.size) return skip('nothing before it failed');
  if (step.when === 'succeeded' && failed.size)
    return skip(`upstream failed: ${[...failed].join(', ')}`, [...failed]);
  if (step.when === 'succeeded' && skipped.length) return skip(`upstream was skipped: ${skipped.join(', ')}`);
  return step.onlyIf === undefined
    ? 'go'
    : chosen(step, step.onlyIf, endings.get(step.onlyIf), [...failed], choices);
}

/** What `onlyIf` names has said which steps run: yes or no, or the names of those that do. */
function chosen(
  { key }: PlannedStep,
  decider: string,
  ending: Ending | undefined,
  failed: readonly string[],
  choices: readonly string[] | undefined,
): Decision {
  if (ending?.state !== 'succeeded') return skip(`'${decider}' gave no result to decide by`, failed);
  const { result } = ending;
  const isName = (value: unknown) => typeof value === 'string';
  const named = [result].flat().filter((value): value is string => typeof value === 'string');
  const stranger = named.find((name) => choices && !choices.includes(name));
  if (stranger !== undefined)
    throw new TypeError(
      `'${decider}' chose '${stranger}', which is no step that runs only if '${decider}' says so; there are ${choices?.join(', ') ?? ''}.`,
    );
  if (result === true || result === key) return 'go';
  if (Array.isArray(result) && result.every(isName))
    return result.includes(key) ? 'go' : skip(`'${decider}' chose ${result.join(', ') || 'nothing'}`);
  if (result === false || result === null || isName(result))
    return skip(isName(result) ? `'${decider}' chose ${result}` : `'${decider}' said no`);
  throw new TypeError(
    `'${key}' runs only if '${decider}' says so, but its result is ${typeof result}: let it give true, false, a step's name or a list of names.`,
  );
}

function skip(reason: string, failed: readonly string[] = []): Decision {
  return { state: 'skipped', reason, failed };
}
