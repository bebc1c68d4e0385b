import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { untilEnded } from '../../process/fenced.ts';
import { temporaryFolder } from '../../../test/setup/folder.ts';
import { python } from './fixture.ts';
import { ForkServer } from './fork-server.ts';

const RUNNER = join(import.meta.dirname, 'dbt_runner.py');
const never = new AbortController().signal;

/** dbt's place is taken by a module whose commands are Python: what is forked, passed on and ended is the same. */
function aServer() {
  const folder = temporaryFolder('forks');
  const start = join(folder, 'start.py');
  writeFileSync(
    start,
    [
      'import os, runpy, sys, time, types',
      'made = types.ModuleType("dbt.cli.main")',
      'def cli(arguments, prog_name):',
      '    exec(arguments[0])',
      'made.cli = cli',
      `while os.path.exists(${JSON.stringify(join(folder, 'wait'))}): time.sleep(0.05)`,
      'sys.modules.update({"dbt": types.ModuleType("dbt"), "dbt.cli": types.ModuleType("dbt.cli"), "dbt.cli.main": made})',
      `sys.argv = [${JSON.stringify(RUNNER)}, ${JSON.stringify(folder)}]`,
      `runpy.run_path(${JSON.stringify(RUNNER)}, run_name="__main__")`,
    ].join('\n'),
  );
  const server = new ForkServer(python, ['-I', '-u', start], { PATH: process.env['PATH'] ?? '' });
  const run = async (code: string, environment: Record<string, string> = {}, signal = never) => {
    const lines: string[] = [];
    const exit = await untilEnded(
      server.start([code], environment),
      { onLine: (line) => lines.push(line) },
      signal,
    );
    return { ...exit, lines };
  };
  const processes = () =>
    execFileSync('ps', ['-axo', 'pid=,ppid=,stat=,comm=,args='], { encoding: 'utf8', maxBuffer: 1 << 26 })
      .split('\n')
      .filter((line) => line.includes(start))
      .map((line) => line.trim().split(/\s+/));
  onTestFinished(() => {
    for (const [pid, parent] of processes())
      if (Number(parent) === process.pid) process.kill(Number(pid), 'SIGKILL');
  });
  return {
    folder,
    run,
    start: (code: string) => server.start([code], {}),
    pid: () => Number(processes().find(([, parent]) => Number(parent) === process.pid)?.[0]),
    forks: () => processes().filter(([, , stat, comm]) => comm === 'dbt' && !stat?.startsWith('Z')),
  };
}

