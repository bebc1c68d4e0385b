import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { resolvePipeline } from '../../core/resolve.ts';
import { assess } from './assess.ts';
import { HEAD, assessed, oneDag, readTexts } from './dags-fixture.ts';
import { ROOT } from '../embedded/home.ts';
import { readDags } from './read.ts';
import { assessmentText } from './text.ts';

describe('a DAG of which everything maps', () => {
  it('is drafted, with the order of its tasks past those that only keep it', async () => {
    const { dags, unread } = await assessed(`
with DAG('orders', schedule='@daily', start_date=START, catchup=False):
    BashOperator(task_id='load', bash_command='true')
with DAG('nightly', schedule='@daily', start_date=START, catchup=False, description='Every night', default_args={'retries': 0}):
    start = EmptyOperator(task_id='start')
    wait = ExternalTaskSensor(task_id='wait', external_dag_id='orders')
    with TaskGroup('work') as work:
        a = BashOperator(task_id='A-one', bash_command='echo a')
        b = BashOperator(task_id='b', bash_command='echo b')
        a >> b
    join = EmptyOperator(task_id='join', trigger_rule=TriggerRule.ALL_DONE)
    alarm = BashOperator(task_id='alarm', bash_command='echo alarm', trigger_rule='one_failed')
    start >> wait >> work >> [join, alarm]
`);
    expect(unread).toEqual([]);
    const nightly = dags.find(({ dag }) => dag === 'nightly');
    expect(nightly?.verdict).toBe('maps');
    const script = { timeout: '24 days', attempts: 1 };
    expect(nightly?.draft?.definition).toEqual({
      name: 'nightly',
      description: 'Every night',
      schedule: { cron: '0 0 * * *', timezone: 'UTC' },
      start: '2024-01-01',
      tasks: {
        wait: { waitFor: { pipeline: 'orders' }, timeout: '7 days' },
        work_a_one: { script: ['bash', '-c', 'echo a'], ...script, after: ['wait'] },
        work_b: { script: ['bash', '-c', 'echo b'], ...script, after: ['work_a_one'] },
        join: { script: ['true'], attempts: 1, after: ['work_b'], when: 'always' },
        alarm: { script: ['bash', '-c', 'echo alarm'], ...script, after: ['work_b'], when: 'failed' },
      },
    });
    expect(() => resolvePipeline(nightly?.draft?.definition)).not.toThrow();
  });

  it('has no draft where it waits for a pipeline that is none, or that has another schedule', async () => {
    const { dags } = await assessed(`
with DAG('a', schedule='@daily', start_date=START, catchup=False):
    ExternalTaskSensor(task_id='wait', external_dag_id='elsewhere')
with DAG('b', schedule='@hourly', start_date=START, catchup=False):
    BashOperator(task_id='x', bash_command='true')
with DAG('c', schedule='@daily', start_date=START, catchup=False):
    ExternalTaskSensor(task_id='wait', external_dag_id='b')
with DAG('d', schedule='@daily', start_date=START, catchup=False):
    ExternalTaskSensor(task_id='wait', external_dag_id='c')
`);
    expect(dags.map(({ dag, draft }) => [dag, draft !== undefined])).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
      ['d', false],
    ]);
    expect(dags[0]?.reasons.join()).toContain(`there is no pipeline 'elsewhere'`);
    expect(dags[2]?.reasons.join()).toContain('another schedule');
  });

  it('has no draft where two names would be one', async () => {
    const twice = await assessed(`
with DAG('a-b', schedule=None, start_date=START):
    BashOperator(task_id='x.y', bash_command='true')
    BashOperator(task_id='x_y', bash_command='true')
`);
    expect(twice.dags[0]?.draft).toBeUndefined();
    expect(twice.dags[0]?.reasons.join()).toContain(`'x.y' and 'x_y' would both be called 'x_y'`);
    const { dags } = await assessed(
      ['a-b', 'a_b']
        .map(
          (id) => `with DAG('${id}', schedule=None):\n    BashOperator(task_id='x', bash_command='true')\n`,
        )
        .join(''),
    );
    expect(dags.map(({ draft }) => draft)).toEqual([undefined, undefined]);
  });
});

