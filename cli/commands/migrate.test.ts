import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HEAD } from '../airflow/dags-fixture.ts';
import { ROOT } from '../embedded/home.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-migrate-'));
const project = join(folder, 'project');
const dags = join(folder, 'dags');
beforeAll(() => {
  for (const each of ['pipelines', 'tasks', 'node_modules'])
    mkdirSync(join(project, each), { recursive: true });
  cpSync(join(ROOT, 'template', 'profiles'), join(project, 'profiles'), { recursive: true });
  symlinkSync(ROOT, join(project, 'node_modules', 'sluice'));
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'mine', type: 'module', dependencies: { sluice: '1' } }),
  );
  mkdirSync(dags);
  writeFileSync(
    join(dags, 'good.py'),
    `${HEAD}
with DAG('class', schedule='@daily', start_date=pendulum.datetime(2024, 1, 1, tz='Europe/Berlin'), description="It's */ \\\\ \\"all\\""):
    FileSensor(task_id='wait', filepath='/data/in.csv', timeout=90) >> BashOperator(
        task_id='load-all', bash_command='''echo "it's" \\\\
        done''', env={'A': 'b c'}, cwd='/tmp', execution_timeout=timedelta(minutes=5))
with DAG('after', schedule='@daily', start_date=pendulum.datetime(2024, 1, 1, tz='Europe/Berlin'), catchup=False):
    ExternalTaskSensor(task_id='wait', external_dag_id='class')
`,
  );
  writeFileSync(join(dags, 'bad.py'), `${HEAD}\nwith DAG('bad', schedule=None):\n    copy('orders')\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sluice = (...words: readonly string[]) =>
  execFileSync(process.execPath, [join(ROOT, 'bin', 'sluice'), ...words], {
    encoding: 'utf8',
    cwd: project,
    env: { ...process.env, SLUICE_HOME: join(folder, 'home'), SLUICE_PROJECT: project },
  });

it('says what would become of DAGs, and names what it did not understand', () => {
  const text = sluice('migrate', 'airflow', dags);
  expect(text).toContain('✓ class');
  expect(text).toContain('✓ load-all (BashOperator, line 21)');
  expect(text).toContain('pipelines/class.ts:');
  expect(text).toContain('! catchup');
  expect(text).toContain(`bad.py, line 21: not understood: 'copy('orders')'`);
  expect(text).toContain('3 DAGs: 2 map whole, 1 need code');
});

it('drafts whole files, which a project takes and `sluice validate` accepts', () => {
  const { dags: found } = JSON.parse(sluice('migrate', 'airflow', dags, '--json')) as {
    dags: { draft?: { name: string; text: string } }[];
  };
  const drafts = found.flatMap(({ draft }) => draft ?? []);
  for (const { name, text } of drafts) writeFileSync(join(project, 'pipelines', `${name}.ts`), text);
  const said = sluice('validate');
  expect(said).toContain('class: 2 tasks, valid');
  expect(said).toContain('after: 1 task, valid');
});

it('refuses a folder that is not there, with what to do', () => {
  expect(() => sluice('migrate', 'airflow', join(folder, 'nowhere'))).toThrow(/there is no .*nowhere/);
});
