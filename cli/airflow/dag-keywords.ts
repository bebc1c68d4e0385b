import { fine, only, type Keywords } from './keywords.ts';

/** Arguments of a DAG, as far as they are understood. https://airflow.apache.org/docs/apache-airflow/stable/_api/airflow/models/dag/index.html */
export const OF_DAG: Keywords = {
  // looked at with the time, the draft and the tasks
  schedule: fine,
  schedule_interval: fine,
  timetable: fine,
  start_date: fine,
  default_args: fine,
  description: fine,
  catchup: only([true, false, null], 'catchup: made by code'),
  // for people
  tags: fine,
  doc_md: fine,
  owner_links: fine,
  default_view: fine,
  orientation: fine,
  dag_display_name: fine,
  // what else runs do
  max_active_runs: (value) =>
    typeof value === 'number' && value >= 1 ? undefined : 'max_active_runs: made by code',
  end_date: only([null], 'end_date: a pipeline has no end; pause it when it is over'),
  max_active_tasks: only([null], "max_active_tasks: 'pools' of the profile"),
  concurrency: only([null], "concurrency: 'pools' of the profile"),
  dagrun_timeout: only([null], "dagrun_timeout: 'timeout' of tasks, 'deadline' of the pipeline"),
  params: only([null, {}], "params: 'params' of the pipeline; 'sluice run --param name=value' gives one"),
  on_failure_callback: only(
    [null],
    "on_failure_callback: 'notify' of the profile, or a task with when: 'failed'",
  ),
  on_success_callback: only([null], 'on_success_callback: a task that comes last'),
  sla_miss_callback: only([null], "sla_miss_callback: 'freshness' and 'deadline' of the pipeline"),
  render_template_as_native_obj: only([false, null], 'render_template_as_native_obj: there are no templates'),
  template_searchpath: only([null, []], 'template_searchpath: there are no templates'),
  user_defined_macros: only([null, {}], 'user_defined_macros: there are no templates'),
  user_defined_filters: only([null, {}], 'user_defined_filters: there are no templates'),
  is_paused_upon_creation: only([false, null], "is_paused_upon_creation: 'sluice pause' once it is deployed"),
  fail_stop: only([false], 'fail_stop: what does not come after a failure goes on'),
  fail_fast: only([false], 'fail_fast: what does not come after a failure goes on'),
};

/** What is true of a definition, and to be known. */
export function dagNotes(
  given: Readonly<Record<string, unknown>>,
  version: 2 | 3 | null,
  isTimed: boolean,
): string[] {
  const catchup = given['catchup'] ?? null;
  const runsPast = catchup === true || (catchup === null && version !== 3);
  return [
    ...(runsPast && isTimed
      ? [
          `catchup${catchup === true ? '' : version === 2 ? ', which Airflow 2 does where nothing is said' : ', which Airflow 2 does and 3 does not where nothing is said'}: intervals of the past are run when 'sluice backfill' asks for them, and never by themselves`,
        ]
      : []),
    ...('max_active_runs' in given
      ? [
          "max_active_runs: the schedule's runs come one after the other; 'sluice backfill' has '--concurrency'",
        ]
      : []),
  ];
}