it('is what docs/from-airflow.md shows', async () => {
  const page = readFileSync(join(ROOT, 'docs', 'from-airflow.md'), 'utf8');
  const [, written = ''] = /```python\n(.*?)```/s.exec(page) ?? [];
  const [, shown = ''] = /```ts\n(.*?)```/s.exec(page) ?? [];
  const { draft } = await oneDag(written);
  // As prettier writes both, but for the comment.
  const formatted = (text: string) => format(text, { parser: 'typescript', singleQuote: true });
  const text = draft?.text.replace(/\/\*\*.*?\*\/\n/s, '') ?? '';
  expect(await formatted(text)).toBe(await formatted(shown));
});

describe('a DAG of which not everything was understood', () => {
  it('has no draft, and neither has another of its file', async () => {
    const { dags, unread } = await assessed(`
with DAG('a', schedule=None):
    BashOperator(task_id='x', bash_command='true')
with DAG('b', schedule=None):
    BashOperator(task_id='x', bash_command='true')
    if START:
        BashOperator(task_id='y', bash_command='true')
`);
    expect(dags.map(({ verdict, draft }) => [verdict, draft])).toEqual([
      ['own code', undefined],
      ['own code', undefined],
    ]);
    expect(unread.map(({ line }) => line)).toEqual([24, 25]);
  });
});

describe('the order of tasks', () => {
  const orderOf = async (text: string, names = ['a', 'b', 'c', 'd', 'e', 'f']) => {
    const made = names
      .map((id) => `    ${id} = BashOperator(task_id='${id}', bash_command='true')\n`)
      .join('');
    const { draft, reasons } = await oneDag(`with DAG('d', schedule=None):\n${made}    ${text}\n`);
    const tasks = draft?.definition['tasks'];
    if (tasks === undefined) return reasons;
    return Object.entries(tasks as Record<string, { after?: string[] }>)
      .flatMap(([id, { after = [] }]) => (after.length ? [`${after.join('')}>${id}`] : []))
      .join(' ');
  };

  it.each([
    ['a >> b >> [c, d] >> e', 'a>b b>c b>d cd>e'],
    ['a << [b, c] << d', 'bc>a d>b d>c'],
    ['[a, b] >> c', 'ab>c'],
    ['chain(a, [b, c], [d, e], f)', 'a>b a>c b>d c>e de>f'],
    ['chain_linear(a, [b, c], [d, e], f)', 'a>b a>c bc>d bc>e de>f'],
    ['cross_downstream([a, b], [c, d])', 'ab>c ab>d'],
    ['cross_downstream(from_tasks=[a, b], to_tasks=[c])', 'ab>c'],
    ['a.set_downstream([b, c])', 'a>b a>c'],
    ['a.set_upstream(b)', 'b>a'],
    [`a >> Label('when good') >> [b, c]`, 'a>b a>c'],
    ['rest = [b, c]; a >> rest; rest[0] >> d', 'a>b a>c b>d'],
    ['chain(*[a, b, c])', 'a>b b>c'],
  ])('is as Airflow has it: %s', async (text, order) => {
    expect(await orderOf(text)).toBe(order);
  });

  it.each([
    'chain(a, [b, c], [d, e, f])',
    '[a, b] >> [c, d]',
    'a >> unknown',
    'chain(*ORDER)',
    'cross_downstream(a, unknown)',
    'a.set_downstream(unknown)',
    'wire(a, b)',
    'for one, other in [(a, b)]: one >> other',
    'import functools, operator; functools.reduce(operator.rshift, [a, b])',
  ])('is not drafted where it was not understood: %s', async (text) => {
    expect(await orderOf(text)).toContain('1 places of its file were not understood');
  });
});

describe('files', () => {
  it('that are no Python, or hold no DAG, take no other with them', async () => {
    const assessment = assess(
      await readTexts({
        'broken.py': 'def (:\n',
        'helper.py': 'x = 1\n',
        'sub/good.py': `${HEAD}\nd = DAG('good', schedule='@daily', start_date=START, catchup=False)\nBashOperator(task_id='a', bash_command='true', dag=d)\n`,
      }),
    );
    expect(assessment.dags.map(({ dag, verdict }) => [dag, verdict])).toEqual([['good', 'maps']]);
    expect(assessment.unread).toMatchObject([{ what: expect.stringContaining('line 1') as string }]);
    expect(assessmentText(assessment)).toContain('1 DAG: 1 map whole');
  });

  it('are missed where there are none', async () => {
    await expect(readDags('/nowhere/at/all')).rejects.toThrow(/there is no .*nowhere/);
    await expect(readTexts({ 'notes.txt': '' })).rejects.toThrow(/has no Python files/);
  });
});
