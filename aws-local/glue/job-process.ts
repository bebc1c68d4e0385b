import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { startFenced, type Fenced } from '../services/fenced.ts';
import type { JobRun, LocalJob } from './jobs.ts';
import { sparkSubmit, type SparkTools } from './spark-submit.ts';

export interface JobEnvironment {
  readonly tools: SparkTools;
  readonly s3: S3Client;
  readonly s3Server: { readonly endpoint: string; readonly region: string };
  /** What the job's own AWS calls need: endpoints, region, keys. */
  readonly env: Readonly<Record<string, string>>;
  readonly memory: string;
  /** Takes a folder for each job run, with script, log and spills. */
  readonly folder: string;
}

const ERROR_LINES = 400; // of the log's end are searched for the exception
const ERROR_LENGTH = 1_500; // characters, about what Glue keeps

export function logPath(folder: string, runId: string): string {
  return join(folder, runId, 'error.log');
}

/** Fetches the job's files from S3 and submits the script. @throws where a file is missing in S3 */
export async function launch(job: LocalJob, run: JobRun, environment: JobEnvironment): Promise<Fenced> {
  const { tools, s3, s3Server, env, memory } = environment;
  const folder = join(environment.folder, run.Id);
  await mkdir(folder, { recursive: true });
  const { '--extra-py-files': pyFiles = '', ...given } = {
    ...job.DefaultArguments,
    ...run.Arguments,
  };
  const fetched = (uri: string) => fetchFile(s3, uri, folder);
  const script = await fetched(job.ScriptLocation);
  const modules = await Promise.all(pyFiles.split(',').filter(Boolean).map(fetched));
  const own = { '--JOB_NAME': job.Name, '--JOB_ID': `j_${job.Name}`, '--JOB_RUN_ID': run.Id };
  const { command, args } = sparkSubmit({
    tools,
    script,
    pyFiles: modules,
    arguments: Object.entries({ ...own, ...given }).flat(),
    s3: s3Server,
    scratch: join(folder, 'scratch'),
    memory,
  });
  const path = [join(import.meta.dirname, 'shim'), process.env['PYTHONPATH'] ?? ''].filter(Boolean);
  return startFenced(command, args, {
    cwd: folder,
    log: logPath(environment.folder, run.Id),
    env: {
      ...process.env,
      ...env,
      ...(tools.javaHome ? { JAVA_HOME: tools.javaHome } : {}),
      PYTHONPATH: path.join(delimiter),
      PYTHONUNBUFFERED: '1',
      PYSPARK_PYTHON: join(tools.python, 'bin', 'python'),
      PYSPARK_DRIVER_PYTHON: join(tools.python, 'bin', 'python'),
      SPARK_LOCAL_IP: '127.0.0.1',
    },
  });
}

/** What Glue says of a script that failed: the last exception, as `Name: message`. */
export async function errorMessage(folder: string, runId: string): Promise<string> {
  const text = await readFile(logPath(folder, runId), 'utf8').catch(() => '');
  const lines = text.split('\n').slice(-ERROR_LINES);
  const last = lines.findLastIndex((line) => /^[\w.]*(Error|Exception|Interrupt|Exit)\b/.test(line));
  if (last < 0) return 'Command failed with exit code 1';
  const following = lines
    .slice(last)
    .findIndex((line, at) => at > 0 && /^(\d\d\/\d\d\/\d\d |\s*$)/.test(line));
  const message = lines.slice(last, following < 0 ? undefined : last + following).join('\n');
  return (lines[last] ?? '').replace(/^[\w.]*\./, '') === message ? message : message.slice(0, ERROR_LENGTH);
}

/** Leaves the log; spills and fetched files go. */
export async function tidy(folder: string, runId: string): Promise<void> {
  await rm(join(folder, runId, 'scratch'), { recursive: true, force: true });
}

async function fetchFile(s3: S3Client, uri: string, folder: string): Promise<string> {
  const { host, pathname } = new URL(uri);
  const path = join(folder, basename(pathname));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: host, Key: pathname.slice(1) }));
  await writeFile(path, (await Body?.transformToByteArray()) ?? '');
  return path;
}
