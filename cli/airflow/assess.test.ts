import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolvePipeline } from '../../core/resolve.ts';
import { assess, assessmentText, type DagAssessment } from './assess.ts';
import { readDags } from './read.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-dags-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const HEAD = `from datetime import datetime, timedelta
from airflow import DAG
from airflow.decorators import dag, task
from airflow.models.baseoperator import chain
from airflow.operators.bash import BashOperator as Bash
from airflow.operators.empty import EmptyOperator
from airflow.operators.python import PythonOperator, BranchPythonOperator
from airflow.sensors.external_task import ExternalTaskSensor
from airflow.utils.task_group import TaskGroup
`;
const assessed = async (text: string): Promise<readonly DagAssessment[]> => {
  writeFileSync(join(folder, 'dag.py'), HEAD + text);
  return assess(await readDags(folder)).dags;
};
const one = async (text: string): Promise<DagAssessment> => {
  const [dag, ...rest] = await assessed(text);
  expect(rest).toEqual([]);
  if (!dag) throw new Error('No DAG was found.');
  return dag;
};
const verdicts = ({ tasks }: DagAssessment) => Object.fromEntries(tasks.map(({ id, kind }) => [id, kind]));

describe('a DAG of which everything maps', () => {
  it('is drafted, with the order of its tasks past those that only keep it, in words that a definition takes', async () => {
    const dag = await one(`
with DAG('nightly', schedule='@daily', start_date=datetime(2024, 1, 1), default_args={'retries': 2}):
    start = EmptyOperator(task_id='start')
    wait = ExternalTaskSensor(task_id='wait', external_dag_id='orders')
    with TaskGroup('work') as work:
        a = Bash(task_id='A-one', bash_command='echo a')
        b = Bash(task_id='b', bash_command='echo b', retries=0)
    join = EmptyOperator(task_id='join')
    alarm = Bash(task_id='alarm', bash_command='echo alarm', trigger_rule='one_failed')
    start >> wait >> work >> join >> alarm
`);
    expect(dag).toMatchObject({
      dag: 'nightly',
      verdict: 'maps',
      schedule: { cron: '0 0 * * *', timezone: 'UTC' },
    });
    expect(dag.draft).toEqual({
      wait: { waitFor: { pipeline: 'orders' }, attempts: 3 },
      a_one: { script: ['bash', '-c', 'echo a'], after: ['wait'], attempts: 3 },
      b: { script: ['bash', '-c', 'echo b'], after: ['wait'], attempts: 1 },
      alarm: { script: ['bash', '-c', 'echo alarm'], after: ['a_one', 'b'], when: 'failed', attempts: 3 },
    });
  });

  it('has a draft that holds', async () => {
    const { draft, schedule } = await one(`
with DAG('d', schedule=timedelta(hours=6), start_date=datetime(2024, 1, 1)) as d:
    chain(Bash(task_id='a', bash_command='true'), [Bash(task_id='b', bash_command='true'), Bash(task_id='c', bash_command='true')])
`);
    const tables = { t: { domain: 'd', extract: { mode: 'snapshot' } } };
    const pipeline = {
      name: 'd',
      description: 'd',
      schedule,
      start: '2024-01-01',
      source: 's',
      tables,
      tasks: draft,
    };
    expect(resolvePipeline(pipeline).tasks.map(({ name, after }) => [name, after])).toEqual([
      ['a', undefined],
      ['b', ['a']],
      ['c', ['a']],
    ]);
  });
});

describe('what a definition cannot say by itself', () => {
  it('is code that has to move: functions, branches, Jinja', async () => {
    const dag = await one(`
with DAG('d', schedule=None):
    PythonOperator(task_id='load', python_callable=print) >> BranchPythonOperator(task_id='choose', python_callable=print)
    Bash(task_id='dated', bash_command='run {{ ds }} {{ var.value.region }}')
`);
    expect(verdicts(dag)).toEqual({ load: 'own code', choose: 'own code', dated: 'own code' });
    expect(dag).toMatchObject({ verdict: 'own code', schedule: 'manual' });
    expect(dag.draft).toBeUndefined();
    expect(dag.notes.join()).toContain(`Variable 'region'`);
  });

  it('is named where Sluice has nothing for it', async () => {
    const dag = await one(`
from airflow.operators.latest_only import LatestOnlyOperator
with DAG('d', timetable=Mine()):
    LatestOnlyOperator(task_id='box')
    Bash(task_id='odd', bash_command='true', trigger_rule='none_failed_min_one_success', depends_on_past=True)
`);
    expect(dag.verdict).toBe('no');
    expect(verdicts(dag)).toEqual({ box: 'no', odd: 'maps' });
    expect(dag.tasks[1]?.notes.join()).toMatch(/none_failed_min_one_success.*depends_on_past/s);
    expect(dag.notes.join()).toContain('timetables have no equal');
  });

  it('is never taken for understood: loops, names made by code, DAGs made by functions', async () => {
    const dag = await one(`
with DAG('d', schedule='0 3 * * *'):
    for t in TABLES:
        Bash(task_id=f'copy_{t}', bash_command='true')
`);
    expect(dag.verdict).toBe('own code');
    expect(dag.notes.join('\\n')).toMatch(/a loop over TABLES makes tasks/);
    expect(dag.draft).toBeUndefined();
    const { dags, unread } = assess(
      await (async () => {
        writeFileSync(
          join(folder, 'dag.py'),
          `${HEAD}\ndef make(name):\n    with DAG(name):\n        Bash(task_id='a', bash_command='true')\n`,
        );
        return readDags(folder);
      })(),
    );
    expect(dags).toEqual([]);
    expect(unread[0]?.why).toContain(`function 'make' makes DAGs`);
  });
});

describe('TaskFlow', () => {
  it('is read with the order that its calls say, lists and branches', async () => {
    const dag = await one(`
@dag(schedule='@hourly')
def flow():
    @task
    def get(): ...
    @task(task_id='work_on')
    def work(x): ...
    @task.branch
    def choose(x): ...
    done = work.partial(y=1).expand(x=get())
    choose(done)
flow()
`);
    expect(dag.dag).toBe('flow');
    expect(dag.tasks.map(({ id, operator }) => [id, operator]).sort()).toEqual([
      ['choose', '@task.branch'],
      ['get', '@task'],
      ['work_on', '@task'],
    ]);
    expect(dag.tasks.find(({ id }) => id === 'work_on')?.notes.join()).toContain('each');
  });
});

describe('files', () => {
  it('that are no Python, or hold no DAG, take no other with them', async () => {
    writeFileSync(join(folder, 'broken.py'), 'def (:\n');
    writeFileSync(join(folder, 'helper.py'), 'x = 1\n');
    mkdirSync(join(folder, 'sub'));
    writeFileSync(
      join(folder, 'sub', 'good.py'),
      `${HEAD}\nd = DAG('good', schedule='@daily')\nBash(task_id='a', bash_command='true', dag=d)\n`,
    );
    const assessment = assess(await readDags(folder));
    expect(assessment.dags.map(({ dag, verdict }) => [dag, verdict])).toEqual([['good', 'maps']]);
    expect(assessment.unread).toMatchObject([{ why: expect.stringContaining('line 1') as string }]);
    expect(assessmentText(assessment)).toContain('1 DAGs: 1 map whole');
  });

  it('are missed where there are none', async () => {
    await expect(readDags(join(folder, 'nowhere'))).rejects.toThrow(/there is no .*nowhere/);
    await expect(readDags(folder)).rejects.toThrow(/has no Python files/);
  });
});
