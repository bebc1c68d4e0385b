import { expect, it } from 'vitest';
import { assess } from './assess.ts';
import { HEAD, readTexts } from './dags-fixture.ts';

/** What becomes of tasks, each in a DAG that would else map whole; read in one go. */
async function tasksOf(calls: readonly string[]) {
  const texts = calls.map(
    (call, at) =>
      `${HEAD}with DAG('d${at}', schedule='@daily', start_date=START, catchup=False):\n    ${call}\n`,
  );
  const { dags } = assess(
    await readTexts(Object.fromEntries(texts.map((text, at) => [`${1000 + at}.py`, text]))),
  );
  return dags.map(({ tasks: [task] }) => task);
}
const bash = (rest: string) => `BashOperator(task_id='a', bash_command='true'${rest})`;

it('maps operators with the same meaning, defaults and all', async () => {
  const script = { timeout: '24 days', attempts: 1 };
  const expected: readonly (readonly [string, unknown])[] = [
    [bash(''), { script: ['bash', '-c', 'true'], ...script }],
    [
      bash(`, env={'A': 'b'}, cwd='/tmp', execution_timeout=timedelta(minutes=90)`),
      {
        script: ['env', '-i', 'A=b', 'bash', '-c', 'cd "$0" && exec bash -c "$1"', '/tmp', 'true'],
        timeout: '90 minutes',
        attempts: 1,
      },
    ],
    [
      bash(
        `, owner='x', retries=0, retry_delay=timedelta(minutes=5), email=['a@b.c'], email_on_failure=False, pool='default_pool'`,
      ),
      { script: ['bash', '-c', 'true'], ...script },
    ],
    [
      bash(`, retries=2, retry_exponential_backoff=False`),
      { script: ['bash', '-c', 'true'], ...script, attempts: 3, retry: { after: '5 minutes' } },
    ],
    [
      bash(`, retries=1, retry_delay=timedelta(minutes=1), execution_timeout=timedelta(hours=1)`),
      {
        script: ['bash', '-c', 'true'],
        timeout: '1 hour',
        attempts: 2,
        retry: { after: '1 minute' },
      },
    ],
    [
      `BashOperator(task_id='a', bash_command='for x in 1 2; do echo $x $HOME; done; y=1; echo $y')`,
      { script: ['bash', '-c', 'for x in 1 2; do echo $x $HOME; done; y=1; echo $y'], ...script },
    ],
    [
      `S3KeySensor(task_id='a', bucket_name='in', bucket_key='day/_SUCCESS', poke_interval=30, timeout=3600, mode='reschedule', retries=2)`,
      { waitFor: { file: 's3://in/day/_SUCCESS' }, every: '30 seconds', timeout: '1 hour' },
    ],
    [
      `S3KeySensor(task_id='a', bucket_key='s3://in/x')`,
      { waitFor: { file: 's3://in/x' }, timeout: '7 days' },
    ],
    [`FileSensor(task_id='a', filepath='/in/*.csv')`, { waitFor: { file: '/in/*.csv' }, timeout: '7 days' }],
    [`EmptyOperator(task_id='a')`, {}],
  ];
  const tasks = await tasksOf(expected.map(([call]) => call));
  expect(tasks.map((task) => [task?.kind, task?.becomes])).toEqual(
    expected.map(([, becomes]) => ['maps', becomes]),
  );
});

