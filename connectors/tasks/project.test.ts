import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../core/errors.ts';
import type { ProjectWork, ResolvedTask, TaskResult } from '../../core/tasks.ts';
import { isRunning } from '../process/running-harness.ts';
import { anInput, aTask, SECRET } from './fixture.ts';
import { ProjectTasks } from './project.ts';

const INPUT = anInput({ params: { region: 'eu' }, results: { prepare: { rows: 3 } }, attempt: 2 });

type Timeout = ResolvedTask['timeout'];

let folder: string;
let tasks: ProjectTasks;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tasks-'));
  tasks = new ProjectTasks({ folder, environments: { task: { TOKEN: SECRET } } });
});
afterAll(() => rmSync(folder, { recursive: true }));

const written: string[] = [];
const run = (does: ProjectWork, signal = new AbortController().signal, timeout: Timeout = '1 minute') => {
  written.length = 0;
  return tasks.run(aTask(does, timeout), INPUT, signal, (line) => written.push(line));
};
const script = (text: string, ...rest: [AbortSignal?, Timeout?]): Promise<TaskResult> =>
  run({ script: ['bash', '-c', text] }, ...rest);
/** A function task of its own file, since one that is loaded is kept for as long as its file stays. */
const called = (name: string, text: string, ...rest: [AbortSignal?, Timeout?]): Promise<TaskResult> => {
  writeFileSync(join(folder, `${name}.ts`), text);
  return run({ run: name }, ...rest);
};
const lineWith = async (start: string): Promise<string> => {
  for (;;) {
    const line = written.find((each) => each.startsWith(start));
    if (line !== undefined) return line.slice(start.length);
    await delay(10);
  }
};

