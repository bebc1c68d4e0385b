import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { s3Client } from '../../connectors/aws/s3-client.ts';
import {
  RdsExportExtractor,
  type RdsExportOptions,
} from '../../connectors/extractor/rds-export/extractor.ts';
import type { Given } from '../../connectors/extractor/rds-export/export-once.fixture.ts';
import { S3Lake } from '../../connectors/lake/s3/lake.ts';
import { openPostgres, type PostgresHarness } from '../../connectors/source/postgres/harness.ts';
import { s3ServerProgram, startS3Server, type S3Server } from '../s3/server.ts';
import { keysOf } from '../services/stack.ts';
import { howToGet } from '../services/tools.ts';
import { startExporter, type Exporter, type ExporterOptions } from './exporter.ts';
import { installAwsS3 } from './extension.ts';

const REGION = 'eu-central-1';
const BUCKET = 'lake';

/** What the harness lacks on this machine, in words; undefined where it lacks nothing. */
export const missing = s3ServerProgram() ? undefined : `NOT TESTED: ${howToGet('versitygw')}`;

/** A database of the tests' PostgreSQL that can export, and the extractor that has it do so, over an S3 server of their own. */
export interface ExportHarness {
  readonly postgres: PostgresHarness;
  readonly extractor: RdsExportExtractor;
  readonly lake: S3Lake;
  readonly exporter: Exporter;
  readonly s3: S3Server;
  /** Of the database. */
  readonly url: string;
  /** For a process beside this one. */
  readonly given: Omit<Given, 'request'>;
  /** Keys in the bucket, as they begin; all where nothing is said. */
  readonly keys: (prefix?: string) => Promise<string[]>;
  /** Writes an object, over one that is there. */
  readonly put: (key: string, text: string) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

export async function startExportHarness(
  options: Partial<RdsExportOptions> & Pick<ExporterOptions, 'fileBytes'> = {},
): Promise<ExportHarness> {
  const { fileBytes, ...changed } = options;
  const folder = await mkdtemp(join(tmpdir(), 'rds-export-'));
  const keys = keysOf({});
  const s3 = await startS3Server({ folder, region: REGION, ...keys });
  const place = { endpoint: s3.endpoint, region: REGION };
  const signedIn = { ...place, pathStyle: true, credentials: keys };
  const client = s3Client(signedIn);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const exporter = await startExporter({ s3: place, keys, ...(fileBytes && { fileBytes }) });
  const postgres = await openPostgres();
  await installAwsS3(
    { connectionString: urlOf(postgres.options) },
    { host: '127.0.0.1', port: exporter.port },
  );
  const inLake = { bucket: BUCKET, prefix: 'lake', scratch: join(folder, 'scratch') };
  const lake = new S3Lake({ client, ...inLake });
  const extractor = new RdsExportExtractor({
    exports: postgres.source.exports,
    lake,
    region: REGION,
    parquetVersion: 'V2',
    ...changed,
  });
  const bucket = join(s3.objects, BUCKET);
  return {
    postgres,
    url: urlOf(postgres.options),
    extractor,
    lake,
    exporter,
    s3,
    given: { database: postgres.options, s3: signedIn, lake: inLake, region: REGION },
    keys: async (prefix = '') => {
      const found = await readdir(bucket, { recursive: true, withFileTypes: true });
      return found
        .filter((entry) => entry.isFile())
        .map((entry) => relative(bucket, join(entry.parentPath, entry.name)))
        .filter((key) => key.startsWith(prefix))
        .sort();
    },
    put: (Key, Body) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body })),
    stop: async () => {
      await postgres.close();
      await exporter.stop();
      client.destroy();
      await s3.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function urlOf({ user, password, host, port, database }: PostgresHarness['options']): string {
  return `postgres://${user}:${password}@${host}:${port}/${database}`;
}
