import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Client } from 'pg';
import { startStack, type Stack, type StackOptions } from '../services/stack.ts';
import { s3Client } from '../../connectors/aws/s3-client.ts';
import { Glue } from '../../connectors/jobs/glue/jobs.ts';
import { S3Lake } from '../../connectors/lake/s3/lake.ts';
import { GlueExtractor, type GlueExtractorOptions } from '../../connectors/extractor/glue/extractor.ts';

export const BUCKET = 'lake';

export interface GlueHarness {
  readonly extractor: GlueExtractor;
  readonly lake: S3Lake;
  readonly jobs: Glue;
  readonly stack: Stack;
  /** Of the source database. */
  readonly url: URL;
  readonly options: Omit<GlueExtractorOptions, 'jobs' | 'lake'>;
  readonly sql: (statement: string) => Promise<Record<string, unknown>[]>;
  /** The same with other options. */
  readonly reopened: (options: Partial<GlueExtractorOptions>) => { readonly extractor: GlueExtractor };
  readonly stop: () => Promise<void>;
}

/** A source database, an S3 server and the Glue stand-in, all of their own. The SDK finds them by the environment. */
export async function startHarness(job?: StackOptions['job']): Promise<GlueHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'glue-extractor-'));
  const stack = await startStack({ folder, bucket: BUCKET, ...(job ? { job } : {}) });
  Object.assign(process.env, stack.env);
  const admin = new Client({ connectionString: process.env['SLUICE_TEST_POSTGRES'] });
  await admin.connect();
  const url = new URL(process.env['SLUICE_TEST_POSTGRES'] ?? '');
  url.pathname = `/glue_${randomBytes(6).toString('hex')}`;
  const database = url.pathname.slice(1);
  await admin.query(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING 'UTF8'`);
  const client = new Client({ connectionString: url.href });
  await client.connect();
  const secrets = new SecretsManagerClient();
  const { ARN = '' } = await secrets.send(
    new CreateSecretCommand({
      Name: 'source',
      SecretString: JSON.stringify({ username: url.username, password: url.password }),
    }),
  );
  const lake = new S3Lake({ client: s3Client({ pathStyle: true }), bucket: BUCKET, prefix: 'lake' });
  const jobs = new Glue();
  const options = {
    job: stack.extractionJob,
    secretArn: ARN,
    source: { host: url.hostname, port: Number(url.port), database, schema: 'public' },
  };
  return {
    lake,
    jobs,
    stack,
    url,
    options,
    extractor: new GlueExtractor({ ...options, jobs, lake }),
    reopened: (changed) => ({ extractor: new GlueExtractor({ ...options, jobs, lake, ...changed }) }),
    sql: async (statement) => (await client.query<Record<string, unknown>>(statement)).rows,
    async stop() {
      await client.end();
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
