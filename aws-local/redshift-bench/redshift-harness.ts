import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import pg from 'pg';
import { redshiftDataClient } from '../../connectors/aws/clients.ts';
import { openStore, type S3Options } from '../redshift-database/store.ts';
import { startRedshift, type Redshift, type RedshiftOptions } from '../redshift/start.ts';
import { s3ServerProgram, startS3Server } from '../s3/server.ts';
import { keysOf } from '../services/stack.ts';
import { howToGet } from '../services/tools.ts';

const KEYS = keysOf({});
const REGION = 'eu-central-1';
export const BUCKET = 'lake';
export const ROLE = 'arn:aws:iam::000000000000:role/sluice-copy';

/** What the bench lacks on this machine, in words; undefined where it lacks nothing. */
export const missing = s3ServerProgram() ? undefined : `NOT TESTED: ${howToGet('versitygw')}`;

/** The stand-in over a database of its own in the tests' PostgreSQL, with an S3 server beside it. */
export interface RedshiftBench extends Redshift {
  readonly s3: S3Client;
  /** Where the S3 server is, and how to sign in. */
  readonly store: S3Options;
  /** A new client of the Data API, as the product makes them. */
  readonly client: () => RedshiftDataClient;
  readonly postgres: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
  /** Runs SQL past everything, as PostgreSQL reads it. */
  readonly sql: <T extends pg.QueryResultRow>(sql: string) => Promise<T[]>;
  /** Brings files into the lake. @returns their URIs */
  readonly publish: (paths: readonly string[]) => Promise<readonly string[]>;
  /** Drops every schema that is not PostgreSQL's or the stand-in's. */
  readonly reset: () => Promise<void>;
}

/** What differs from a workgroup `sluice` and a role that may read the lake. */
export type RedshiftBenchOptions = Partial<RedshiftOptions>;

export async function startRedshiftBench(options: RedshiftBenchOptions = {}): Promise<RedshiftBench> {
  const folder = await mkdtemp(join(tmpdir(), 'redshift-bench-'));
  const server = await startS3Server({ folder, region: REGION, ...KEYS });
  const store = { endpoint: server.endpoint, region: REGION, ...KEYS };
  const s3 = openStore(store);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const postgres = await newDatabase();
  const redshift = await startRedshift({
    postgres,
    s3: store,
    copyRoles: new Set([ROLE]),
    workgroups: new Set(['sluice']),
    clusters: new Set(['sluice-cluster']),
    delays: { pick: 3, start: 3 },
    ...options,
  });
  const sql = async <T extends pg.QueryResultRow>(text: string) =>
    (await redshift.database.pool.query<T>(text)).rows;
  return {
    ...redshift,
    s3,
    store,
    postgres,
    client: () => redshiftDataClient({ endpoint: redshift.data.endpoint, region: REGION, credentials: KEYS }),
    sql,
    publish: async (paths) => {
      const prefix = `bronze/load=${randomUUID()}`;
      const uris: string[] = [];
      for (const [at, path] of paths.entries()) {
        const Key = `${prefix}/part-${at}.parquet`;
        await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: await readFile(path) }));
        uris.push(`s3://${BUCKET}/${Key}`);
      }
      return uris;
    },
    reset: async () => {
      const schemas = await sql<{ name: string }>(
        `SELECT nspname AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'aws_local', 'public')`,
      );
      for (const { name } of schemas) await sql(`DROP SCHEMA "${name}" CASCADE`);
      redshift.data.faults.clear();
    },
    stop: async () => {
      await redshift.stop();
      s3.destroy();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @throws {Error} unless the tests' PostgreSQL runs, as the suite's set-up starts it */
async function newDatabase() {
  const url = process.env['SLUICE_TEST_POSTGRES'];
  if (!url)
    throw new Error(
      'SLUICE_TEST_POSTGRES is not set: run the tests with vitest, whose set-up starts PostgreSQL.',
    );
  const { hostname: host, port, username: user, password } = new URL(url);
  const database = `redshift_${randomUUID().slice(0, 8)}`;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${database}`);
  await client.end();
  return { host, port: Number(port), user, password, database };
}
