import type { DagTask } from './read.ts';

/** What becomes of a task. */
export interface Verdict {
  /** `maps`: `becomes` can be written as it stands; `own code`: what it does has to move into `tasks/`; `no`: Sluice has nothing for it. */
  readonly kind: 'maps' | 'own code' | 'no';
  /** In words. */
  readonly says: string;
  /** The task's definition, where it maps. */
  readonly becomes?: Readonly<Record<string, unknown>>;
}

const maps = (says: string, becomes: Readonly<Record<string, unknown>> = {}): Verdict => ({
  kind: 'maps',
  says,
  becomes,
});
const own = (says: string): Verdict => ({ kind: 'own code', says });
const no = (says: string): Verdict => ({ kind: 'no', says });

type Rule = readonly [kinds: RegExp, judge: (task: DagTask) => Verdict];

const JINJA = /\{[{%]/;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && !JINJA.test(value) ? value : undefined;

/** By the name of the operator, the first that matches. Sensors wait in a durable workflow, whatever their `mode` was. */
const RULES: readonly Rule[] = [
  [/^(Empty|Dummy)Operator$/, () => maps('nothing: the order of the others says the same')],
  [
    /^BashOperator$/,
    ({ given }) => {
      const command = text(given['bash_command']);
      return command === undefined
        ? own(
            "its command is made by Jinja or code: a script task reads $SLUICE_INPUT and SLUICE_INTERVAL_START instead ('{{ ds }}' is its date)",
          )
        : maps('a script task; it is tried again where it ends with 75, not where it merely fails', {
            script: ['bash', '-c', command],
          });
    },
  ],
  [
    /^(BranchPython|ShortCircuit|BranchPythonVirtualenv)Operator$|^@task\.(branch|short_circuit)/,
    () => own("a function task that gives the names of what is to run (or true, false); those take 'onlyIf'"),
  ],
  [
    /^@task\.(virtualenv|external_python)|^Python(Virtualenv|External)?Operator$|^ExternalPythonOperator$|^@task$|^@task\.bash/,
    () => own('a script task, [python, file]: input in $SLUICE_INPUT, result (XCom) to $SLUICE_OUTPUT'),
  ],
  [
    /^@task\.sensor|^PythonSensor$/,
    () =>
      own(
        "a 'waitFor' by sql, file or http if one says the same, else a script task that ends with 75 (try again)",
      ),
  ],
  [
    /^ExternalTaskSensor(Async)?$|^ExternalTaskMarker$/,
    ({ given }) =>
      maps('a wait for the other pipeline, over the same interval', {
        waitFor: { pipeline: text(given['external_dag_id']) ?? '…' },
      }),
  ],
  [
    /^(File|S3Key|GCSObject\w*|SFTP)Sensor(Async)?$/,
    ({ kind, given }) => {
      const file = text(given['filepath']) ?? text(given['bucket_key']);
      if (/^(GCS|SFTP)/.test(kind)) return no('files are waited for in folders and in S3 alone');
      return file === undefined
        ? own("a wait for a file; its name is made by code: 'waitFor: { file }' knows {date}, {start}, {end}")
        : maps('a wait for a file', { waitFor: { file } });
    },
  ],
  [
    /^Sql(Sensor)$|^(Redshift|Postgres)\w*Sensor$/,
    ({ given }) => {
      const sql = text(given['sql']);
      return sql === undefined
        ? own("a wait for a row: 'waitFor: { sql, on }', whose text knows {date}, {start}, {end}")
        : maps('a wait for a row', { waitFor: { sql, on: 'source' } });
    },
  ],
  [
    /^HttpSensor(Async)?$/,
    () =>
      own("'waitFor: { http, status }' with the whole address; what is in the answer it does not look at"),
  ],
  [/^(Time\w*|DateTime|DayOfWeek)Sensor(Async)?$/, () => maps("the schedule's 'delay', or another cron")],
  [
    /^TriggerDagRunOperator$/,
    ({ given }) =>
      maps(
        `nothing here: the other pipeline waits, 'waitFor: { pipeline }'${typeof given['trigger_dag_id'] === 'string' ? `, in '${given['trigger_dag_id']}'` : ''}`,
      ),
  ],
  [/^(LatestOnly)Operator$/, () => no('runs of past intervals are backfills here and do all steps')],
  [
    /^(Postgres|MsSql|Oracle)ToS3\w*$|^SqlToS3Operator$|^(Postgres|Sql)\w*Transfer$/,
    () =>
      own("a table of the pipeline ('tables'): extraction with its mode, cursor and key, not a copy by SQL"),
  ],
  [/^MySQLToS3Operator$|^MySql\w*$/, () => no('MySQL is no source yet')],
  [/^S3ToRedshiftOperator$/, () => maps("nothing: a table's 'load' does it")],
  [
    /^(Redshift(Data|SQL)|Postgres|SQLExecuteQuery|Snowflake\w*|BigQuery\w*)Operator$/,
    ({ kind }) =>
      /^(Snow|Big)/.test(kind)
        ? no('the warehouses are DuckDB and Redshift')
        : own('a dbt model, if it makes a table; else a script task with a client'),
  ],
  [/^Dbt\w*|^Cosmos/, () => maps("'transform: { dbt: { select } }': one step, its models by tag")],
  [
    /^(Docker|KubernetesPod|Ecs\w*|GKE\w*)Operator$|^@task\.(docker|kubernetes)/,
    () => own("a container: 'container: { image, command }'; what it mounts or is given has to be looked at"),
  ],
  [
    /^(Glue|Emr|SparkSubmit|Databricks|Dataproc)\w*(Operator|Sensor)$/,
    ({ kind }) =>
      /^(Glue|SparkSubmit)/.test(kind)
        ? own("a Spark job in spark/jobs/: 'spark: name'; extraction by Glue is a setting of the connection")
        : no('Spark runs on this machine or on Glue; EMR, Databricks and Dataproc have no equal yet'),
  ],
  [
    /^(Email|Slack\w*|SmtpNotifier|MSTeams\w*|Discord\w*|PagerDuty\w*)/,
    () =>
      maps(
        "the profile's 'notify' tells of failed runs; for more, a script task with when: 'failed' or 'always'",
      ),
  ],
  [/^(SubDag)Operator$/, () => no('a pipeline in a pipeline: put its tasks into this one, or wait for it')],
];

/** What becomes of a task by its kind. */
export function verdictOf(task: DagTask): Verdict {
  const rule = RULES.find(([kinds]) => kinds.test(task.kind));
  if (!rule) return own(`'${task.kind}' is not known here: a script task can call what it calls`);
  return rule[1](task);
}

/** `when` for a trigger rule; a text where there is none: https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#trigger-rules */
export function whenOf(rule: unknown): { readonly when?: string; readonly problem?: string } {
  const name = typeof rule === 'string' ? rule : /TriggerRule\.(\w+)/.exec(codeOf(rule))?.[1]?.toLowerCase();
  switch (name) {
    case undefined:
      return rule === undefined ? {} : { problem: `trigger rule ${codeOf(rule)} is made by code` };
    case 'all_success':
      return {};
    case 'all_done':
    case 'always':
      return { when: 'always' };
    case 'one_failed':
      return { when: 'failed' };
    default:
      return {
        problem: `trigger rule '${name}' has no equal: there are succeeded, failed (at least one), always`,
      };
  }
}

/** What of a schedule can be said. Ticks are the same; of an interval Airflow ran it at its end, too. */
export function scheduleOf(schedule: unknown): { readonly schedule?: unknown; readonly problem?: string } {
  if (schedule === null || schedule === undefined || schedule === '@once') return { schedule: 'manual' };
  if (typeof schedule === 'string') {
    const preset = PRESETS[schedule];
    if (preset !== undefined) return { schedule: { cron: preset, timezone: 'UTC' } };
    if (/^@/.test(schedule)) return { problem: `schedule '${schedule}' has no equal` };
    return { schedule: { cron: schedule, timezone: 'UTC' } };
  }
  const delta = /^(?:datetime\.)?timedelta\((hours|days|minutes|weeks)=(\d+)\)$/.exec(codeOf(schedule));
  if (delta) return { schedule: { every: `${delta[2] ?? ''} ${delta[1] ?? ''}` } };
  return {
    problem: `schedule ${codeOf(schedule)}: datasets, assets and timetables have no equal; a cron, or 'waitFor: { pipeline }', may do`,
  };
}

const PRESETS: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@quarterly': '0 0 1 */3 *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};

/** What an author wrote that is no literal. */
export function codeOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'code' in value) return String(value.code);
  return JSON.stringify(value);
}
