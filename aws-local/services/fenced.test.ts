import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFenced } from './fenced.ts';

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** Prints its own pid and that of a child, then both wait, deaf to being asked to end. */
const FAMILY = `trap '' TERM; (trap '' TERM; echo "child $BASHPID"; while :; do sleep 1; done) & echo "self $$"; while :; do sleep 1; done`;

describe('a fenced process', () => {
  let folder: string;
  let log: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fence-'));
    log = join(folder, 'log');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const pids = async () => {
    await expect
      .poll(() => readFile(log, 'utf8').catch(() => ''), { timeout: 10_000 })
      .toMatch(/child \d+[^]*self \d+|self \d+[^]*child \d+/);
    return [...(await readFile(log, 'utf8')).matchAll(/\d+/g)].map(Number);
  };

  it('gives its exit code and what it printed', async () => {
    const times = 20; // Bash reports on jobs that were killed when it comes to it, now and then.
    for (let time = 0; time < times; time++)
      expect(await startFenced('bash', ['-c', 'echo said; exit 3'], { log }).exited).toBe(3);
    await expect.poll(() => readFile(log, 'utf8')).toBe('said\n'.repeat(times));
  });

  it('passes on that there is no such command', async () => {
    expect(await startFenced('no-such-command', [], { log }).exited).toBe(127);
    await expect.poll(() => readFile(log, 'utf8')).toMatch(/no-such-command: command not found/);
  });

  it('ends with its children when stopped, however deaf', async () => {
    const fenced = startFenced('bash', ['-c', FAMILY], { log, graceSeconds: 1 });
    const family = await pids();
    await fenced.stop();
    // Killed, but there until somebody has asked for their exit codes.
    await expect.poll(() => family.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  });

  it('ends with its children when the process that started it is killed', async () => {
    const module = join(import.meta.dirname, 'fenced.ts');
    const script = `import { startFenced } from ${JSON.stringify(module)};
      startFenced('bash', ['-c', ${JSON.stringify(FAMILY)}], { log: ${JSON.stringify(log)}, graceSeconds: 1 });`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: 'inherit',
    });
    const family = await pids();
    expect(family.filter(isAlive)).toEqual(family);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await expect.poll(() => family.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  });
});