describe.runIf(process.platform === 'linux')('the fork server', () => {
  it('gives what a command writes, how it ends, and the environment that is its own', async () => {
    const server = aServer();
    const one = server.run(
      'print(os.environ); print("ü" * 100_000); print("x", file=sys.stderr); sys.exit(1)',
      {
        MINE: 'é',
      },
    );
    const other = server.run(
      'print(os.getpid() == os.getpgrp(), sorted(os.listdir("/proc/self/fd"), key=int))',
    );
    const [{ lines, ...exit }, its] = await Promise.all([one, other]);
    expect(exit).toEqual({ code: 1, signal: null, stderrTail: 'x\n', notStarted: undefined });
    expect(lines).toEqual(["environ({'MINE': 'é'})", 'ü'.repeat(100_000)]);
    // Nothing of the other's, nothing of the server's: 3 is the folder that is listed.
    expect(its.lines).toEqual(["True ['0', '1', '2', '3']"]);
    expect(await server.run('os.kill(os.getpid(), 9)')).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(await server.run('os.kill(os.getpid(), 40)')).toMatchObject({ code: null, signal: 'SIG40' });
    expect(await server.run('pass')).toMatchObject({ code: 0, lines: [] });
  });

  it('gives every command what was imported, and no command what another has changed', async () => {
    const server = aServer();
    const code = 'print(getattr(os, "seen", None)); os.seen = 1; print(os.getppid())';
    const first = await server.run(code);
    const second = await server.run(code);
    expect(second.lines).toEqual(first.lines);
    expect(first.lines[0]).toBe('None');
  });

  it('ends what is aborted, also before it was forked', async () => {
    const server = aServer();
    await server.run('pass'); // it has started, however slow the machine
    const ended = await server.run('time.sleep(600)', {}, AbortSignal.abort());
    // By the first signal, an interrupt, not by one of those that follow where it has no effect.
    expect([1, 130, null]).toContain(ended.code);
    expect([null, 'SIGINT']).toContain(ended.signal);
    expect(server.forks()).toEqual([]);
  });

  it('that is killed takes its commands with it; the next command has a server again', async () => {
    const server = aServer();
    const lines: string[] = [];
    const killed = untilEnded(
      server.start('print("begun"); time.sleep(600)'),
      {
        onLine: (line) => {
          lines.push(line);
          process.kill(server.pid(), 'SIGKILL');
        },
      },
      never,
    );
    expect(await killed).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(lines).toEqual(['begun']);
    await expect.poll(server.forks, { timeout: 30_000 }).toEqual([]);
    expect((await server.run('print(1)')).lines).toEqual(['1']);
  });

  it('that is killed in the middle of a line, or that says what it should not, harms nobody', async () => {
    const talks = new ForkServer(
      python,
      [
        '-c',
        `import os, sys; print('a library'); sys.stdout.write('{"id": 1, "pi'); sys.stdout.flush(); os.kill(os.getpid(), 9)`,
      ],
      { PATH: process.env['PATH'] ?? '' },
    );
    const ended = await untilEnded(talks.start([], {}), { onLine: () => undefined }, never);
    expect(ended).toMatchObject({ code: null, signal: 'SIGKILL', stderrTail: 'a library\n{"id": 1, "pi\n' });
  });

  it('that hangs is ended with the last that is aborted, whether it serves or not', async () => {
    const folder = temporaryFolder('hangs');
    const hangs = async (says: string) => {
      const program = `import os, time; ${says}; print(os.getpid(), file=open('${folder}/pid', 'w', buffering=1)); time.sleep(600)`;
      const server = new ForkServer(python, ['-c', program], { PATH: process.env['PATH'] ?? '' });
      const ends = new AbortController();
      const ended = untilEnded(server.start([], {}), { onLine: () => undefined }, ends.signal);
      await expect.poll(() => readFileSync(`${folder}/pid`, { encoding: 'utf8', flag: 'a+' })).toMatch(/\n/);
      ends.abort();
      const { code, signal } = await ended;
      const pid = Number(readFileSync(`${folder}/pid`, 'utf8'));
      await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 10_000 }).toBe(false);
      writeFileSync(`${folder}/pid`, '');
      return { code, signal };
    };
    // What it was not given is not waited for.
    expect(await hangs('pass')).toEqual({ code: null, signal: 'SIGINT' });
    expect(await hangs(`print('{"ready": true}', flush=True)`)).toEqual({ code: null, signal: 'SIGKILL' });
  }, 60_000);

  it('that hangs while a command runs does not keep what is aborted', async () => {
    const server = aServer();
    const ends = new AbortController();
    const running = server.run('time.sleep(600)', {}, ends.signal);
    await expect.poll(server.forks, { timeout: 30_000 }).toHaveLength(1);
    process.kill(server.pid(), 'SIGSTOP');
    ends.abort();
    expect(await running).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect((await server.run('print(1)')).lines).toEqual(['1']);
  }, 60_000);

  it('that has not served yet ends what is aborted at once, and nobody else', async () => {
    const server = aServer();
    writeFileSync(join(server.folder, 'wait'), '');
    const other = server.run('print("served")');
    await expect.poll(server.pid).toBeGreaterThan(0);
    const aborted = await server.run('print("never")', {}, AbortSignal.abort());
    expect(aborted).toMatchObject({ code: null, signal: 'SIGINT', lines: [] });
    rmSync(join(server.folder, 'wait'));
    expect(await other).toMatchObject({ code: 0, lines: ['served'] });
  });

  it('lets a command wait that writes faster than it is read, and no other', async () => {
    const server = aServer();
    await server.run('pass');
    const written = join(server.folder, 'written');
    const flood = `with open(${JSON.stringify(written)}, "w", buffering=1) as written:
  for n in range(100): print("x" * 1_000_000, flush=True); print(n, file=written)`;
    const unread = server.start(flood);
    await expect.poll(() => existsSync(written), { timeout: 30_000 }).toBe(true);
    for (let at = 0; at < 5; at += 1)
      expect(await server.run('print("x" * 1_000_000)')).toMatchObject({ code: 0 });
    // As much as pipes and buffers hold, and no more.
    expect(unread.stdout.readableLength).toBeLessThan(1_000_000);
    expect(readFileSync(written, 'utf8').split('\n').length).toBeLessThan(5);
    let bytes = 0;
    const exit = await untilEnded(unread, { onLine: (line) => (bytes += line.length) }, never);
    expect(exit).toMatchObject({ code: 0 });
    expect(bytes).toBe(100_000_000);
  }, 60_000);

  it('gives a command what was installed meanwhile, and says what is missing where nothing is', async () => {
    const folder = temporaryFolder('venv');
    execFileSync(python, ['-m', 'venv', '--without-pip', folder]);
    const lib = join(folder, 'lib');
    const packages = join(lib, readdirSync(lib)[0] ?? '', 'site-packages');
    const install = (version: number) => {
      mkdirSync(join(packages, 'dbt/cli'), { recursive: true });
      const main = 'def cli(arguments, prog_name): exec(arguments[0])';
      writeFileSync(join(packages, 'dbt/cli/main.py'), `${main}\nVERSION = ${version}\n`);
      mkdirSync(join(packages, `dbt_core-${version}.dist-info`));
    };
    install(1);
    const server = new ForkServer(join(folder, 'bin/python'), ['-I', '-u', RUNNER, folder], {});
    const go = join(folder, 'go');
    const run = async (code: string) => {
      const lines: string[] = [];
      const output = { onLine: (line: string) => lines.push(line) };
      return { lines, ...(await untilEnded(server.start([code], { PATH: '' }), output, never)) };
    };
    const version = 'import os; from dbt.cli.main import VERSION; print(VERSION, os.getppid())';
    const { lines: before } = await run(version);
    const running = run(
      `import os, time\nwhile not os.path.exists(${JSON.stringify(go)}): time.sleep(0.05)\nprint("old")`,
    );
    install(22); // of another length: within a second compiled files tell by that alone
    const meanwhile = await run(version);
    const after = await run(version);
    expect([before, meanwhile.lines, after.lines].map(([line]) => line?.split(' ')[0])).toEqual([
      '1',
      '22',
      '22',
    ]);
    // The first of them was begun anew by the old server, the next is a fork of a new one.
    expect(meanwhile.lines[0]?.split(' ')[1]).toBe(before[0]?.split(' ')[1]);
    expect(after.lines[0]?.split(' ')[1]).not.toBe(before[0]?.split(' ')[1]);
    writeFileSync(go, '');
    expect(await running).toMatchObject({ code: 0, lines: ['old'] });
    // The old one has nothing left to do, and ends.
    await expect.poll(() => existsSync(`/proc/${before[0]?.split(' ')[1]}`), { timeout: 10_000 }).toBe(false);
    rmSync(folder, { recursive: true });
    const missing = await run(version);
    expect(missing).toMatchObject({
      code: 3,
      stderrTail: `${folder}/bin/python: No such file or directory\n`,
    });
    expect(await run(version)).toMatchObject({ notStarted: expect.stringContaining('ENOENT') as string });
  }, 60_000);

  it('that cannot fork fails this command alone, and in a way that may pass', async () => {
    const server = aServer();
    const go = join(server.folder, 'go');
    const running = server.run(
      `print("begun", flush=True)\nwhile not os.path.exists(${JSON.stringify(go)}): time.sleep(0.05)`,
    );
    await expect.poll(server.forks, { timeout: 30_000 }).toHaveLength(1);
    execFileSync('prlimit', ['--pid', String(server.pid()), '--nofile=8:8']);
    expect(await server.run('pass')).toMatchObject({
      code: null,
      signal: 'SIGKILL',
      stderrTail: 'fork: Too many open files',
    });
    writeFileSync(go, '');
    expect(await running).toMatchObject({ code: 0, lines: ['begun'] });
  });

  it('lets go of what holds its output though it has left the group', { timeout: 60_000 }, async () => {
    const server = aServer();
    await server.run('pass');
    const open = () => readdirSync(`/proc/${server.pid()}/fd`).length;
    const idle = open();
    const leaves =
      'import subprocess; subprocess.Popen(["sleep", "31"], start_new_session=True); print("left")';
    expect(await server.run(leaves)).toMatchObject({ code: 0, lines: ['left'] });
    await expect.poll(open, { timeout: 30_000 }).toBe(idle);
    expect(await server.run('pass')).toMatchObject({ code: 0 });
    expect(open()).toBe(idle);
  });

  it('whose Python ends before it serves says what Python said', async () => {
    const server = new ForkServer(python, ['-I', '-c', 'import sys; sys.exit("no such module")'], {
      PATH: process.env['PATH'] ?? '',
    });
    const ended = untilEnded(server.start([], {}), { onLine: () => undefined }, never);
    expect(await ended).toMatchObject({ code: 1, stderrTail: 'no such module\n' });
    const missing = new ForkServer('/no/python', [], {});
    expect(await untilEnded(missing.start([], {}), { onLine: () => undefined }, never)).toMatchObject({
      notStarted: expect.stringContaining('ENOENT') as string,
    });
  });

  it('holds no process open', () => {
    const program = `
      import { ForkServer } from ${JSON.stringify(join(import.meta.dirname, 'fork-server.ts'))};
      import { untilEnded } from ${JSON.stringify(join(import.meta.dirname, '../../process/fenced.ts'))};
      const code = 'import json, sys\\nprint(json.dumps({"ready": True}))\\nfor line in sys.stdin:\\n  print(json.dumps({"id": 1, "code": 0}) + chr(10) + json.dumps({"id": 1, "closed": True}))';
      const server = new ForkServer(${JSON.stringify(python)}, ['-I', '-u', '-c', code], process.env);
      console.log((await untilEnded(server.start([], {}), { onLine: () => {} }, new AbortController().signal)).code);`;
    const said = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(said).toBe('0\n');
  });
});
