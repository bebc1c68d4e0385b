import { HEAD } from './dags-fixture.ts';

/** DAG files as people write them: each another way of making tasks. */
export const IDIOMS: Readonly<Record<string, string>> = {
  'classic.py': `${HEAD}
default_args = {'owner': 'data', 'depends_on_past': False, 'retries': 1, 'retry_delay': timedelta(minutes=5)}
dag = DAG('classic', default_args=default_args, schedule_interval='@daily', start_date=START)
t1 = BashOperator(task_id='print_date', bash_command='date', dag=dag)
t2 = BashOperator(task_id='sleep', depends_on_past=False, bash_command='sleep 5', retries=3, dag=dag)
templated = """
{% for i in range(5) %}
    echo "{{ ds }}"
{% endfor %}
"""
t3 = BashOperator(task_id='templated', bash_command=templated, params={'p': 'x'}, dag=dag)
t1 >> [t2, t3]
`,
  'loop-over-tables.py': `${HEAD}
TABLES = ['orders', 'customers']
with DAG('copies', schedule='0 3 * * *', start_date=START) as dag:
    start = EmptyOperator(task_id='start')
    for table in TABLES:
        copy = BashOperator(task_id=f'copy_{table}', bash_command=f'copy {table}')
        check = BashOperator(
            task_id=f'check_{table}',
            bash_command=f'check {table}',
        )
        start >> copy >> check
`,
  'list-comprehension.py': `${HEAD}
with DAG('many', schedule='@daily', start_date=START) as dag:
    parts = [BashOperator(task_id=f'part_{n}', bash_command='true') for n in range(4)]
    done = EmptyOperator(task_id='done')
    parts >> done
`,
  'dict-comprehension.py': `${HEAD}
with DAG('named', schedule='@daily', start_date=START) as dag:
    loads = {name: BashOperator(task_id=name, bash_command='true') for name in ('a', 'b')}
    loads['a'] >> loads['b']
`,
  'dict-of-tasks.py': `${HEAD}
with DAG('kept', schedule='@daily', start_date=START) as dag:
    steps = {
        'get': BashOperator(task_id='get', bash_command='true'),
        'put': BashOperator(task_id='put', bash_command='true'),
    }
    steps['get'] >> steps['put']
`,
  'helper-that-makes.py': `${HEAD}
def copy(name):
    return BashOperator(task_id=name, bash_command='copy ' + name)

with DAG('helped', schedule='@daily', start_date=START) as dag:
    copy('orders') >> copy('customers')
`,
  'helper-that-wires.py': `${HEAD}
def wire(first, second):
    first.set_downstream(second)
    return second

with DAG('wired', schedule='@daily', start_date=START) as dag:
    a = BashOperator(task_id='a', bash_command='true')
    b = BashOperator(task_id='b', bash_command='true')
    wire(a, b)
`,
  'factory-of-dags.py': `${HEAD}
def create_dag(dag_id, schedule):
    with DAG(dag_id, schedule=schedule, start_date=START) as dag:
        PythonOperator(task_id='hello', python_callable=lambda: print('hello'))
    return dag

for n in range(3):
    name = f'hello_{n}'
    globals()[name] = create_dag(name, '@daily')
`,
  'from-yaml.py': `${HEAD}
import os
import yaml
with open(os.path.join(os.path.dirname(__file__), 'jobs.yml')) as file:
    JOBS = yaml.safe_load(file)
with DAG('configured', schedule='@daily', start_date=START) as dag:
    for job in JOBS['jobs']:
        PythonOperator(task_id=job['name'], python_callable=print, op_kwargs=job)
`,
  'by-environment.py': `${HEAD}
import os
ENV = os.getenv('ENV', 'dev')
with DAG('where', schedule='@daily' if ENV == 'prod' else None, start_date=START) as dag:
    work = BashOperator(task_id='work', bash_command='true')
    if ENV == 'prod':
        alert = BashOperator(task_id='alert', bash_command='page')
        work >> alert
    else:
        note = BashOperator(task_id='note', bash_command='log')
        work >> note
`,
  'while-and-counter.py': `${HEAD}
with DAG('counted', schedule='@daily', start_date=START) as dag:
    n = 0
    last = EmptyOperator(task_id='first')
    while n < 3:
        step = BashOperator(task_id='step_%d' % n, bash_command='true')
        last >> step
        last = step
        n += 1
`,
  'tried-import.py': `${HEAD}
try:
    from airflow.providers.slack.operators.slack_webhook import SlackWebhookOperator
except ImportError:
    SlackWebhookOperator = None
with DAG('tried', schedule='@daily', start_date=START) as dag:
    try:
        tell = SlackWebhookOperator(task_id='tell', message='done')
    except TypeError:
        tell = EmptyOperator(task_id='tell')
`,
  'taskflow.py': `${HEAD}
@dag(schedule='@daily', start_date=START, catchup=False, tags=['example'])
def flow():
    @task
    def extract():
        return {'a': 1}

    @task(multiple_outputs=True)
    def transform(data: dict):
        return {'total': sum(data.values())}

    @task.virtualenv(requirements=['pandas'])
    def load(total):
        print(total)

    summary = transform(extract())
    load(summary['total'])

flow()
`,
  'taskflow-branch.py': `${HEAD}
@dag('branches', schedule='@hourly', start_date=START)
def branches():
    @task.branch
    def choose():
        return 'left'
    @task.short_circuit
    def go_on():
        return True
    left = EmptyOperator(task_id='left')
    right = EmptyOperator(task_id='right')
    join = EmptyOperator(task_id='join', trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    go_on() >> choose() >> [left, right] >> join

dag_object = branches()
`,
  'mapped.py': `${HEAD}
with DAG('mapped', schedule=None, start_date=START) as dag:
    @task
    def files():
        return ['a', 'b']

    @task(max_active_tis_per_dag=4)
    def work(file, mode):
        print(file, mode)

    done = work.partial(mode='x').expand(file=files())
    each = BashOperator.partial(task_id='each', retries=0).expand(bash_command=['true', 'false'])
    pairs = PythonOperator.partial(task_id='pairs', python_callable=print).expand_kwargs([{'op_args': [1]}])
    done >> each
    again = work.override(task_id='again')('c', mode='y')
`,
  'task-group-decorator.py': `${HEAD}
@dag(schedule='@daily', start_date=START)
def grouped():
    @task_group(group_id='stage')
    def stage(name):
        first = BashOperator(task_id='first', bash_command='true')
        second = BashOperator(task_id='second', bash_command='true')
        first >> second
    stage('a')

grouped()
`,
  'nested-groups.py': `${HEAD}
with DAG('nested', schedule='@weekly', start_date=START) as dag:
    start = EmptyOperator(task_id='start')
    with TaskGroup('outer', tooltip='All of it') as outer:
        with TaskGroup('inner', prefix_group_id=False) as inner:
            a = BashOperator(task_id='a', bash_command='true')
        b = BashOperator(task_id='b', bash_command='true')
        inner >> Label('then') >> b
    start >> outer
`,
  'group-without-with.py': `${HEAD}
dag = DAG('placed', schedule_interval=None, start_date=START)
group = TaskGroup('group', dag=dag)
x = BashOperator(task_id='x', bash_command='true', dag=dag, task_group=group)
y = BashOperator(task_id='y', bash_command='true', dag=dag)
y >> group
`,
  'orders.py': `${HEAD}
with DAG('orders', schedule='@daily', start_date=START) as dag:
    a, b, c, d = [EmptyOperator(task_id=name) for name in 'abcd']
    e = EmptyOperator(task_id='e')
    f = EmptyOperator(task_id='f')
    cross_downstream([a, b], [c, d])
    chain(e, [a, b], f)
    f.set_upstream(e)
`,
  'subclassed.py': `${HEAD}
class LoudOperator(BashOperator):
    def __init__(self, word, **rest):
        super().__init__(bash_command=f'echo {word}', **rest)

from ours.operators import BashOperator as OurOperator, SnowflakeQuery
with DAG('classes', schedule='@daily', start_date=START) as dag:
    LoudOperator(task_id='loud', word='hi') >> OurOperator(task_id='ours', bash_command='true')
    SnowflakeQuery(task_id='query', sql='select 1')
`,
  'spread-arguments.py': `${HEAD}
common = {'retries': 0, 'bash_command': 'true'}
common['pool'] = 'heavy'
known = dict(retries=0)
with DAG('spread', schedule='@daily', start_date=START, default_args=make_defaults()) as dag:
    BashOperator(task_id='one', **common)
    BashOperator(task_id='two', bash_command='true', **known)
    BashOperator(task_id='three', bash_command='true', **{**known, 'owner': Variable.get('owner')})
`,
  'class-as-value.py': `${HEAD}
from functools import partial
Shell = partial(BashOperator, bash_command='true')
KIND = {'sh': BashOperator, 'none': EmptyOperator}
with DAG('values', schedule='@daily', start_date=START) as dag:
    Shell(task_id='shell')
    KIND['sh'](task_id='kind', bash_command='true')
    list(map(lambda n: EmptyOperator(task_id=n), ['x', 'y']))
`,
  'changed-later.py': `${HEAD}
with DAG('changed', schedule='@daily', start_date=START) as dag:
    a = BashOperator(task_id='a', bash_command='true')
    a.trigger_rule = 'all_done'
    a.doc_md = 'Words.'
    b = BashOperator(task_id='b', bash_command='true')
    setattr(b, 'retries', 5)
dag.add_task(EmptyOperator(task_id='late'))
`,
  'imported-in-a-function.py': `${HEAD}
import importlib
def build(dag):
    from airflow.providers.http.operators.http import HttpOperator
    HttpOperator(task_id='call', endpoint='/', dag=dag)

with DAG('late_imports', schedule='@daily', start_date=START) as dag:
    build(dag)
    plugin = importlib.import_module('plugins.tasks')
    plugin.add(dag)
`,
  'sensors.py': `${HEAD}
with DAG('sensors', schedule='*/30 * * * *', start_date=START, max_active_runs=1) as dag:
    FileSensor(task_id='file', filepath='/data/in.csv', mode='reschedule', poke_interval=30) >> SqlSensor(
        task_id='rows', conn_id='db', sql='select count(*) from orders')
    S3KeySensor(task_id='key', bucket_name='in', bucket_key='day={{ ds }}/_SUCCESS')
    ExternalTaskSensor(task_id='other', external_dag_id='orders', external_task_id='load', execution_delta=timedelta(hours=1))
`,
  'walrus-and-lambda.py': `${HEAD}
with DAG('dense', schedule='@daily', start_date=START) as dag:
    (first := EmptyOperator(task_id='first')) >> EmptyOperator(task_id='second')
    third = EmptyOperator(task_id='third') if START else None
    make = lambda name: EmptyOperator(task_id=name)
    fourth = make('fourth')
    assert EmptyOperator(task_id='fifth')
`,
  'with-contexts.py': `${HEAD}
import contextlib
with contextlib.suppress(Exception):
    with DAG('suppressed', schedule='@daily', start_date=START) as dag:
        BashOperator(task_id='a', bash_command='true')
with DAG('opened', schedule='@daily', start_date=START) as other, TaskGroup('group') as group:
    BashOperator(task_id='b', bash_command='true')
with other:
    BashOperator(task_id='c', bash_command='true')
`,
  'matched.py': `${HEAD}
import sys
with DAG('matched', schedule='@daily', start_date=START) as dag:
    match sys.platform:
        case 'linux':
            BashOperator(task_id='linux', bash_command='true')
        case _:
            EmptyOperator(task_id='other')
`,
};
