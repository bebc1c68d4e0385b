import { once } from 'node:events';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { embeddedEnvironment } from './environment.ts';
import { ROOT } from './home.ts';
import { endLeftovers } from './leftovers.ts';
import { ended, ownProcessId, processId } from './processes.ts';
import { openStack, type Stack } from './stack.ts';
import { databasePassword, readState, writeState, type StackState } from './state.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-stack-'));
const opened: Stack[] = [];
const nothing = () => undefined;
let home: string;
beforeEach(() => {
  home = aHome();
});
afterEach(async () => {
  for (const stack of opened.splice(0)) await stack.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }));

/** What a stack has written down whose number is another process now. */
function ofTheDead(children: StackState['children']): StackState {
  const ports = { postgresPort: 1, temporalPort: 1, uiPort: 1, metricsPort: 1, healthPort: 1 };
  return {
    ...ownProcessId(),
    began: 'long ago',
    parts: 'all',
    ending: false,
    ...ports,
    children,
    variables: {},
  };
}

describe('a stack of the databases alone', { timeout: 300_000 }, () => {
  it('takes the place of one that is dead, though its number is another process now', async () => {
    writeState(home, ofTheDead({ worker: { pid: process.pid, began: 'long ago' } }));
    const { attached } = await open();
    expect(attached).toBe(false);
    expect(await answer()).toBe(1);
  });

  it('is not used for the runs of another project, which its worker does not know', async () => {
    const { state } = await open();
    writeState(home, { ...state, parts: 'all', project: '/srv/other' });
    await expect(openStack('embedded', nothing)).rejects.toThrow(
      /is that of the project in \/srv\/other, and does not run the pipelines of .*Set SLUICE_HOME .*'sluice stop'/s,
    );
    writeState(home, state);
  });

  it('ends everything that a dead one wrote down, whatever its name', async () => {
    const names = ['pages', 'worker', 'mysql', 'anything'];
    const left = names.map((name) => ({ name, child: spawn('sleep', ['1000'], { stdio: 'ignore' }) }));
    const children = left.flatMap(({ name, child }) => {
      const id = processId(child.pid ?? 0);
      return id ? [[name, id] as const] : [];
    });
    const ends = left.map(({ child }) => once(child, 'exit'));
    writeState(home, ofTheDead(Object.fromEntries(children)));
    await endLeftovers(home);
    expect(await Promise.all(ends)).toEqual(names.map(() => [null, 'SIGTERM']));
  });

  const drafts = () => readdirSync(home).filter((name) => name.startsWith('postgres.new'));

  it('makes its data folder anew where making it was interrupted, and leaves nothing of that, nor the password', async () => {
    const passwords = () => readdirSync(tmpdir()).filter((name) => name.startsWith('pg-password'));
    const before = passwords();
    const half = join(home, 'postgres.new-half', 'data');
    mkdirSync(half, { recursive: true });
    writeFileSync(join(half, 'PG_VERSION'), '18\n');
    writeFileSync(join(home, 'postgres.new-half', 'password'), 'secret');
    mkdirSync(join(home, 'postgres', 'global'), { recursive: true });
    writeFileSync(join(home, 'postgres', 'PG_VERSION'), '18\n');
    await open();
    expect(await answer()).toBe(1);
    expect(drafts()).toEqual([]);
    expect(passwords()).toEqual(before);
  });

  it('that is killed while its data folder is made leaves a home that the next one starts on', async () => {
    const child = spawn(process.execPath, [join(ROOT, 'bin', 'sluice'), 'runs'], {
      env: { ...process.env, SLUICE_HOME: home },
      stdio: 'ignore',
    });
    await expect.poll(drafts, WAIT).toHaveLength(1);
    child.kill('SIGKILL');
    await open();
    expect(await answer()).toBe(1);
    expect(drafts()).toEqual([]);
  });

  it('touches nothing of a folder that is not its own', async () => {
    const file = join(home, 'postgres', 'photo.jpg');
    mkdirSync(join(home, 'postgres'));
    writeFileSync(file, 'mine');
    await expect(open()).rejects.toThrow(/postgres holds something that is no data folder .* Move it away/);
    expect(existsSync(file)).toBe(true);
  });

  it('does not make a data folder anew where a server has run', async () => {
    await (await open()).stop();
    rmSync(join(home, 'postgres', 'global', 'pg_control'));
    await expect(open()).rejects.toThrow(/postgres is damaged: .* Restore it from a backup/);
    expect(existsSync(join(home, 'postgres', 'base'))).toBe(true);
  });

  it('has ports of its own, when others start in the same moment', async () => {
    const homes = [home, aHome(), aHome()];
    const stacks = await Promise.all(homes.map((each) => open(each)));
    const ports = stacks.flatMap(({ state }) => [
      state.postgresPort,
      state.temporalPort,
      state.uiPort,
      state.metricsPort,
      state.healthPort,
    ]);
    expect(new Set(ports).size).toBe(15);
    for (const each of homes) expect(await answer(each)).toBe(1);
  });

  it('ends while somebody is connected to it', async () => {
    const stack = await open();
    const session = await connected();
    const { postgres } = stack.state.children;
    await stack.stop();
    expect(postgres && (await ended(postgres, 0))).toBe(true);
    expect(readFileSync(join(home, 'logs', 'postgres.log'), 'utf8')).toMatch(
      /database system is shut down\s*$/,
    );
    await session.end().catch(nothing);
  });
});

describe('a worker', { timeout: 120_000 }, () => {
  it('that cannot have its port ends', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const healthPort = typeof address === 'object' && address ? address.port : 0;
    const ports = { postgresPort: 1, temporalPort: 1, uiPort: 1, metricsPort: 0, healthPort };
    const worker = spawn(process.execPath, [join(ROOT, 'bin', 'worker')], {
      env: {
        ...process.env,
        ...embeddedEnvironment(home, { ...ports, variables: { SLUICE_METRICS: '' } }),
        SLUICE_PROFILE: 'embedded',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said: string[] = [];
    worker.stdout.on('data', (chunk: Buffer) => said.push(String(chunk)));
    const code = await new Promise((resolve) => worker.once('close', resolve));
    server.close();
    expect(`${String(code)} ${said.join('')}`).toMatch(/^1 .*EADDRINUSE/s);
    expect(processId(worker.pid ?? 0)).toBeUndefined();
  });
});

const WAIT = { timeout: 120_000, interval: 5 };

function aHome(): string {
  const made = mkdtempSync(join(folder, 'home-'));
  for (const path of [folder, made]) chmodSync(path, 0o755); // started by root, PostgreSQL runs as a user of its own
  return made;
}

async function open(at = home): Promise<Stack> {
  process.env['SLUICE_HOME'] = at;
  const stack = await openStack('embedded', nothing, 'ledger');
  opened.push(stack);
  return stack;
}

async function connected(at = home): Promise<pg.Client> {
  const port = readState(at)?.postgresPort ?? 0;
  const password = databasePassword(at);
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'sluice', password, database: 'olist' });
  client.on('error', nothing);
  await client.connect();
  return client;
}

async function answer(at = home): Promise<unknown> {
  const client = await connected(at);
  const { rows } = await client.query<{ one: number }>('SELECT 1 AS one');
  await client.end();
  return rows[0]?.one;
}
