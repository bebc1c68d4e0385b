import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { LocalJob } from './jobs.ts';
import type { SparkTools } from './spark-submit.ts';

const SPARK = join(import.meta.dirname, '..', '..', 'spark');
const EXTRACT_JOB = 'sluice-extract';
/** Begins the names of jobs of tasks. */
const JOB_PREFIX = 'sluice-';

/** Uploads the extraction job as it is deployed to Glue: the script, and its modules as a zip. */
export async function deployExtraction(s3: S3Client, bucket: string, tools: SparkTools): Promise<LocalJob> {
  const modules = await uploadModules(s3, bucket, tools, 'sluice_jdbc.zip', ['sluice_jdbc']);
  return {
    Name: EXTRACT_JOB,
    ScriptLocation: await uploadScript(s3, bucket, join(SPARK, 'extract_jdbc.py')),
    DefaultArguments: { '--extra-py-files': modules },
    MaxConcurrentRuns: 2,
    Timeout: 60,
  };
}

/** Uploads the jobs of tasks. They find every package of the folder, as on this machine. */
export async function deployTaskJobs(s3: S3Client, bucket: string, tools: SparkTools): Promise<LocalJob[]> {
  const packages = readdirSync(SPARK).filter((name) => existsSync(join(SPARK, name, '__init__.py')));
  const modules = await uploadModules(s3, bucket, tools, 'packages.zip', packages);
  const scripts = readdirSync(join(SPARK, 'jobs')).filter((name) => name.endsWith('.py'));
  const jobs = scripts.map(async (script) => ({
    Name: `${JOB_PREFIX}${basename(script, '.py')}`,
    ScriptLocation: await uploadScript(s3, bucket, join(SPARK, 'jobs', script)),
    DefaultArguments: { '--extra-py-files': modules },
    MaxConcurrentRuns: 2,
    Timeout: 60,
  }));
  return Promise.all(jobs);
}

async function uploadModules(
  s3: S3Client,
  bucket: string,
  { python }: SparkTools,
  name: string,
  packages: readonly string[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'spark-deploy-'));
  try {
    const zip = join(folder, name);
    await promisify(execFile)(join(python, 'bin', 'python'), ['-m', 'zipfile', '-c', zip, ...packages], {
      cwd: SPARK,
    });
    return await upload(s3, bucket, name, await readFile(zip));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function uploadScript(s3: S3Client, bucket: string, path: string): Promise<string> {
  return upload(s3, bucket, basename(path), await readFile(path));
}

async function upload(s3: S3Client, bucket: string, name: string, Body: Buffer): Promise<string> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `jobs/${name}`, Body }));
  return `s3://${bucket}/jobs/${name}`;
}
