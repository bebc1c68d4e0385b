import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeFolder, ROOT } from '../../cli/embedded/home.ts';
import { runningState } from '../../cli/embedded/state.ts';
import { expectRefusal, sluice } from '../bad-input/cli.ts';
import { eventually } from '../faults/wait.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-project-'));
chmodSync(folder, 0o755); // started by root, PostgreSQL runs as a user of its own
const project = join(folder, 'my-shop');
const HOME = { SLUICE_HOME: join(folder, 'home') };
const DAY = '2026-01-01';

/** As its author does. */
const npm = (...args: string[]) => execFileSync('npm', args, { cwd: project, stdio: 'pipe' });
/** The packed engine under the number of another version, where npm would put it. */
function upgrade(version: string): void {
  const engine = join(project, 'node_modules', 'sluice');
  rmSync(engine, { recursive: true });
  mkdirSync(engine);
  execFileSync('tar', ['-xzf', join(folder, 'sluice-0.1.0.tgz'), '-C', engine, '--strip-components=1']);
  const file = join(engine, 'package.json');
  writeFileSync(file, readFileSync(file, 'utf8').replace('"version": "0.1.0"', `"version": "${version}"`));
}
const ours = (...args: string[]) => sluice(args, HOME, project);
const edit = (file: string, from: string, to: string) => {
  const path = join(project, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
};
const steps = async (id: string) => {
  const { out } = await ours('runs', '--run', id, '--json');
  const { steps: rows } = JSON.parse(out) as {
    steps: { step: string; table: string | null; outcome: string }[];
  };
  return Object.fromEntries(rows.map(({ step, table, outcome }) => [table ?? step, outcome]));
};

beforeAll(() => {
  execFileSync('npm', ['pack', '--pack-destination', folder, '--loglevel=error'], {
    cwd: ROOT,
    stdio: 'pipe',
  });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })); // the stack's keeper may look at it once more

