import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findSpark } from '../../../aws-local/glue/spark-submit.ts';
import { runsJobs } from '../conformance/runner.ts';
import type { SparkTaskJob } from '../port.ts';
import { LocalSpark } from './spark.ts';

/** Jobs as a project has them. One reads its input, counts with Spark, and leaves a result. */
const JOBS = {
  quick: `print("well done")`,
  shot: `import os, signal\nos.kill(os.getpid(), signal.SIGKILL)`,
  slow: `import time\nprint("at work", flush=True)\ntime.sleep(600)`,
  failing: `import sys\nprint("looking for it", file=sys.stderr)\nraise ValueError("no such table: orders")`,
  counting: `
import argparse, json, os
from urllib.parse import urlparse
from pyspark.sql import SparkSession
options = argparse.ArgumentParser()
for name in ("input-uri", "output-uri", "token", "pipeline", "interval-start"):
    options.add_argument("--" + name)
given, _ = options.parse_known_args()
task = json.load(open(urlparse(given.input_uri).path))
spark = SparkSession.builder.getOrCreate()
result = {"rows": spark.range(task["params"]["rows"]).count(), "day": given.interval_start, "secret": os.environ["TOKEN"]}
json.dump(result, open(urlparse(given.output_uri).path, "w"))
`,
};

const tools = findSpark();
if (typeof tools === 'string')
  describe.skip(`Spark on this machine NOT TESTED: ${tools}`, () => it('runs jobs', () => undefined));
else describe('Spark on this machine', { timeout: 180_000 }, () => runs(tools.python));

function runs(python: string): void {
  let folder: string;
  let runner: LocalSpark;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'spark-jobs-'));
    for (const [name, text] of Object.entries(JOBS)) writeFileSync(join(folder, `${name}.py`), text);
    runner = new LocalSpark({ python, folder, memory: '512m', conf: {}, outputLimit: 65_536 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const request = (job: string, token: string, more: Partial<SparkTaskJob> = {}): SparkTaskJob => ({
    subject: `shop's task '${job}'`,
    token,
    owner: 'r1',
    name: `shop-${job}`,
    job,
    arguments: { '--pipeline': 'shop', '--interval-start': '2024-03-01T00:00:00Z' },
    environment: {},
    input: '{}',
    timeoutMs: 600_000,
    ...more,
  });
  const processesOf = (token: string) =>
    execFileSync('ps', ['-eo', 'args'])
      .toString()
      .split('\n')
      .filter((line) => /^\S*python\S* .*--token/.test(line) && line.includes(`--token ${token}`)).length;

  runsJobs(() => ({
    runner,
    request: (behaviour, token) => request(behaviour, token),
    underWay: (token) => Promise.resolve(processesOf(token)),
    isElsewhere: false,
  }));

  it('has a job told of its task and give a result', async () => {
    const lines: string[] = [];
    const outcome = await runner.run(
      request('counting', 'counts', { input: '{"params": {"rows": 1000}}', environment: { TOKEN: 'known' } }),
      new AbortController().signal,
      undefined,
      (line) => lines.push(line),
    );
    expect(outcome.output?.text).toBe('{"rows": 1000, "day": "2024-03-01T00:00:00Z", "secret": "known"}');
    expect(lines.filter((line) => line.includes(' INFO '))).toEqual([]);
  });

  it('says which job is not there, and where there is no Spark', async () => {
    const never = new AbortController().signal;
    await expect(runner.run(request('absent', 'a'), never)).rejects.toThrow(
      `shop's task 'absent': there is no ${join(folder, 'absent.py')}`,
    );
    const without = new LocalSpark({ python: '/nowhere', folder, memory: '1g', conf: {}, outputLimit: 1 });
    await expect(without.run(request('quick', 'b'), never)).rejects.toThrow('there is no Spark in /nowhere');
  });

  it('says that it was killed, also where it was Python alone: Spark hands on how that ended', async () => {
    const outcome = await runner.run(request('shot', 'shot'), new AbortController().signal);
    expect(outcome).toMatchObject({
      succeeded: false,
      ending: 'killed',
      message: expect.stringMatching(/^Spark job 'shot' ended with exit code 137, by SIGKILL/) as string,
    });
  });

  it('is stopped when its time is over', async () => {
    const outcome = await runner.run(
      request('slow', 'late', { timeoutMs: 1_000 }),
      new AbortController().signal,
    );
    expect(outcome).toMatchObject({ succeeded: false, ending: 'timed out' });
    expect(processesOf('late')).toBe(0);
  });
}
