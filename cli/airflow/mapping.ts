import { OF_BASH_OPERATOR, scriptOf } from './bash.ts';
import { COMMON, fine, objections, OF_WAITS, type Keywords } from './keywords.ts';
import type { DagTask, Given } from './read.ts';
import { keyOf, OF_EXTERNAL_TASK, OF_FILE, OF_S3_KEY, pipelineOf, waitOf } from './waits.ts';

/** What becomes of a task. */
export interface Verdict {
  /** `maps`: `becomes` does the same as it stands; `own code`: what it does has to move into `tasks/`, or somebody to decide; `no`: Sluice has nothing for it. */
  readonly kind: 'maps' | 'own code' | 'no';
  /** In words. */
  readonly says: string;
  /** What is against it, argument by argument. */
  readonly notes: readonly string[];
  /** The task's definition, where it maps; of one that only keeps an order, nothing. */
  readonly becomes?: Readonly<Record<string, unknown>>;
}

/** What stands for an operator, as long as its arguments are among those that are carried over. */
interface Mapped {
  readonly says: string;
  readonly keywords: Keywords;
  readonly becomes: (given: Given) => Readonly<Record<string, unknown>>;
}
interface Unmapped {
  readonly kind: 'own code' | 'no';
  readonly says: string;
}

const own = (says: string): Unmapped => ({ kind: 'own code', says });
const no = (says: string): Unmapped => ({ kind: 'no', says });

type Rule = readonly [kinds: RegExp, what: Mapped | Unmapped];

const MAPPED: readonly Rule[] = [
  [
    /^(Empty|Dummy)Operator$/,
    {
      says: 'nothing: the order of the others says the same',
      keywords: { ...COMMON, retries: fine, retry_delay: fine, execution_timeout: fine },
      becomes: () => ({}),
    },
  ],
  [
    /^BashOperator$/,
    {
      says: 'a script task; it begins in tasks/, not in an empty folder',
      keywords: { ...COMMON, ...OF_BASH_OPERATOR },
      becomes: scriptOf,
    },
  ],
  [
    /^ExternalTaskSensor(Async)?$/,
    {
      says: 'a wait for the other pipeline, over the same interval',
      keywords: { ...COMMON, ...OF_WAITS, ...OF_EXTERNAL_TASK },
      becomes: (given) => waitOf({ pipeline: pipelineOf(given) }, given),
    },
  ],
  [
    /^S3KeySensor(Async)?$/,
    {
      says: 'a wait for an object',
      keywords: { ...COMMON, ...OF_WAITS, ...OF_S3_KEY },
      becomes: (given) => waitOf({ file: keyOf(given) ?? '' }, given),
    },
  ],
  [
    /^FileSensor(Async)?$/,
    {
      says: 'a wait for a file, which counts when nobody has written to it for 5 seconds',
      keywords: { ...COMMON, ...OF_WAITS, ...OF_FILE },
      becomes: (given) => waitOf({ file: String(given['filepath']) }, given),
    },
  ],
];

/** Arguments without which Airflow takes none of these, or takes what is not written. */
const NEEDED: Readonly<Record<string, string>> = {
  BashOperator: 'bash_command',
  ExternalTaskSensor: 'external_dag_id',
  S3KeySensor: 'bucket_key',
  FileSensor: 'filepath',
};

