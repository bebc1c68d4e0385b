import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { LocalJob } from './jobs.ts';
import type { SparkTools } from './spark-submit.ts';

const SPARK = join(import.meta.dirname, '..', '..', 'spark');

/** Uploads the extraction job as it is deployed to Glue: the script, and its modules as a zip. */
export async function deployExtraction(
  s3: S3Client,
  bucket: string,
  { python }: SparkTools,
): Promise<LocalJob> {
  const folder = await mkdtemp(join(tmpdir(), 'spark-deploy-'));
  try {
    const zip = join(folder, 'sluice_jdbc.zip');
    await promisify(execFile)(join(python, 'bin', 'python'), ['-m', 'zipfile', '-c', zip, 'sluice_jdbc'], {
      cwd: SPARK,
    });
    const put = (name: string, Body: Buffer) =>
      s3.send(new PutObjectCommand({ Bucket: bucket, Key: `jobs/${name}`, Body }));
    await put('extract_jdbc.py', await readFile(join(SPARK, 'extract_jdbc.py')));
    await put('sluice_jdbc.zip', await readFile(zip));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    Name: 'sluice-extract',
    ScriptLocation: `s3://${bucket}/jobs/extract_jdbc.py`,
    DefaultArguments: { '--extra-py-files': `s3://${bucket}/jobs/sluice_jdbc.zip` },
    MaxConcurrentRuns: 2,
    Timeout: 60,
  };
}