describe('a project of its own', { timeout: 900_000 }, () => {
  it('is made by init, in a folder that is empty, and says what to do next', async () => {
    const tarball = join(folder, 'sluice-0.1.0.tgz');
    const { code, out } = await sluice(['init', project, '--engine', tarball]);
    expect(code).toBe(0);
    expect(out).toMatch(/is a project now\. Next:\n {2}cd .*my-shop\n {2}npm install\n {2}npm run setup\n/);
    expect(JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'))).toMatchObject({
      name: 'my-shop',
      dependencies: { sluice: 'file:../sluice-0.1.0.tgz' },
    });
    expectRefusal(await sluice(['init', project, '--engine', tarball]), 2, [/my-shop is not empty/]);
    expectRefusal(await sluice(['init', join(folder, 'other'), '--engine', './gone.tgz']), 2, [
      /there is no .*gone\.tgz/,
    ]);
  });

  it('holds, compiles, and brings a day through everything', async () => {
    npm('install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error');
    symlinkSync(join(ROOT, '.tools'), join(project, '.tools'));
    expect((await ours('validate')).out).toBe('shop: 1 table, 1 task, valid\nshop-sales: 3 panels, valid\n');
    expect(() => npm('run', 'check:types')).not.toThrow();
    const run = await ours('run', 'shop', '--interval', DAY, '--json');
    expect(run).toMatchObject({ code: 0 });
    const days = await ours('sql', '--json', 'select orders, revenue from shop.shop_days');
    expect(JSON.parse(days.out)).toMatchObject([{ orders: '20' }]);
    expect((await ours('dashboards', 'list')).out).toMatch(/shop-sales .*2026-01-02/);
  });

  it('gives models what a run was given', async () => {
    edit(
      'pipelines/shop.ts',
      `  tasks: {\n`,
      `  params: { region: { type: 'string', default: 'eu' } },\n  tasks: {\n`,
    );
    edit(
      'dbt/models/shop/marts/shop_days.sql',
      'select\n',
      `select\n    '{{ variable('region') }}' as region,\n`,
    );
    expect(await ours('run', 'shop', '--interval', DAY, '--param', 'region=us')).toMatchObject({ code: 0 });
    const { out } = await ours('sql', '--json', 'select distinct region from shop.shop_days');
    expect(JSON.parse(out)).toEqual([{ region: 'us' }]);
  });

  it('takes a pipeline of tasks alone, which needs no source and is done by its runs', async () => {
    expect((await ours('new', 'pipeline', 'nightly', '--tasks')).out).toContain(
      `Next: write tasks/nightly.ts, then 'sluice validate' and 'sluice run nightly'.`,
    );
    edit('pipelines/nightly.ts', `start: '${new Date().toISOString().slice(0, 10)}'`, `start: '2026-01-01'`);
    expect((await ours('validate')).out).toContain('nightly: 1 task, valid\n');
    expect((await ours('run', 'nightly', '--interval', DAY)).out).toMatch(/^nightly .*: done, /m);
    expect((await ours('status', 'nightly')).out).toMatch(/not run/);
    rmSync(join(project, 'pipelines/nightly.ts'));
  });

  it('takes a task, a list, an alarm and a failing step that its author adds', async () => {
    expect((await ours('new', 'task', 'sizes')).out).toContain(`{ run: 'sizes', after: ['load'] }`);
    edit('tasks/sizes.ts', 'return { done: true };', `return ['small', 'large'];`);
    edit(
      'pipelines/shop.ts',
      `  tasks: {\n`,
      `  attempts: 1,\n  tasks: {
    sizes: { run: 'sizes', after: ['load'] },
    sort: { script: ['sh', '-c', 'cat $SLUICE_INPUT'], each: { from: 'sizes' } },
    broken: { script: ['sh', '-c', 'echo the printer is on fire; exit 3'], after: ['sort'] },
    alarm: { script: ['sh', '-c', 'echo somebody was told'], after: ['broken'], when: 'failed' },
    never: { script: ['true'], after: ['broken'] },
`,
    );
    const failed = await ours('run', 'shop', '--interval', DAY);
    expect(failed.code).toBe(1);
    expect(failed.err).toContain(`shop's task 'broken' failed with exit code 3`);
    const [{ workflowId = '' } = {}] = JSON.parse((await ours('runs', '--json')).out) as {
      workflowId?: string;
    }[];
    expect(await steps(workflowId)).toMatchObject({
      make_orders: 'succeeded',
      sort: 'succeeded',
      broken: 'failed',
      alarm: 'succeeded',
      never: 'skipped',
    });
    expect((await ours('logs', workflowId, 'broken')).out).toMatch(
      /broken, attempt 1: failed.*\n.*Z the printer is on fire/s,
    );
    edit('pipelines/shop.ts', 'exit 3', 'exit 0');
    expect(await ours('rerun', workflowId)).toMatchObject({ code: 0 });
    expect(await steps(workflowId)).toMatchObject({ broken: 'succeeded', never: 'succeeded' });
    const { out } = await ours('actions', 'shop', '--json');
    expect((JSON.parse(out) as { action: string; subject: string }[]).map(({ action }) => action)).toEqual([
      'rerun',
      'run',
      'run',
      'run',
    ]);
  });

  it('waits for a person, and goes on with what they say', async () => {
    edit(
      'pipelines/shop.ts',
      `    never: {`,
      `    release: { approve: 'Release the numbers', after: ['sort'], timeout: '1 hour' },
    never: {`,
    );
    const running = ours('run', 'shop', '--interval', '2026-01-03');
    const id = 'shop-2026-01-04T02:00:00Z';
    // Whoever starts the stack ends with the last that uses it: the run is to be that, not the first question.
    await eventually('the stack of the run', () => runningState(homeFolder(HOME, 'embedded')), 600_000);
    await eventually(
      'somebody to be asked',
      async () => (await ours('approve', id, 'release', '--reason', 'they are right')).code === 0,
      600_000,
    );
    expect(await running).toMatchObject({ code: 0 });
    expect((await ours('runs', '--run', id)).out).toMatch(/release.*they are right/);
    edit(
      'pipelines/shop.ts',
      "    release: { approve: 'Release the numbers', after: ['sort'], timeout: '1 hour' },\n",
      '',
    );
  });

  it('goes on where it was with another version of the engine', async () => {
    upgrade('0.1.1');
    expect((await ours('runs', '--json', '-n', '1')).out).toContain('"succeeded"');
    expect(await ours('run', 'shop', '--interval', '2026-01-02')).toMatchObject({ code: 0 });
    const { out } = await ours(
      'sql',
      '--json',
      'select count(*) as days, sum(orders) as orders from shop.shop_days',
    );
    expect(JSON.parse(out)).toEqual([{ days: '3', orders: '60' }]);
  });

  it('names what is wrong with it at validate', async () => {
    cpSync(join(project, 'pipelines'), join(folder, 'kept'), { recursive: true });
    writeFileSync(join(project, 'pipelines', 'broken.ts'), 'export const = 1;\n');
    expectRefusal(await ours('validate'), 2, [
      /Pipeline 'broken' \(pipelines\/broken\.ts\).+\n.+line 1, column 14/,
    ]);
    rmSync(join(project, 'pipelines'), { recursive: true });
    mkdirSync(join(project, 'pipelines'));
    expectRefusal(await ours('validate'), 2, ['there is no pipeline: add a file']);
    cpSync(join(folder, 'kept'), join(project, 'pipelines'), { recursive: true });
    rmSync(join(project, 'dbt'), { recursive: true });
    expectRefusal(await ours('validate'), 2, [/there is no dbt project in .*my-shop\/dbt/]);
  });

  it('is missed where there is none', async () => {
    const lost = join(folder, 'lost');
    mkdirSync(join(lost, 'node_modules'), { recursive: true });
    symlinkSync(join(project, 'node_modules', 'sluice'), join(lost, 'node_modules', 'sluice'));
    rmSync(join(project, 'pipelines'), { recursive: true });
    expectRefusal(await sluice(['validate'], HOME, lost), 2, [
      /There is no project in .*lost or above it\. 'sluice init/,
    ]);
    expectRefusal(await sluice(['validate'], { ...HOME, SLUICE_PROJECT: '/nowhere' }, lost), 2, [
      'SLUICE_PROJECT is /nowhere, which has no folder pipelines/',
    ]);
  });
});
