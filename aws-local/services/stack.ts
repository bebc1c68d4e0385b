import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { openEcs } from '../ecs/server.ts';
import { catalogAnswers } from '../glue-catalog/catalog.ts';
import { deployExtraction, deployTaskJobs } from '../glue/deploy.ts';
import { startGlueServer, type GlueServer } from '../glue/server.ts';
import { findSpark } from '../glue/spark-submit.ts';
import { s3ServerProgram, startS3Server } from '../s3/server.ts';
import { motoProgram, startMoto, type MotoServer } from './moto.ts';
import { howToGet } from './tools.ts';

export interface StackOptions {
  /** Takes objects, logs and what jobs leave. */
  readonly folder: string;
  /** Made where it is not there. */
  readonly bucket: string;
  readonly region?: string;
  /** What the servers listen on (default the loopback interface). */
  readonly host?: string;
  /** Free ones where absent. */
  readonly ports?: { readonly s3?: number; readonly moto?: number; readonly glue?: number };
  /** Of an S3 server that runs already; one is started where absent. */
  readonly s3Endpoint?: string;
  /** Of the S3 server (default `local-secret`; the others take any). The access key is `local`. */
  readonly secretAccessKey?: string;
  /** For Spark's driver (default `1g`). */
  readonly memory?: string;
  /** Lets tests change the job as it is deployed. */
  readonly job?: { readonly MaxConcurrentRuns?: number; readonly Timeout?: number };
}

export interface Stack {
  /** What the SDKs of Node and Python find the services by; put it into the environment of whoever calls them. */
  readonly env: Readonly<Record<string, string>>;
  readonly s3: { readonly endpoint: string; readonly objects?: string };
  readonly glue: GlueServer;
  readonly moto: MotoServer;
  /** Where containers of tasks are run, by the names that a profile asks for. */
  readonly containers: { readonly cluster: string; readonly logGroup: string };
  /** The name under which the extraction job is deployed. */
  readonly extractionJob: string;
  stop(): Promise<void>;
}

/** Keys of the local servers; they open nothing else. */
export function keysOf({ secretAccessKey = 'local-secret' }: Pick<StackOptions, 'secretAccessKey'>) {
  return { accessKeyId: 'local', secretAccessKey };
}

/** What is missing for `startStack`, in words; empty where nothing is. */
export function missingForStack({ s3Endpoint }: Pick<StackOptions, 's3Endpoint'> = {}): string[] {
  const spark = findSpark();
  return [
    ...(s3Endpoint !== undefined || s3ServerProgram() ? [] : [howToGet('versitygw')]),
    ...(motoProgram() ? [] : [howToGet('moto (.tools/moto)')]),
    ...(typeof spark === 'string' ? [spark] : []),
  ];
}

const CONTAINERS = { cluster: 'sluice-tasks', logGroup: '/sluice/local/tasks' };

/** Starts S3, Glue, ECS, and what moto answers; deploys the extraction job. Everything ends with this process at the latest. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, bucket, region = 'eu-central-1', memory = '1g', ports = {}, s3Endpoint } = options;
  const host = options.host ?? '127.0.0.1';
  const keys = keysOf(options);
  const spark = findSpark();
  if (typeof spark === 'string') throw new Error(spark);
  await mkdir(folder, { recursive: true });
  const [own, moto] = await Promise.all([
    s3Endpoint === undefined
      ? startS3Server({ folder: join(folder, 's3'), host, port: ports.s3, region, ...keys })
      : undefined,
    startMoto(folder, { host, port: ports.moto }),
  ]);
  const s3 = own ?? { endpoint: s3Endpoint ?? '' };
  const client = new S3Client({
    region,
    endpoint: s3.endpoint,
    forcePathStyle: true,
    credentials: keys,
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket })).catch(passWhereOurs);
  const common = {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint,
    AWS_ENDPOINT_URL_SSM: moto.endpoint,
    AWS_ENDPOINT_URL_SNS: moto.endpoint,
    AWS_ENDPOINT_URL_CLOUDWATCH: moto.endpoint,
  };
  const job = { ...(await deployExtraction(client, bucket, spark)), ...options.job };
  const ecs = openEcs({ ...CONTAINERS, folder: join(folder, 'ecs'), env: common });
  const glue = await startGlueServer({
    host,
    port: ports.glue,
    jobs: [job, ...(await deployTaskJobs(client, bucket, spark))],
    tools: spark,
    s3: client,
    s3Server: { endpoint: s3.endpoint, region },
    env: common,
    memory,
    folder: join(folder, 'glue'),
    beside: { ...ecs.answers, ...catalogAnswers(moto.endpoint) },
  });
  return {
    env: {
      ...common,
      AWS_ENDPOINT_URL_GLUE: glue.endpoint,
      AWS_ENDPOINT_URL_ECS: glue.endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: glue.endpoint,
    },
    s3,
    glue,
    moto,
    containers: CONTAINERS,
    extractionJob: job.Name,
    async stop() {
      await ecs.close();
      await glue.stop();
      await Promise.all([own?.stop(), moto.stop()]);
      client.destroy();
    },
  };
}

function passWhereOurs(error: unknown): void {
  if (!(error instanceof Error && error.name === 'BucketAlreadyOwnedByYou')) throw error;
}
