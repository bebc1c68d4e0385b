import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync, renameSync, symlinkSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../cli/embedded/home.ts';
import { databasePassword, readState } from '../../cli/embedded/state.ts';
import { sluice } from '../bad-input/cli.ts';
import { copySources } from '../checkout.ts';
import { eventually } from '../faults/wait.ts';

const checkout = mkdtempSync(join(tmpdir(), 'sluice-dev-'));
const home = join(checkout, '.sluice');
const environment = { SLUICE_HOME: home };
let dev: Followed;

/** A command that goes on while the test does, with what it has said so far. */
interface Followed {
  readonly child: ChildProcess;
  said(): string;
  ends(): Promise<number | null>;
}

function follow(...args: string[]): Followed {
  const child = spawn(process.execPath, [join(checkout, 'bin', 'sluice'), ...args], {
    cwd: checkout,
    env: { ...process.env, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += String(chunk)));
  const closed = once(child, 'close') as Promise<[number | null]>;
  return { child, said: () => said, ends: async () => (await closed)[0] };
}

const word = (of: Followed, text: string) =>
  eventually(`'${text}'`, () => Promise.resolve(of.said().includes(text)), 120_000);

/** As editors save: a new file in the place of the old one. */
function save(name: string, text: string): void {
  const file = join(checkout, 'pipelines', name);
  writeFileSync(`${file}~`, text);
  renameSync(`${file}~`, file);
}

const pipeline = (name: string, table: string, more = '') => `
import { definePipeline } from '../core/pipeline.ts';
export const ${name} = definePipeline({
  name: '${name}', description: 'd', schedule: { cron: '0 0 * * *', timezone: 'UTC' }, start: '2026-01-01', source: 'olist', attempts: 1,
  retryFor: '5 seconds', tables: { ${table}: { domain: '${name}', from: 'public.${table}', extract: { mode: 'snapshot' } } }, ${more}
});`;

const STEPS = `
import { definePipeline } from '../core/pipeline.ts';
const bash = (text) => ({ script: ['bash', '-c', text] });
export const steps = definePipeline({
  name: 'steps', description: 'd', schedule: { cron: '0 0 * * *', timezone: 'UTC' }, start: '2026-02-01', attempts: 1,
  tasks: {
    hold: bash('echo held; until [ -e go ]; do echo tick; sleep 0.5; done; echo let go; [ -e good ]'),
    aside: bash('until [ -e go ]; do sleep 0.5; done'),
  },
});`;

beforeAll(async () => {
  chmodSync(checkout, 0o755); // started by root, PostgreSQL runs as a user of its own
  copySources(checkout);
  symlinkSync(join(ROOT, '.tools'), join(checkout, '.tools'));
  save('shop.ts', pipeline('shop', 'nothing'));
  dev = follow('dev');
  await word(dev, 'Ctrl-C stops it all.');
}, 300_000);
afterAll(async () => {
  dev.child.kill('SIGTERM');
  await dev.ends();
  rmSync(checkout, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
}, 120_000);

describe('sluice dev', { timeout: 900_000 }, () => {
  it('takes up what was saved while another file does not hold, and says what is left out', async () => {
    save('broken.ts', 'export const = 1;\n');
    await word(dev, `Pipeline 'broken' (pipelines/broken.ts)`);
    save('later.ts', pipeline('later', 'never'));
    await word(dev, 'later');
    const ran = await eventually(
      'the worker with the new pipeline',
      async () => {
        const said = await sluice(['run', 'later', '-i', '2026-01-01', '--detach'], environment, checkout);
        return /public\.never/.test(said.err) || said.code === 0 ? said : undefined;
      },
      120_000,
    );
    expect(ran.err).not.toContain('another definition');
    const all = await sluice(['status'], environment, checkout);
    expect(all.out).toMatch(/\nlater [^]*left out: Pipeline 'broken'/);
    rmSync(join(checkout, 'pipelines', 'broken.ts'));
  });

  it('says of a run that somebody gives up following that it goes on', async () => {
    const before = await connect();
    await before.query('CREATE TABLE public.nothing AS SELECT 1 AS id');
    await before.end();
    const blocked = await connect();
    await blocked.query('BEGIN; LOCK public.nothing');
    const run = follow('run', 'shop', '-i', '2026-01-01');
    await word(run, 'run shop-');
    run.child.kill('SIGINT');
    expect(await run.ends()).toBe(130);
    expect(run.said()).toMatch(
      /shop-\S+ goes on without this command while its stack runs; 'sluice cancel shop-\S+' ends it/,
    );
    await blocked.query('ROLLBACK');
    await blocked.end();
    await eventually('the run to end', async () => {
      const { out } = await sluice(['runs', 'shop', '--json'], environment, checkout);
      return out.includes('"succeeded"');
    });
  });

  it("does what an operator's commands say", async () => {
    save('steps.ts', STEPS);
    await word(dev, 'steps');
    const run = 'steps-2026-02-02T00:00:00Z';
    const told = async (...args: string[]) => {
      const { code, out, err } = await sluice(args, environment, checkout);
      return `${code} ${out}${err}`;
    };
    const until = (what: RegExp, ...args: string[]) =>
      eventually(`${what}`, async () => what.test(await told(...args)), 120_000);
    const file = (name: string) => join(checkout, 'tasks', name);

    await until(/^0 /, 'run', 'steps', '-i', '2026-02-01', '--detach');
    await until(/held/, 'logs', run, 'hold');
    const followed = follow('logs', run, 'hold', '--follow');
    expect(await told('skip', run, 'aside', '--reason', 'not today')).toMatch(
      /^0 .*leaves it out \(not today\)/,
    );
    await until(/aside.*not today/, 'runs', '--run', run);
    writeFileSync(file('go'), '');
    expect(await followed.ends()).toBe(0);
    expect(followed.said()).toMatch(/hold {2}\S+Z held\n(hold {2}\S+Z tick\n)+hold {2}\S+Z let go\n/);
    expect(await told('logs', run, '--attempt', '7')).toMatch(/^1 .*has no attempt 7/);

    expect(await told('run', 'steps', '-i', '2026-02-02')).toMatch(/^1 /);
    const failed = ['rerun', '--failed', '--from', '2026-02-01', '--to', '2026-02-03', '--pipeline', 'steps'];
    const again = await told(...failed);
    expect(again).toMatch(
      /^1 .*2 of 2 have failed again:\n {2}- steps 2026-02-01.*\n {2}- steps 2026-02-02/s,
    );
    writeFileSync(file('good'), '');
    expect(await told(...failed)).toMatch(/^0 .*2 of 2 are done/s);

    rmSync(file('go'));
    const range = ['--from', '2026-02-01', '--to', '2026-02-04'];
    const begun = await told('backfill', 'steps', ...range, '--reprocess', 'all', '-c', '1', '--detach');
    const [backfill = ''] = /backfill-steps-[\w:-]+/.exec(begun) ?? [begun];
    expect(await told('backfills', 'steps')).toMatch(/running +0 of 3/);
    expect(await told('concurrency', backfill, '3')).toMatch(/^0 .*3 at a time/);
    await until(/(… +2026-02-0\S+ +… .*\n){3}/, 'status', 'steps');
    rmSync(file('good'));
    writeFileSync(file('go'), '');
    await until(/failed +0 of 3 +3/, 'backfills', 'steps', '--limit', '1');
    expect(await told('backfills', '--backfill', backfill)).toMatch(
      /(2026-02-0\d.* failed .*hold: .*\n?){3}/,
    );

    expect(await told('pause', 'steps')).toMatch(/^0 /);
    expect(await told('status')).toMatch(/\nsteps .*paused: by sluice pause/);
  });

  it('says that it stops; what was running then is told to stand still', async () => {
    const blocked = await connect();
    blocked.on('error', () => undefined);
    await blocked.query('BEGIN; LOCK public.nothing');
    const begun = await sluice(['run', 'shop', '-i', '2026-01-02', '--detach'], environment, checkout);
    expect(`${begun.code} ${begun.err}`).toMatch(/^0 /);
    expect((await sluice(['status', 'shop'], environment, checkout)).err).not.toContain('stands still');
    dev.child.kill('SIGINT');
    expect(await dev.ends()).toBe(130);
    expect(dev.said()).toMatch(/stopping\n$/);
    for (const args of [['status'], ['status', 'shop'], ['runs']]) {
      const said = await sluice(args, environment, checkout);
      expect(`${said.code} ${said.err}`).toMatch(
        /^0 .*stands still: no stack runs here\. 'sluice dev' goes on with it\./s,
      );
    }
  });
});

async function connect(): Promise<pg.Client> {
  const port = readState(home)?.postgresPort ?? 0;
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'sluice',
    password: databasePassword(home),
    database: 'olist',
  });
  await client.connect();
  return client;
}