it('makes own code of what an argument would change, and says why', async () => {
  const refused: readonly (readonly [string, string])[] = [
    [bash(`, retries=100`), 'no number from 0 to 99'],
    [bash(`, retries=1, retry_delay=PAUSE`), 'retry_delay PAUSE: made by code'],
    [bash(`, retries=1, retry_delay=timedelta(days=2)`), 'retry_delay'],
    [bash(`, retries=1, retry_exponential_backoff=True`), 'do not grow here'],
    [bash(`, retries=N`), 'retries N'],
    [bash(`, append_env=True`), 'append_env'],
    [bash(`, env=ENV`), 'env: made by Jinja or code'],
    [bash(`, cwd='sub'`), 'no absolute path'],
    [bash(`, execution_timeout=LIMIT`), 'execution_timeout LIMIT: made by code'],
    [bash(`, pool='heavy'`), "'pools' of the profile"],
    [bash(`, sla=timedelta(hours=1)`), 'sla'],
    [bash(`, depends_on_past=True`), 'depends_on_past'],
    [bash(`, wait_for_downstream=True`), 'wait_for_downstream'],
    [bash(`, on_failure_callback=tell`), 'on_failure_callback'],
    [bash(`, trigger_rule='none_failed_min_one_success'`), "'none_failed_min_one_success' has no equal"],
    [bash(`, trigger_rule='always'`), "'always' has no equal"],
    [bash(`, trigger_rule=RULE`), 'trigger rule RULE is made by code'],
    [bash(`, email='a@b.c'`), 'notify'],
    [bash(`, start_date=START`), 'start_date of a task'],
    [bash(`, whatever=1`), "'whatever' is not carried over"],
    [`BashOperator(task_id='a', bash_command='echo {{ ds }}')`, 'Jinja'],
    [`BashOperator(task_id='a', bash_command='run.sh')`, 'as a template'],
    [`BashOperator(task_id='a', bash_command='echo $REGION; REGION=x')`, '$REGION'],
    [`BashOperator(task_id='a', bash_command='A=1 echo $A')`, '$A'],
    [`BashOperator(task_id='a', bash_command=CMD)`, 'made by code'],
    [`BashOperator(task_id='a')`, "has no 'bash_command'"],
    [`BashOperator.partial(task_id='a').expand(bash_command=['x'])`, 'mapped'],
    [`S3KeySensor(task_id='a', bucket_key='x')`, 'without a bucket'],
    [`S3KeySensor(task_id='a', bucket_key='s3://b/{{ ds }}')`, 'Jinja'],
    [`S3KeySensor(task_id='a', bucket_key='s3://b/{date}')`, 'Jinja'],
    [`S3KeySensor(task_id='a', bucket_key='s3://b/*', wildcard_match=True)`, 'wildcard_match'],
    [`S3KeySensor(task_id='a', bucket_key='s3://b/x', aws_conn_id='other')`, 'aws_conn_id'],
    [`S3KeySensor(task_id='a', bucket_key='s3://b/x', soft_fail=True)`, 'soft_fail'],
    [`FileSensor(task_id='a', filepath='in.csv')`, 'below the path of fs_conn_id'],
    [`ExternalTaskSensor(task_id='a', external_dag_id='o', external_task_id='t')`, 'not for one task'],
    [
      `ExternalTaskSensor(task_id='a', external_dag_id='o', execution_delta=timedelta(hours=1))`,
      'same interval',
    ],
    [`ExternalTaskSensor(task_id='a', external_dag_id=OTHER)`, 'external_dag_id OTHER'],
  ];
  const tasks = await tasksOf(refused.map(([call]) => call));
  refused.forEach(([call, why], at) => {
    expect([call, tasks[at]?.kind, tasks[at]?.becomes]).toEqual([call, 'own code', undefined]);
    expect(tasks[at]?.notes.join('\n')).toContain(why);
  });
});

it('says what stands for operators that do not map', async () => {
  const said: readonly (readonly [string, string, string])[] = [
    [`SqlSensor(task_id='a', conn_id='c', sql='select count(*) from t')`, 'own code', 'first cell'],
    [`DbtRunOperator(task_id='a')`, 'own code', 'transform: { dbt: { select } }'],
    [`TriggerDagRunOperator(task_id='a', trigger_dag_id='b')`, 'own code', "'waitFor: { pipeline }' in it"],
    [`MySQLToS3Operator(task_id='a')`, 'own code', 'a table of the pipeline'],
    [`S3ToRedshiftOperator(task_id='a')`, 'own code', 'a table of the pipeline'],
    [`EmailOperator(task_id='a')`, 'own code', 'notify'],
    [`TimeDeltaSensor(task_id='a')`, 'own code', 'delay'],
    [`SnowflakeOperator(task_id='a')`, 'no', 'DuckDB and Redshift'],
    [`OddOperator(task_id='a')`, 'own code', 'is not known here'],
  ];
  // Of Airflow itself: a class of the same name that is somebody's own is not known.
  const imported = said.map(([call]) => `from airflow.x import ${call.split('(')[0] ?? ''}; ${call}`);
  const tasks = await tasksOf([
    ...imported,
    `BashOperator = make; ${bash('')}`,
    `from ours import BashOperator; ${bash('')}`,
  ]);
  said.forEach(([, kind, says], at) => {
    expect(tasks[at]?.kind).toBe(kind);
    expect(tasks[at]?.says).toContain(says);
  });
  expect(tasks.at(-1)).toMatchObject({ kind: 'own code', operator: 'ours.BashOperator' });
  expect(tasks.at(-2)).toMatchObject({ kind: 'own code', operator: 'BashOperator (of this file)' });
});

