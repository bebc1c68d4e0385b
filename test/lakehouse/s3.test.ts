import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GlueClient } from '@aws-sdk/client-glue';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingForStack, startStack, type Stack } from '../../aws-local/services/stack.ts';
import { s3Client } from '../../connectors/aws/s3-client.ts';
import { GlueCatalog } from '../../connectors/catalog/glue/catalog.ts';
import { readTable } from '../../connectors/catalog/glue/catalog.fixture.ts';
import { Exchange } from '../../connectors/jobs/exchange.ts';
import { Glue } from '../../connectors/jobs/glue/jobs.ts';
import { GlueSpark } from '../../connectors/jobs/glue/spark.ts';
import { Bucket } from '../../connectors/lake/s3/bucket.ts';
import { S3Lake } from '../../connectors/lake/s3/lake.ts';
import { runSpark } from '../../connectors/tasks/spark.ts';
import type { DatasetInput } from '../../connectors/tasks/port.ts';
import { datasetTable, type Publication } from '../../core/datasets.ts';

const BUCKET = 'lake';
const PIPELINE = 'olist_lakehouse';
const NAMES = ['silver.orders'];
const BY = ['year', 'month'];
const missing = missingForStack();

describe.skipIf(missing.length)(
  `the lakehouse in S3 ${missing.length ? `NOT TESTED: ${missing.join(' ')}` : ''}`,
  { timeout: 600_000 },
  () => {
    let folder: string;
    let stack: Stack;
    let duckdb: DuckDBConnection;
    const before = { ...process.env };
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lakehouse-s3-'));
      stack = await startStack({ folder, bucket: BUCKET });
      Object.assign(process.env, stack.env);
      duckdb = await (await DuckDBInstance.create()).connect();
    }, 120_000);
    afterAll(async () => {
      duckdb.closeSync();
      await stack.stop();
      process.env = before;
      await rm(folder, { recursive: true, force: true });
    });

    it('is made by a job on Glue, from changes in the bucket and upon what it was; the catalog says where its files are', async () => {
      const client = s3Client({ pathStyle: true });
      const lake = new S3Lake({ client, bucket: BUCKET, prefix: 'team' });
      const bucket = new Bucket(client, BUCKET);
      const catalog = new GlueCatalog({ listed: (uri) => bucket.uris(uri) });
      const spark = new GlueSpark({
        jobs: new Glue({ takesEnded: true }),
        exchange: new Exchange(client, BUCKET, 'team'),
        prefix: 'sluice-',
        outputLimit: 65_536,
      });
      const local = (uri: string) => join(stack.s3.objects ?? '', uri.replace('s3://', ''));
      /** Changes of a table in the lake, as extraction leaves them. */
      const changes = async (table: string, lsn: string, rows: string): Promise<readonly string[]> => {
        const key = `team/bronze/${PIPELINE}/${table}/load=${lsn}/part-0.parquet`;
        const path = join(folder, 'changes.parquet');
        await duckdb.run(`COPY (
          SELECT *, '${lsn}' AS _commit_lsn, row_number() OVER () AS _seq, now()::TIMESTAMPTZ AS _commit_time,
            NULL::VARCHAR AS _unchanged, NULL::VARCHAR AS _base FROM (${rows})) TO '${path}' (PARQUET_VERSION V1)`);
        await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: await readFile(path) }));
        return [bucket.uri(key)];
      };
      const orders = (rows: string) =>
        `SELECT op AS _op, id AS order_id, status AS order_status, bought::TIMESTAMP AS order_purchase_timestamp,
           approved::TIMESTAMP AS order_approved_at FROM (VALUES ${rows}) AS v (op, id, status, bought, approved)`;
      /** What a step of a run does with these files: the job, the publication, the catalog. */
      const run = async (
        files: Readonly<Record<string, readonly string[]>>,
        upon: Publication | undefined,
      ): Promise<Publication> => {
        const runId = randomUUID();
        const place = { pipeline: PIPELINE, task: 'silver', run: runId };
        const opened = await lake.datasets.open(place, `${runId}-1700000000000-1`, NAMES, upon);
        const inputOf = (name: string): DatasetInput => {
          const table = 'orders';
          const present = upon?.datasets[name];
          const loads = [{ loadId: 'l', files: files[table] ?? [] }];
          const primaryKey = ['order_id'];
          return {
            uri: opened.uris[name] ?? '',
            partitionedBy: BY,
            present: present ? { files: lake.datasets.fileUris(PIPELINE, name, present) } : null,
            from: { [table]: { mode: 'changes', primaryKey, columns: [], whole: !present, loads } },
          };
        };
        const interval = { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' } as const;
        const lines: string[] = [];
        await runSpark(
          {
            subject: "olist_lakehouse's task 'silver'",
            name: 'silver',
            job: 'olist_silver',
            timeout: '5 minutes',
            environment: {},
            masked: (text) => text,
          },
          spark,
          {
            run: { pipeline: PIPELINE, interval, runId, workflowId: 'w' },
            params: {},
            results: {},
            attempt: 1,
            datasets: Object.fromEntries(NAMES.map((name) => [name, inputOf(name)])),
          },
          new AbortController().signal,
          (line) => void lines.push(line),
        );
        const publication = await opened.publish(
          Object.fromEntries(NAMES.map((name) => [name, { inputs: {}, revision: 1, partitionedBy: BY }])),
        );
        const tables = Object.entries(publication.datasets).map(([name, version]) => ({
          ...datasetTable(PIPELINE, name),
          columns: version.columns,
          partitionedBy: version.partitionedBy,
          folderUri: lake.datasets.folderUri(PIPELINE, name),
          fileUris: lake.datasets.fileUris(PIPELINE, name, version),
        }));
        await catalog.point(tables, new AbortController().signal);
        return publication;
      };
      const glue = new GlueClient();
      const read = async (table: string, columns: readonly string[]) => {
        const { rows } = await readTable(glue, `${PIPELINE}_silver`, table, (uri) => local(uri));
        return rows
          .map((row) => JSON.parse(row) as Record<string, unknown>)
          .map((row) => columns.map((name) => row[name]).join(' '))
          .sort();
      };

      const one = await run(
        {
          orders: await changes(
            'orders',
            '00000001',
            orders(`('I', 'a', 'shipped', '2017-01-02', '2017-01-03'), ('I', 'b', 'shipped', '2018-02-02', '2018-02-03'),
              ('I', 'c', 'created', '2018-02-02', NULL)`),
          ),
        },
        undefined,
      );
      expect(await read('orders', ['order_id', 'order_status', 'year', 'month'])).toEqual([
        'a shipped 2017 1',
        'b shipped 2018 2',
        'c created  ',
      ]);

      const two = await run(
        {
          orders: await changes(
            'orders',
            '00000002',
            orders(
              `('U', 'c', 'approved', '2018-02-02', '2018-02-05'), ('D', 'b', NULL, NULL, NULL), ('I', 'd', 'created', '2018-03-01', NULL)`,
            ),
          ),
        },
        one,
      );
      expect(two.number).toBe(2);
      expect(await read('orders', ['order_id', 'order_status', 'year', 'month'])).toEqual([
        'a shipped 2017 1',
        'c approved 2018 2',
        'd created  ',
      ]);
      // The month that was not touched has its file of before; what the jobs left beside the datasets is gone.
      const kept = one.datasets['silver.orders']?.files.filter(({ partition }) => partition.includes('2017'));
      expect(two.datasets['silver.orders']?.files).toEqual(expect.arrayContaining(kept ?? []));
      const left: string[] = [];
      for await (const { key } of bucket.list('team/extracts/')) left.push(key);
      expect(left).toEqual([]);
      glue.destroy();
      client.destroy();
    });
  },
);
