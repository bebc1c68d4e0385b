import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  BatchStopJobRunCommand,
  GetJobRunsCommand,
  GlueClient,
  StartJobRunCommand,
} from '@aws-sdk/client-glue';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startGlueServer, type GlueServer } from '../../../aws-local/glue/server.ts';
import { findSpark } from '../../../aws-local/glue/spark-submit.ts';
import { startS3Server, type S3Server } from '../../../aws-local/s3/server.ts';
import { startFaultProxy, type FaultProxy } from '../../../aws-local/services/faults.ts';
import { missingForStack } from '../../../aws-local/services/stack.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { Glue } from './jobs.ts';

/** Jobs as they are deployed, and the scripts behind them. */
const SCRIPTS = {
  quick: `print("well done")`,
  slow: `import time\nprint("at work", flush=True)\ntime.sleep(600)`,
  failing: `import sys\nprint("looking for it", file=sys.stderr)\nraise ValueError("no such table: orders\\nin schema public")`,
  late: `import time\ntime.sleep(600)`,
};

const missing = missingForStack();
if (missing.length)
  describe.skip(`Glue NOT TESTED: ${missing.join(' ')}`, () => it('runs jobs', () => undefined));
else describe('Glue', { timeout: 180_000 }, runsJobs);

function runsJobs(): void {
  let folder: string;
  let s3: S3Server;
  let server: GlueServer;
  let proxy: FaultProxy;
  let glue: Glue;
  let client: GlueClient;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'glue-jobs-'));
    const keys = { accessKeyId: 'local', secretAccessKey: 'local-secret' };
    s3 = await startS3Server({ folder, ...keys });
    const store = s3Client({
      endpoint: s3.endpoint,
      region: 'eu-central-1',
      pathStyle: true,
      credentials: keys,
    });
    await store.send(new CreateBucketCommand({ Bucket: 'jobs' }));
    for (const [name, script] of Object.entries(SCRIPTS))
      await store.send(new PutObjectCommand({ Bucket: 'jobs', Key: `${name}.py`, Body: script }));
    const tools = findSpark();
    if (typeof tools === 'string') throw new Error(tools);
    server = await startGlueServer({
      jobs: [...Object.keys(SCRIPTS), 'scriptless'].map((Name) => ({
        Name,
        ScriptLocation: `s3://jobs/${Name}.py`,
        ...(Name === 'late' ? { Timeout: 0.05 } : {}),
      })),
      tools,
      s3: store,
      s3Server: { endpoint: s3.endpoint, region: 'eu-central-1' },
      env: {},
      memory: '512m',
      folder: join(folder, 'runs'),
    });
    proxy = await startFaultProxy(server.endpoint);
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_ENDPOINT_URL_GLUE: proxy.endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: proxy.endpoint,
    });
    glue = new Glue();
    client = new GlueClient();
  });
  afterAll(async () => {
    await server.stop();
    await proxy.stop();
    await s3.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(() => proxy.heal());

  const never = () => new AbortController().signal;
  const request = (job: string, token: string) => ({ job, token, arguments: { '--word': 'x' } });
  const runsOf = async (job: string) =>
    (await client.send(new GetJobRunsCommand({ JobName: job }))).JobRuns ?? [];
  const isStart = ({ headers }: { headers: Record<string, unknown> }) =>
    headers['x-amz-target'] === 'AWSGlue.StartJobRun';
  const processesOf = (runId: string) =>
    execFileSync('ps', ['-eo', 'args'])
      .toString()
      .split('\n')
      .filter((line) => line.includes(runId));

  it('runs a job to its end, showing its states, the token among its arguments', async () => {
    const states: string[] = [];
    const outcome = await glue.run(request('quick', 'q1'), never(), ({ state }) => states.push(state));
    expect(outcome).toMatchObject({ succeeded: true, message: null });
    expect(new Set(states)).toEqual(
      new Set(['STARTING', 'RUNNING', 'SUCCEEDED'].filter((s) => states.includes(s))),
    );
    expect(states.at(-1)).toBe('SUCCEEDED');
    expect((await runsOf('quick'))[0]?.Arguments).toEqual({ '--word': 'x', '--token': 'q1' });
  });

  it('starts once when the answer to the start is lost', async () => {
    const before = (await runsOf('quick')).length;
    proxy.strike({ where: isStart, fault: 'lose the answer' });
    const outcome = await glue.run(request('quick', 'lost'), never());
    expect(outcome.succeeded).toBe(true);
    expect((await runsOf('quick')).length).toBe(before + 1);
  });

  it('brings the job’s own error and the end of its log', async () => {
    const { succeeded, message, ending } = await glue.run(request('failing', 'f1'), never());
    expect({ succeeded, ending }).toEqual({ succeeded: false, ending: 'exited' });
    expect(message).toMatch(/ended as FAILED: ValueError: no such table: orders\nin schema public/);
    expect(message).toMatch(/End of its log:[^]*looking for it/);
  });

  it('joins the run of its token that is under way; on abort stops it and its processes', async () => {
    const { JobRunId = '' } = await client.send(
      new StartJobRunCommand({ JobName: 'slow', Arguments: { '--token': 's1' } }),
    );
    const abort = new AbortController();
    const joined: string[] = [];
    const running = glue.run(request('slow', 's1'), abort.signal, ({ jobRunId, state }) => {
      joined.push(jobRunId);
      if (state === 'RUNNING') abort.abort(new Error('cancelled by hand'));
    });
    await expect(running).rejects.toThrow('cancelled by hand');
    expect(new Set(joined)).toEqual(new Set([JobRunId]));
    expect((await runsOf('slow')).map(({ JobRunState }) => JobRunState)).toEqual(['STOPPED']);
    expect(processesOf(JobRunId)).toEqual([]);
  });

  it('stops what is under way of a token for whoever did not start it', async () => {
    const begun = glue.run(request('slow', 'left'), never());
    const ended = begun.catch((error: unknown) => error);
    const states = async () =>
      (await client.send(new GetJobRunsCommand({ JobName: 'slow' }))).JobRuns?.filter(
        ({ Arguments }) => Arguments?.['--token'] === 'left',
      ).map(({ JobRunState }) => JobRunState);
    await expect.poll(states, { timeout: 60_000 }).toEqual(['RUNNING']);
    await new Glue().stop({ job: 'slow', token: 'nobody' });
    await new Glue().stop({ job: 'slow', token: 'left' });
    expect(await ended).toMatchObject({ succeeded: false, ending: 'killed' });
    expect(await states()).toEqual(['STOPPED']);
    await new Glue().stop({ job: 'slow', token: 'left' });
  });

  it('takes the outcome of a run of its token that has ended, where it is told to', async () => {
    const taking = new Glue({ takesEnded: true });
    const ids = new Set<string>();
    for (let attempt = 0; attempt < 2; attempt += 1)
      ids.add((await taking.run(request('quick', 'taken'), never())).jobRunId);
    expect(ids.size).toBe(1);
    ids.add((await glue.run(request('quick', 'taken'), never())).jobRunId);
    expect(ids.size).toBe(2);
  });

  it('calls it transient when as many runs as allowed are under way', async () => {
    const abort = new AbortController();
    const first = glue.run(request('slow', 'one'), abort.signal).catch(() => undefined);
    await expect
      .poll(async () => (await runsOf('slow')).some(({ JobRunState }) => JobRunState === 'RUNNING'))
      .toBe(true);
    await expect(glue.run(request('slow', 'two'), never())).rejects.toMatchObject({
      name: 'Unreachable',
      message: expect.stringMatching(/Glue job 'slow'.*as many runs/) as string,
    });
    abort.abort();
    await first;
  });

  it('says that a run was ended from outside', async () => {
    const outcome = await glue.run(request('slow', 'stopped'), never(), ({ jobRunId, state }) => {
      if (state !== 'RUNNING') return;
      void client.send(new BatchStopJobRunCommand({ JobName: 'slow', JobRunIds: [jobRunId] }));
    });
    expect(outcome).toMatchObject({ succeeded: false, ending: 'killed' });
    expect(outcome.message).toMatch(/ended as STOPPED/);
  });

  it('says that a run took longer than its limit', async () => {
    const { message, ending } = await glue.run(request('late', 'l1'), never());
    expect(ending).toBe('timed out');
    expect(message).toMatch(/ended as TIMEOUT: Job run has exceeded its timeout/);
  });

  it('says that the script is missing', async () => {
    const { message } = await glue.run(request('scriptless', 'x'), never());
    expect(message).toMatch(/ended as FAILED: LAUNCH ERROR \| NoSuchKey/);
  });

  for (const [code, status, name, message] of [
    ['ThrottlingException', 400, 'Unreachable', /slow down/],
    ['InternalServiceException', 500, 'Unreachable', /Glue failed/],
    ['ExpiredTokenException', 400, 'Unreachable', /credentials have expired/],
    ['AccessDeniedException', 400, 'TerminalError', /glue:StartJobRun/],
  ] as const) {
    it(`calls ${code} a ${name}`, async () => {
      const body = JSON.stringify({ __type: code, message: 'said Glue' });
      proxy.strike({ where: isStart, fault: { status, body, type: 'application/x-amz-json-1.1' } });
      await expect(glue.run(request('quick', code), never())).rejects.toMatchObject({
        name,
        message: expect.stringMatching(message) as string,
      });
    });
  }

  it('names a job that is not deployed', async () => {
    await expect(glue.run(request('unknown', 'x'), never())).rejects.toMatchObject({
      name: 'TerminalError',
      message: expect.stringMatching(/'unknown': there is no such job; deploy it/) as string,
    });
  });
}
