import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../../cli/embedded/home.ts';
import { isRunning, type ProcessId } from '../../cli/embedded/processes.ts';
import { databasePassword, readState, type StackState } from '../../cli/embedded/state.ts';
import { sluice } from '../bad-input/cli.ts';

const LONG = { timeout: 240_000, interval: 200 };
let home: string;
let dev: Dev;

interface Dev {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
  said(): string;
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'sluice-signals-'));
  chmodSync(home, 0o755); // started by root, PostgreSQL runs as a user of its own
});
afterAll(() => rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }));
afterEach(async () => {
  dev.child.kill('SIGTERM');
  await dev.ended;
});

describe('a stack in the foreground', { timeout: 600_000 }, () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends whole and with one word by %s, also when it comes twice', async (signal, code) => {
    const state = await start();
    const before = dev.said();
    dev.child.kill(signal);
    dev.child.kill(signal);
    expect(await dev.ended).toBe(String(code));
    expect(dev.said()).toBe(`${before}stopping\n`);
    expectGone(state);
    expect(readState(home)).toBeUndefined();
    expect(log('postgres')).toMatch(/database system is shut down\s*$/);
    for (const name of ['worker', 'temporal', 'postgres']) expect(log(name), name).not.toMatch(/^\s+at /m);
  });

  it('ends whole by a signal that comes while it starts', async () => {
    dev = startDev();
    await expect.poll(() => readState(home)?.children['postgres'], LONG).toBeDefined();
    const state = readState(home);
    dev.child.kill('SIGTERM');
    expect(await dev.ended).toBe('143');
    expect(dev.said()).not.toMatch(/ended|did not start|at /);
    if (state) expectGone(state);
    expect(readState(home)).toBeUndefined();
  });

  it('takes its parts with it when it is killed, with others connected to its PostgreSQL; the next start works', async () => {
    const state = await start();
    const session = new pg.Client({
      host: '127.0.0.1',
      port: state.postgresPort,
      user: 'sluice',
      password: databasePassword(home),
      database: 'olist',
    });
    session.on('error', () => undefined);
    await session.connect();
    dev.child.kill('SIGKILL');
    await dev.ended;
    await expect.poll(() => Object.values(state.children).filter(isRunning), LONG).toEqual([]);
    await expect.poll(() => readState(home), LONG).toBeUndefined();
    await session.end().catch(() => undefined);
    await start();
  });

  it('ends whole when npm, which has started it, is killed', async () => {
    const state = await start(['sh', '-c', '"$0" "$@"; exit $?'], { npm_lifecycle_event: 'dev' });
    dev.child.kill('SIGKILL');
    await dev.ended; // nobody has its output open any more
    expectGone(state);
    expect(readState(home)).toBeUndefined();
    expect(log('postgres')).toMatch(/database system is shut down\s*$/);
  });

  it('is ended by sluice stop', async () => {
    const state = await start();
    expect(await sluice(['stop'], { SLUICE_HOME: home })).toMatchObject({
      code: 0,
      out: `stopped ${home}\n`,
    });
    expect(await dev.ended).toBe('143');
    expectGone(state);
    expect(await sluice(['stop'], { SLUICE_HOME: home })).toMatchObject({ out: `nothing runs on ${home}\n` });
  });

  it('of a command that has one of its own ends by a signal in its order and silently; the next command follows the run', async () => {
    const demo = ['demo', '--orders', '300'];
    dev = startDev([], {}, demo);
    await expect.poll(() => dev.said(), LONG).toMatch(/run olist-/);
    const state = readState(home);
    dev.child.kill('SIGINT');
    expect(await dev.ended).toBe('130');
    expect(dev.said()).not.toMatch(/has ended; starting it again|^\s+at |Channel has been shut down|ledger/m);
    if (state) expectGone(state);
    for (const name of ['worker', 'temporal', 'postgres']) expect(log(name), name).not.toMatch(/^\s+at /m);
    dev = startDev([], {}, demo);
    expect(await dev.ended).toBe('0');
    expect(dev.said()).not.toContain('already being run');
    expect(dev.said()).toMatch(/rows? .*match|customers/i);
  });

  it('keeps what it writes from other users, and has nothing that a doctor finds wrong with its connections', async () => {
    await start();
    const { out } = await sluice(['doctor', '--json'], { SLUICE_HOME: home });
    const found = JSON.parse(out) as { what: string; ok: boolean; detail: string }[];
    const connections = found.filter(({ what }) => what.startsWith('connection '));
    expect(connections.map(({ what }) => what)).toContain('connection olist_funnel');
    expect(connections.filter(({ ok }) => !ok)).toEqual([]);
    const open = readdirSync(home, { withFileTypes: true })
      .filter(({ name }) => name !== 'lock')
      .filter(({ name }) => (modeOf(join(home, name)) & 0o077) !== 0);
    expect(open).toEqual([]);
  });
});

function startDev(
  through: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
  what: readonly string[] = ['dev'],
): Dev {
  const [command = '', ...args] = [...through, process.execPath, join(ROOT, 'bin', 'sluice'), ...what];
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, SLUICE_HOME: home, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => text.push(String(chunk)));
  const ended = new Promise<string>((resolve) =>
    child.once('close', (code, signal) => resolve(String(code ?? signal))),
  );
  return { child, ended, said: () => text.join('') };
}

async function start(...how: Parameters<typeof startDev>): Promise<StackState> {
  dev = startDev(...how);
  await expect.poll(() => dev.said(), LONG).toContain('Ctrl-C stops it all.');
  const state = readState(home);
  if (!state) throw new Error('The stack has written no state.');
  expect(Object.keys(state.children).sort()).toEqual(['pages', 'postgres', 'temporal', 'worker']);
  return state;
}

function expectGone({ children }: { readonly children: Readonly<Record<string, ProcessId>> }): void {
  expect(Object.entries(children).filter(([, child]) => isRunning(child))).toEqual([]);
  expect(existsSync(join(home, 'postgres', 'postmaster.pid'))).toBe(false);
}

function log(name: string): string {
  return readFileSync(join(home, 'logs', `${name}.log`), 'utf8');
}

function modeOf(path: string): number {
  return statSync(path).mode;
}
