import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from './lock.ts';
import { isRunning, ownProcessId, processId } from './processes.ts';

const TAKERS = 8;
const ROUNDS = 40;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a process', () => {
  it('is not another one that has got its number', () => {
    const own = ownProcessId();
    expect(isRunning(own)).toBe(true);
    expect(isRunning({ ...own, began: `${own.began}1` })).toBe(false);
  });

  it('that has ended is not there', async () => {
    const child = spawn('sleep', ['60']);
    const id = processId(child.pid ?? 0);
    expect(id && isRunning(id)).toBe(true);
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
    expect(id && isRunning(id)).toBe(false);
  });
});

describe('a lock', () => {
  it('is had by one, who is named to others, until it is given back', () => {
    const path = join(folder, 'one');
    const release = tryLock(path);
    if (typeof release !== 'function') throw new Error('It was not free.');
    expect(tryLock(path)).toEqual(ownProcessId());
    release();
    expect(tryLock(path)).toBeTypeOf('function');
    expect(readdirSync(folder)).toEqual(['one.2']);
  });

  it('of a process that is dead, or whose number another has now, is free', () => {
    const path = join(folder, 'one');
    for (const holder of [
      { pid: 2 ** 22 + 1, began: 'never' },
      { ...ownProcessId(), began: 'long ago' },
    ]) {
      writeFileSync(`${path}.7`, JSON.stringify(holder));
      const release = tryLock(path);
      expect(release).toBeTypeOf('function');
      if (typeof release === 'function') release();
      rmSync(folder, { recursive: true });
      folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
    }
  });

  it('is never had by two of many that want it, though its holders die with it', async () => {
    // Each of them writes its mark while it has the lock, and looks whether it is alone with it; half of them die holding it.
    const work = `
      import { readdirSync, rmSync, writeFileSync } from 'node:fs';
      import { lock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
      const [folder, round] = process.argv.slice(2);
      const release = await lock(folder + '/lock', new AbortController().signal, () => undefined);
      const mark = folder + '/marks/' + process.pid;
      writeFileSync(mark, '');
      if (readdirSync(folder + '/marks').length > 1) process.exit(9);
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (readdirSync(folder + '/marks').length > 1) process.exit(9);
      rmSync(mark);
      if (round % 2) process.kill(process.pid, 'SIGKILL');
      release();`;
    const script = join(folder, 'take.mjs');
    writeFileSync(script, work);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(folder, 'marks'));
    let next = 0;
    const codes: (number | null)[] = [];
    const take = async () => {
      for (let round = next++; round < ROUNDS; round = next++)
        codes.push(
          await new Promise<number | null>((resolve) =>
            spawn(process.execPath, ['--import', 'tsx', script, folder, String(round)], {
              stdio: 'ignore',
            }).once('exit', resolve),
          ),
        );
    };
    await Promise.all(Array.from({ length: TAKERS }, take));
    expect(codes).toHaveLength(ROUNDS);
    expect(codes.filter((code) => code !== 0 && code !== null)).toEqual([]);
  }, 240_000);
});
