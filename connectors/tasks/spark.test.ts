import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../core/errors.ts';
import type { ResolvedTask } from '../../core/tasks.ts';
import { LocalSpark } from '../jobs/spark-local/spark.ts';
import { writeSubmit } from '../jobs/spark-local/submit-harness.ts';
import { isRunning } from '../process/running-harness.ts';
import { anInput, aTask, SECRET } from './fixture.ts';
import { ProjectTasks } from './project.ts';

const LIMIT = 65_536;
/** How jobs of a project find what a task is told, and leave what they give. */
const READ = `
import argparse, json, os, signal, sys, time
from urllib.parse import urlparse
options = argparse.ArgumentParser()
for name in ("input-uri", "output-uri", "token", "pipeline", "interval-start", "interval-end"):
    options.add_argument("--" + name)
given = options.parse_args()
output = urlparse(given.output_uri).path
`;

let folder: string;
let tasks: ProjectTasks;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spark-tasks-'));
  writeSubmit(folder);
  tasks = new ProjectTasks({
    folder,
    environments: { task: { TOKEN: SECRET } },
    spark: new LocalSpark({ python: folder, folder, memory: '1g', conf: {}, outputLimit: LIMIT }),
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

const written: string[] = [];
const run = (
  text: string,
  signal = new AbortController().signal,
  timeout: ResolvedTask['timeout'] = '1 minute',
) => {
  written.length = 0;
  writeFileSync(join(folder, 'job.py'), READ + text);
  return tasks.run(aTask({ spark: 'job' }, timeout), anInput({ results: { before: 3 } }), signal, (line) =>
    written.push(line),
  );
};
const DEAF = `
for each in (signal.SIGINT, signal.SIGTERM): signal.signal(each, signal.SIG_IGN)
print("process", os.getpid(), flush=True)
time.sleep(600)`;
const processOf = async () => {
  await expect.poll(() => written.join(), { timeout: 60_000 }).toContain('process ');
  return written.find((line) => line.startsWith('process '))?.slice(8) ?? '';
};

describe('a Spark job as a task', { timeout: 120_000 }, () => {
  it('is told of its run and gives JSON, or nothing', async () => {
    const text = `json.dump([given.interval_start, json.load(open(urlparse(given.input_uri).path))["results"]], open(output, "w"))`;
    expect(await run(text)).toEqual({ output: ['2024-03-01T00:00:00Z', { before: 3 }] });
    expect(await run('')).toEqual({ output: null });
  });

  it.each<[string, string, typeof TerminalError, RegExp]>([
    [
      'raises',
      'raise ValueError(os.environ["TOKEN"])',
      TerminalError,
      /failed: .* exit code 1\n[^]*ValueError: \*\*\*\nCorrect it/,
    ],
    ['asks for nothing that scripts may ask for', 'sys.exit(75)', TerminalError, /exit code 75/],
    [
      'was killed',
      'os.kill(os.getpid(), signal.SIGKILL)',
      TransientError,
      /from outside: .* exit code 137, by SIGKILL[^]*It is tried again/,
    ],
    [
      'was killed with Spark itself',
      'os.kill(os.getppid(), signal.SIGKILL)',
      TransientError,
      /from outside: .* ended with SIGKILL/,
    ],
    ['crashes', 'os.kill(os.getpid(), signal.SIGSEGV)', TransientError, /exit code 139, by SIGSEGV/],
    [
      'gives no JSON',
      'open(output, "w").write("{")',
      TerminalError,
      /no JSON: .*Write JSON to '--output-uri'/,
    ],
    [
      'gives too much',
      'open(output, "w").write("x" * 70000)',
      TerminalError,
      /gave 70000 bytes; a result is 65536/,
    ],
  ])('that %s is told as that', async (_, text, kind, message) => {
    const failure: unknown = await run(text).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(kind);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).not.toContain(SECRET);
  });

  it('may write without end', async () => {
    await run(
      `for i in range(20000): print("line", i, os.environ["TOKEN"])\nprint("x" * 9000)\nprint("the last one")`,
    );
    expect(written[1]).toBe('line 0 ***');
    expect(written.slice(-2)).toEqual([`${'x'.repeat(4_000)} …`, 'the last one']);
    const leftOut = written.flatMap((line) => /^… (\d+) lines left out/.exec(line)?.[1] ?? []);
    const said = leftOut.reduce((sum, each) => sum + Number(each), 0);
    expect(said + written.length - leftOut.length).toBe(1 + 20_002);
    expect(said).toBeGreaterThan(0);
  });

  it('that ignores SIGTERM is ended when its time is over, and when nobody wants it any more', async () => {
    const late = run(DEAF, undefined, '4 seconds');
    const abort = new AbortController();
    await expect(late).rejects.toThrow('took longer than its timeout of 4 seconds and was stopped');
    const unwanted = run(DEAF, abort.signal);
    const process = await processOf();
    abort.abort(new Error('cancelled'));
    await expect(unwanted).rejects.toThrow('cancelled');
    expect(isRunning(process)).toBe(false);
  });
});
