import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from './lock.ts';
import { isRunning, ownProcessId, processId } from './processes.ts';

const TAKERS = 6;
const TURNS = 25;
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
  it.runIf(process.platform === 'linux')('that cannot be written says where, and what to do', () => {
    expect(() => tryLock('/proc/self/one')).toThrow(
      /^Nothing can be written to \/proc\/self: ENOENT.*Mend that .*then do it again\.$/,
    );
  });

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
    const dead = [
      { pid: 2 ** 22 + 1, began: 'never' },
      { ...ownProcessId(), began: 'long ago' },
    ];
    for (const [at, holder] of dead.entries()) {
      const path = join(folder, `lock-${at}`);
      writeFileSync(`${path}.7`, JSON.stringify(holder));
      expect(tryLock(path)).toBeTypeOf('function');
      expect(tryLock(path)).toEqual(ownProcessId());
    }
  });

  it('is never had by two of many that want it, though its holders die with it', async () => {
    // Each writes a mark while it has the lock, and looks whether it is alone with it; every second one dies holding it.
    const script = join(folder, 'take.mjs');
    const marks = join(folder, 'marks');
    mkdirSync(marks);
    writeFileSync(
      script,
      `import { readdirSync, rmSync, writeFileSync } from 'node:fs';
      import { lock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
      const mark = ${JSON.stringify(marks)} + '/' + process.pid;
      const never = new AbortController().signal;
      for (let turn = 1; turn <= ${TURNS}; turn += 1) {
        const release = await lock(${JSON.stringify(join(folder, 'lock'))}, never, () => undefined);
        writeFileSync(mark, '');
        if (readdirSync(${JSON.stringify(marks)}).length > 1) process.exit(9);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (readdirSync(${JSON.stringify(marks)}).length > 1) process.exit(9);
        rmSync(mark);
        if (turn === ${TURNS} && process.argv[2] === 'dies') process.kill(process.pid, 'SIGKILL');
        release();
      }`,
    );
    const takers = Array.from({ length: TAKERS }, (_, at) => {
      const args = ['--import', 'tsx', script, at % 2 ? 'dies' : 'lives'];
      return new Promise((resolve) => {
        spawn(process.execPath, args, { stdio: 'ignore' }).once('exit', (code, signal) =>
          resolve(code ?? signal),
        );
      });
    });
    expect(await Promise.all(takers)).toEqual(takers.map((_, at) => (at % 2 ? 'SIGKILL' : 0)));
  }, 240_000);
});