it('takes when a DAG runs as it is meant, or says what is not known', async () => {
  const cases: readonly (readonly [string, unknown, string])[] = [
    [`schedule='@weekly', start_date=START`, { cron: '0 0 * * 0', timezone: 'UTC' }, ''],
    [
      `schedule='0 6 * * 1-5', start_date=pendulum.datetime(2024, 1, 1, tz='Europe/Berlin')`,
      { cron: '0 6 * * 1-5', timezone: 'Europe/Berlin' },
      '',
    ],
    [
      `schedule='0 6 * * *', start_date=datetime(2024, 1, 1, tzinfo=pendulum.timezone('Asia/Tokyo'))`,
      { cron: '0 6 * * *', timezone: 'Asia/Tokyo' },
      '',
    ],
    [`schedule=timedelta(hours=6), start_date=START`, { every: '6 hours' }, ''],
    [`schedule=timedelta(hours=6), start_date=datetime(2024, 1, 1, 1)`, null, 'counted from start_date'],
    [`schedule=timedelta(days=7), start_date=START`, null, 'counted from start_date'],
    [`schedule=None`, 'manual', ''],
    [`start_date=START`, null, 'every day in Airflow 2, and by hand in Airflow 3'],
    [`start_date=START, concurrency=None`, { every: '1 day' }, ''],
    [`schedule_interval='@daily', start_date=START`, { cron: '0 0 * * *', timezone: 'UTC' }, ''],
    [`schedule='@once', start_date=START`, null, '@once'],
    [`schedule=[ASSET], start_date=START`, null, 'onFiles'],
    [`schedule='@daily'`, { cron: '0 0 * * *', timezone: 'UTC' }, 'no start_date is given'],
    [`schedule='@daily', start_date=SOME_DAY`, { cron: '0 0 * * *', timezone: 'UTC' }, 'made by code'],
    [`schedule='0 0 */2 * 1', start_date=START`, null, 'days of either field'],
    [`schedule='0 0 * * 1#1', start_date=START`, null, 'schedule'],
    [
      `schedule='@daily', start_date=START, end_date=START`,
      { cron: '0 0 * * *', timezone: 'UTC' },
      'end_date',
    ],
    [
      `schedule='@daily', start_date=START, params={'a': 1}`,
      { cron: '0 0 * * *', timezone: 'UTC' },
      'params',
    ],
    [`schedule='@daily', start_date=START, catchup=C`, { cron: '0 0 * * *', timezone: 'UTC' }, 'catchup'],
    [
      `schedule='@daily', start_date=START, odd=1`,
      { cron: '0 0 * * *', timezone: 'UTC' },
      "'odd' is not carried",
    ],
  ];
  const { dags } = assess(
    await readTexts(
      Object.fromEntries(
        cases.map(([given], at) => [
          `${1000 + at}.py`,
          `${HEAD}with DAG('d${at}', ${given}):\n    ${bash('')}\n`,
        ]),
      ),
    ),
  );
  cases.forEach(([given, schedule, problem], at) => {
    const dag = dags[at];
    expect([given, dag?.schedule, dag?.draft !== undefined]).toEqual([given, schedule, problem === '']);
    expect(dag?.reasons.join('\n')).toContain(problem);
  });
});