describe('a script', () => {
  it('finds its input in a file, the common parts as variables, and gives JSON in another', async () => {
    const read = `import json, os; i = json.load(open(os.environ['SLUICE_INPUT']))
i['day'] = os.environ['SLUICE_INTERVAL_START']; json.dump(i, open(os.environ['SLUICE_OUTPUT'], 'w'))`;
    expect(await run({ script: ['python3', '-c', read] })).toEqual({
      output: {
        pipeline: 'shop',
        interval: INPUT.run.interval,
        run: { runId: 'r1', workflowId: 'shop-1' },
        params: { region: 'eu' },
        results: { prepare: { rows: 3 } },
        attempt: 2,
        day: '2024-03-01T00:00:00Z',
      },
    });
  });

  it('gives nothing where it writes nothing, works in the folder of tasks, and writes its lines to the log', async () => {
    expect(await script('pwd; echo second >&2')).toEqual({ output: null });
    expect(written.sort()).toEqual([folder, 'second'].sort());
  });

  it('sees the secrets that the profile names for it, which are masked in what it writes and in its failure', async () => {
    await expect(script('echo "token $TOKEN"; exit 4')).rejects.toThrow('token ***');
    expect(written).toEqual(['token ***']);
  });

  it('gives back as it is what the profile says in plain text', async () => {
    const env = { TOKEN: SECRET, REGION: 'eu-central-1' };
    const own = new ProjectTasks({ folder, environments: { task: env }, secrets: { task: [SECRET] } });
    const does = { script: ['sh', '-c', 'echo "$TOKEN $REGION"; echo "\\"$REGION\\"" > $SLUICE_OUTPUT'] };
    const lines: string[] = [];
    const { signal } = new AbortController();
    expect(await own.run(aTask(does, '1 minute'), INPUT, signal, (line) => lines.push(line))).toEqual({
      output: 'eu-central-1',
    });
    expect(lines).toEqual(['*** eu-central-1']);
  });

  it("does not see the worker's own variables", async () => {
    process.env['SLUICE_POSTGRES_PASSWORD'] = 'hidden';
    await script('env');
    expect(written.join()).not.toContain('hidden');
  });

  it('that ends with 99 has what follows skipped, and its last line says why', async () => {
    expect(await script('echo "no new files"; exit 99')).toEqual({ skipped: 'no new files' });
  });

  it.each([
    ['exit 75', TransientError, "shop's task 'task' asked to be tried again"],
    ['kill -9 $$', TransientError, 'was ended by SIGKILL, perhaps for want of memory'],
    ['sh -c "kill -9 \\$\\$"; exit $?', TransientError, 'was ended by SIGKILL (exit code 137)'],
    ['exit 143', TransientError, 'was ended by SIGTERM (exit code 143)'],
    ['exit 200', TerminalError, 'failed with exit code 200'],
    ['echo broken; exit 3', TerminalError, 'failed with exit code 3.\nIts last lines:\nbroken'],
    [
      'no-such-command',
      TerminalError,
      "failed with exit code 127: a program that 'bash' starts was not found.\nIts last lines:\nbash: line 1: no-such-command",
    ],
    ['./', TerminalError, "exit code 126: a program that 'bash' starts may not be run"],
    ['echo "{" > $SLUICE_OUTPUT', TerminalError, 'gave something that is no JSON'],
    [
      'head -c 70000 /dev/zero > $SLUICE_OUTPUT',
      TerminalError,
      'gave 70000 bytes; a result is 65536 at most',
    ],
  ])('fails in one clear way: %s', async (text, kind, message) => {
    const failure: unknown = await script(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(kind);
    expect((failure as Error).message).toContain(message);
  });

  it('says that a program is not there, or is none', async () => {
    await expect(run({ script: ['no-such-program'] })).rejects.toThrow(`'no-such-program' was not found`);
    writeFileSync(join(folder, 'data.txt'), 'x');
    await expect(run({ script: ['./data.txt'] })).rejects.toThrow('Make it executable');
  });

  it('keeps the end of a long log and cuts long lines', async () => {
    await expect(script('seq 1 100000; head -c 9000 /dev/zero | tr "\\\\0" x; echo; exit 1')).rejects.toThrow(
      /99999\n100000\nx{4000} …/,
    );
  });

  it('has its last lines heard, also those of a filter that it leaves behind', async () => {
    const filter = 'exec > >(while read line; do sleep 0.2; echo "heard: $line"; done) 2>&1';
    await expect(script(`${filter}; echo one; echo the reason; exit 3`)).rejects.toThrow(
      /exit code 3[^]*heard: the reason/,
    );
  });

  it('is over when it has ended, whatever has left its group holds on to its output', async () => {
    const began = performance.now();
    expect(await script(`setsid sleep 20 & sleep 0.5; echo '"done"' > $SLUICE_OUTPUT`)).toEqual({
      output: 'done',
    });
    expect(performance.now() - began).toBeLessThan(18_000);
  });

  it('may write a line that has no end', async () => {
    await script(`head -c 30000000 /dev/zero | tr '\\0' x; echo; echo after`);
    expect(written.map((line) => line.length)).toEqual([4_002, 5]);
  });

  it('is stopped when its time is over, with all that it started, even if it ignores SIGTERM', async () => {
    const stopped = script(
      'trap "" INT TERM; sleep 600 & echo "child $!"; wait; sleep 600',
      undefined,
      '1 second',
    );
    const child = await lineWith('child ');
    await expect(stopped).rejects.toThrow('took longer than its timeout of 1 second and was stopped');
    expect(isRunning(child)).toBe(false);
  });

  it('is stopped when nobody wants it any more', async () => {
    const abort = new AbortController();
    const stopped = script('echo "child $$"; sleep 600', abort.signal);
    const child = await lineWith('child ');
    abort.abort(new Error('cancelled'));
    await expect(stopped).rejects.toThrow('cancelled');
    expect(isRunning(child)).toBe(false);
  });
});

describe('a function', () => {
  it('is given its input and gives plain values', async () => {
    const text = `export default ({ interval, params, log }) => { log('seen'); return { day: interval.start, region: params.region, gone: undefined }; };`;
    expect(await called('tell', text)).toEqual({ output: { day: '2024-03-01T00:00:00Z', region: 'eu' } });
    expect(written).toEqual(['seen']);
  });

  it('is heard like a script: its lines are bounded, cut and masked, its last ones are in its failure', async () => {
    const text = `export default ({ log }) => {
      log('one\\ntwo of ${SECRET}');
      log('x'.repeat(9000));
      for (let i = 0; i < 20000; i += 1) log('line ' + i);
      throw new Error('no ${SECRET}');
    };`;
    const failure: unknown = await called('task', text).catch((error: unknown) => error);
    expect(written.slice(0, 4)).toEqual(['one', 'two of ***', `${'x'.repeat(4_000)} …`, 'line 0']);
    expect(written).toHaveLength(1_200);
    expect(written.at(-200)).toMatch(/^… 18804 lines left out/);
    const last = Array.from({ length: 20 }, (_, i) => `line ${19_980 + i}`).join('\n');
    expect((failure as Error).message).toBe(
      `shop's task 'task' failed: no ***\nIts last lines:\n${last}\nCorrect it, then rerun.`,
    );
  });

  it('is not heard any more once it was given up', async () => {
    const text = `export default ({ log }, signal) => new Promise(() => {
      log('begun');
      signal.addEventListener('abort', () => setTimeout(() => { log('still there'); globalThis.haunted = true; }, 10));
    });`;
    await expect(called('haunting', text, undefined, '1 second')).rejects.toThrow('Its last lines:\nbegun');
    while (!('haunted' in globalThis)) await delay(10);
    expect(written).toEqual(['begun']);
  });

  it('is tried again where it throws TransientError, of whichever copy of the engine', async () => {
    const own = `class TransientError extends Error { name = 'TransientError' }`;
    await expect(
      called('busy', `${own} export default () => { throw new TransientError('the api is busy') };`),
    ).rejects.toThrow(TransientError);
  });

  it('is loaded again when its file has changed', async () => {
    expect(await called('changing', 'export default () => 1;')).toEqual({ output: 1 });
    await delay(20);
    expect(await called('changing', 'export default () => 2;')).toEqual({ output: 2 });
  });

  it.each([
    ['throwing', `export default () => { throw new Error('no stock'); };`, 'failed: no stock'],
    ['none', `export const other = 1;`, 'gives no function'],
    ['broken', `export default (`, 'cannot be loaded'],
    ['circular', `export default () => { const a = {}; a.a = a; return a; };`, 'JSON cannot hold'],
    ['big', `export default () => 1n;`, 'JSON cannot hold'],
    ['large', `export default () => 'x'.repeat(70000);`, 'a result is 65536 at most'],
  ])('fails in one clear way: %s', async (name, text, message) => {
    await expect(called(name, text)).rejects.toThrow(message);
  });

  it('that is not there is said by its file', async () => {
    await expect(run({ run: 'absent' })).rejects.toThrow(`there is no ${join(folder, 'absent.ts')}`);
  });

  it('that takes too long is told to stop, and not waited for', async () => {
    await expect(
      called('slow', `export default () => new Promise(() => {});`, undefined, '1 second'),
    ).rejects.toThrow('took longer than its timeout of 1 second');
  });
});
