import { codeOf, durationText, isMadeByCode, secondsOf } from './given.ts';
import type { Given } from './read.ts';

/** What there is against an argument: undefined where a definition says the same, or it says nothing of what a run does. */
export type Objection = (value: unknown, given: Given) => string | undefined;
export type Keywords = Readonly<Record<string, Objection>>;

export const fine: Objection = () => undefined;

/** One of these values, and no other. */
export function only(values: readonly unknown[], instead: string): Objection {
  return (value) => (values.some((each) => same(each, value)) ? undefined : instead);
}

const off = (instead: string) => only([false, null], instead);
const none = (instead: string) => only([null], instead);

/** Attempts are 100 at most. */
const retries: Objection = (value) =>
  value === null || (Number.isInteger(value) && Number(value) >= 0 && Number(value) < 100)
    ? undefined
    : `retries ${codeOf(value)}: ${isMadeByCode(value) ? 'made by code' : 'no number from 0 to 99'}`;

/** Of a task that is tried again. */
const withRetries =
  (objection: Objection): Objection =>
  (value, given) =>
    given['retries'] ? objection(value, given) : undefined;
const GROWING = 'pauses between attempts do not grow here, they are those of retry: { after }';

/** Mail is sent to whom `email` names, unless that is switched off. */
const email: Objection = (value, given) =>
  value === null ||
  (given['email_on_failure'] === false && (given['email_on_retry'] === false || !given['retries']))
    ? undefined
    : "email: 'notify' of the profile";

/**
 * Arguments that every operator takes, as far as they are understood.
 * https://airflow.apache.org/docs/apache-airflow/stable/_api/airflow/models/baseoperator/index.html
 */
export const COMMON: Keywords = {
  task_id: fine,
  owner: fine,
  doc: fine,
  doc_md: fine,
  doc_json: fine,
  doc_yaml: fine,
  doc_rst: fine,
  task_display_name: fine,
  do_xcom_push: only([true, false, null], 'do_xcom_push: made by code'),
  email,
  email_on_failure: only([true, false, null], 'email_on_failure: made by code'),
  email_on_retry: only([true, false, null], 'email_on_retry: made by code'),
  retries,
  retry_delay: withRetries(inSeconds('retry_delay', 86_400)),
  retry_exponential_backoff: withRetries(only([false, 0, null], `retry_exponential_backoff: ${GROWING}`)),
  max_retry_delay: fine, // of growing pauses
  depends_on_past: off(
    "depends_on_past: an interval stands by itself; 'waitFor: { sql }' may say what it needs of the past",
  ),
  ignore_first_depends_on_past: fine,
  wait_for_downstream: off('wait_for_downstream: an interval stands by itself'),
  pool: only(['default_pool', null], "pool: 'pools' of the profile, with its size, and 'pool' of the task"),
  pool_slots: only([1, null], 'pool_slots: a step takes one place of its pool'),
  priority_weight: only([1, null], "priority_weight: 'priority' is of a whole pipeline"),
  sla: none("sla: 'freshness' and 'deadline' of the pipeline"),
  execution_timeout: none("execution_timeout: 'timeout' of the task"),
  trigger_rule: fine, // looked at with the order
  on_failure_callback: none("on_failure_callback: 'notify' of the profile, or a task with when: 'failed'"),
  on_success_callback: none('on_success_callback: a task after it'),
  on_retry_callback: none('on_retry_callback has no equal'),
  on_execute_callback: none('on_execute_callback: a task before it'),
  on_skipped_callback: none('on_skipped_callback has no equal'),
  start_date: none('start_date of a task: a pipeline has one start; this is a pipeline of its own'),
  end_date: none('end_date: a pipeline has no end; pause it when it is over'),
  outlets: only([[], null], "outlets: those that wait for the data take 'waitFor: { pipeline }'"),
  inlets: only([[], null], 'inlets: lineage is known from tables and models'),
  params: only([{}, null], "params: 'params' of the pipeline"),
};

/** Every sensor's, where it becomes a wait: its looks are repeated whatever they fail of, as far as that may pass. */
export const OF_WAITS: Keywords = {
  poke_interval: inSeconds('poke_interval'),
  timeout: inSeconds('timeout'),
  mode: only(['poke', 'reschedule'], 'mode: made by code'),
  deferrable: only([true, false], 'deferrable: made by code'),
  soft_fail: off("soft_fail: onTimeout: 'skip' says the same of a time that is over, not of other failures"),
  exponential_backoff: off('exponential_backoff: looks are evenly apart'),
  retries: (value) => (typeof value === 'number' ? undefined : `retries ${codeOf(value)}: made by code`),
  retry_delay: fine,
  retry_exponential_backoff: fine,
  max_retry_delay: fine,
};

/** What there is against a whole set of arguments. */
export function objections(given: Given, known: Keywords): string[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const objection = known[name];
    if (!objection) return [`'${name}' is not carried over`];
    return objection(value, given) ?? [];
  });
}

export function inSeconds(name: string, most = Infinity): Objection {
  return (value) => {
    const seconds = secondsOf(value);
    if (value === null || (durationText(seconds) !== undefined && (seconds ?? 0) <= most)) return undefined;
    return `${name} ${codeOf(value)}: ${isMadeByCode(value) ? 'made by code' : 'no whole number of seconds that is taken'}`;
  };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
