import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { homeFolder } from '../cli/embedded/home.ts';
import { openStack, type Stack } from '../cli/embedded/stack.ts';
import { Output } from '../cli/output.ts';
import { sourceAddress } from '../cli/seeding.ts';
import { withSession, type Session } from '../cli/session.ts';
import { followRun } from '../cli/follow-run.ts';
import { startRun } from '../operations/start-run.ts';
import { registry } from '../pipelines/index.ts';
import { seedOlist } from '../seed/index.ts';
import { BUNDLE } from '../worker/workflow-code.ts';

export interface AwsFigures {
  /** By service and operation, in the order of their number. */
  readonly calls: readonly { readonly service: string; readonly operation: string; readonly calls: number }[];
  /** By their first word, those that the Data API got. */
  readonly statements: Readonly<Record<string, number>>;
  readonly bytesOfFiles: number;
  readonly workerPeakRssMb: number;
  readonly seconds: Readonly<Record<string, number>>;
  readonly rows: number;
}

const quiet = new Output(true);

/** What one run of `olist` over everything asks of AWS, counted by the stand-ins. The workflows are bundled ahead, as in the image. */
export async function benchAws(orders: number): Promise<AwsFigures> {
  process.env['SLUICE_WORKFLOW_BUNDLE'] = BUNDLE;
  execFileSync('npm', ['run', '--silent', 'bundle'], { stdio: 'ignore' });
  const stack = await openStack('aws-local', () => undefined);
  try {
    return await withSession({ profile: 'aws-local', json: true }, quiet, (session) =>
      measure(stack, session, orders),
    );
  } finally {
    await stack.stop();
  }
}

async function measure(stack: Stack, session: Session, orders: number): Promise<AwsFigures> {
  await seedOlist(sourceAddress(session.profile, 'olist'), { orders });
  const run = (interval: string) => startRun(session, registry, { pipeline: 'olist', interval });
  await followRun(session, await run('2016-09-01/2019-01-01'), quiet); // which makes schemas and tables
  const before = await counts(stack);
  const handle = await run('2016-09-01/2019-01-01');
  const { rows } = await followRun(session, handle, quiet);
  const after = await counts(stack);
  const steps = await session.ledger.steps([handle.firstExecutionRunId]);
  const seconds = (names: readonly string[]) => {
    const times = steps.filter(({ step }) => names.includes(step));
    const ends = times.map(({ startedAt, finishedAt }) => Date.parse(finishedAt ?? startedAt));
    return (Math.max(...ends) - Math.min(...times.map(({ startedAt }) => Date.parse(startedAt)))) / 1000;
  };
  const calls = Object.entries(after.calls).map(([name, total]) => {
    const [service = '', operation = ''] = name.split(' ');
    return { service, operation, calls: total - (before.calls[name] ?? 0) };
  });
  return {
    calls: calls.filter((each) => each.calls).sort((a, b) => b.calls - a.calls),
    statements: Object.fromEntries(
      Object.entries(after.statements).map(([word, total]) => [word, total - (before.statements[word] ?? 0)]),
    ),
    bytesOfFiles: steps.reduce((sum, { step, bytes }) => sum + (step === 'extract' ? (bytes ?? 0) : 0), 0),
    workerPeakRssMb: await peakRssMb(stack.state.children['worker']?.pid ?? 0),
    seconds: {
      'extract (Spark, from start to stop)': seconds(['extract']),
      'load of 11 tables': seconds(['load']),
      transform: seconds(['transform']),
      'check, publish': seconds(['check', 'publish']),
    },
    rows,
  };
}

/** Counters of the stand-ins and the access log of the S3 server, where COPY and Spark call themselves otherwise than the worker. */
async function counts({ state }: Stack) {
  const get = async (url = '') =>
    (await (await fetch(`${url}/_calls`)).json()) as Record<string, Record<string, number>>;
  const redshift = await get(state.variables['AWS_ENDPOINT_URL_REDSHIFT_DATA']);
  const glue = (await get(state.variables['AWS_ENDPOINT_URL_GLUE'])) as unknown as Record<string, number>;
  const log = await readFile(join(homeFolder(process.env, 'aws-local'), 'aws', 's3', 'access.log'), 'utf8');
  const calls: Record<string, number> = {};
  const add = (name: string, more = 1) => (calls[name] = (calls[name] ?? 0) + more);
  for (const [operation, n] of Object.entries(redshift['operations'] ?? {}))
    add(`redshift-data ${operation}`, n);
  for (const [operation, n] of Object.entries(glue)) add(`glue ${operation}`, n);
  for (const line of log.split('\n')) {
    const [, operation] = / s3_(\w+) /.exec(line) ?? [];
    if (operation === undefined || !line.includes('aws-sdk-js') || line.includes('redshift-copy')) continue;
    add(`s3 ${operation}`);
  }
  return { calls, statements: redshift['statements'] ?? {} };
}

/** The most memory that a process has held. https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function peakRssMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024;
}