const UNMAPPED: readonly Rule[] = [
  [
    /^(BranchPython|BranchExternalPython|ShortCircuit|BranchPythonVirtualenv)Operator$|^@task\.(branch\w*|short_circuit)/,
    own("a function task that gives the names of what is to run (or true, false); those take 'onlyIf'"),
  ],
  [
    /^Branch\w+Operator$/,
    own("a script or function task that gives the names of what is to run; those take 'onlyIf'"),
  ],
  [
    /^@task\.(virtualenv|external_python)|^Python(Virtualenv|External)?Operator$|^ExternalPythonOperator$|^@task$|^@task\.bash/,
    own('a script task, [python, file]: input in $SLUICE_INPUT, result (XCom) to $SLUICE_OUTPUT'),
  ],
  [
    /^@task\.sensor|^PythonSensor$|^BashSensor$/,
    own(
      "a 'waitFor' by sql, file or http if one says the same, else a script task that ends with 75 (try again)",
    ),
  ],
  [/^ExternalTaskMarker$/, own("the other pipeline waits: 'waitFor: { pipeline }' in it")],
  [
    /^S3\w*Sensor(Async)?$/,
    own("'waitFor: { file }' with s3://bucket/folder/ or a *, if that says the same"),
  ],
  [/^(GCS\w*|SFTP|FTPS?|Hdfs|Wasb\w*)Sensor(Async)?$/, no('files are waited for in folders and in S3 alone')],
  [
    /^Sql\w*Sensor$|^(Redshift|Postgres|MySql)\w*Sensor$/,
    own(
      "'waitFor: { sql, on }': Airflow waits until the first cell of the first row is true, here any row is enough; write the statement so that it gives one only then (where …, having count(*) > 0), and name where it is asked",
    ),
  ],
  [
    /^HttpSensor(Async)?$/,
    own("'waitFor: { http, status }' with the whole address; what is in the answer it does not look at"),
  ],
  [/^(Time\w*|DateTime|DayOfWeek)Sensor(Async)?$/, own("the schedule's 'delay', or another cron")],
  [/^TriggerDagRunOperator$/, own("the other pipeline waits: 'waitFor: { pipeline }' in it")],
  [/^LatestOnlyOperator$/, no('runs of past intervals are backfills here and do all steps')],
  [/^SubDagOperator$/, no('a pipeline in a pipeline: put its tasks into this one, or wait for it')],
  [/^(MsSql|Oracle|Mongo|Salesforce|GoogleApi\w*)To\w+$/, no('sources are PostgreSQL, MySQL and files')],
  [
    /^(Postgres|My[Ss][Qq][Ll]|Sql)ToS3\w*$|^(Postgres|MySql|Sql)\w*Transfer$|^GenericTransfer$/,
    own("a table of the pipeline ('tables'): extraction with its mode, cursor and key, not a copy by SQL"),
  ],
  [/^S3ToRedshift(Operator|Transfer)$/, own("a table of the pipeline ('tables'): its load is this")],
  [/^(Snowflake|BigQuery)\w*(Operator|Sensor)$/, no('the warehouses are DuckDB and Redshift')],
  [
    /^(Redshift(Data|SQL)|Postgres|MySql|SQL\w*|Sqlite)Operator$/,
    own(
      'a dbt model, if it makes a table; a check of a table or a dbt test, if it checks; else a script task with a client',
    ),
  ],
  [/^DbtCloud\w*$/, no('models are built by the dbt of the project, not by its cloud')],
  [
    /^Dbt\w*|^Cosmos\w*/,
    own(
      "'transform: { dbt: { select } }' once the models are in dbt/: one step, models and their tests by tag",
    ),
  ],
  [
    /^(Docker|DockerSwarm|KubernetesPod|Ecs\w*|GKE\w*)Operator$|^@task\.(docker|kubernetes)/,
    own("a container: 'container: { image, command }'; what it mounts or is given has to be looked at"),
  ],
  [
    /^(Glue\w*|SparkSubmit|SparkSql|SparkJDBC)(Operator|Sensor)$|^@task\.pyspark/,
    own("a Spark job in spark/jobs/: 'spark: name'; extraction by Glue is a setting of the connection"),
  ],
  [
    /^(Emr|Databricks|Dataproc)\w*(Operator|Sensor)$/,
    no('Spark runs on this machine or on Glue; EMR, Databricks and Dataproc have no equal yet'),
  ],
  [
    /^(Email|Slack\w*|Smtp\w*|MSTeams\w*|Discord\w*|Telegram\w*|PagerDuty\w*)Operator$/,
    own(
      "the profile's 'notify' tells of failed runs; for more, a script task with when: 'failed' or 'always'",
    ),
  ],
];

/** What becomes of a task, by its operator and the arguments that it has, its DAG's defaults among them. */
export function verdictOf({ kind, mapped }: DagTask, given: Given): Verdict {
  const [, rule] = [...MAPPED, ...UNMAPPED].find(([kinds]) => kinds.test(kind)) ?? [];
  const common = Object.fromEntries(Object.entries(given).filter(([name]) => name in COMMON));
  const each = mapped ? ['mapped: \'each: { from: "<step>" }\' over a step that gives the list'] : [];
  if (!rule)
    return {
      ...own(`'${kind}' is not known here: a script task can call what it calls`),
      notes: [...each, ...objections(common, COMMON)],
    };
  if ('kind' in rule) return { ...rule, notes: [...each, ...objections(common, COMMON)] };
  const needed = NEEDED[kind.replace(/Async$/, '')];
  const notes = [
    ...each,
    ...(needed === undefined || needed in given ? [] : [`it has no '${needed}'`]),
    ...objections(given, rule.keywords),
  ];
  return notes.length
    ? { kind: 'own code', says: `${rule.says}, once this is decided`, notes }
    : { kind: 'maps', says: rule.says, notes, becomes: rule.becomes(given) };
}
