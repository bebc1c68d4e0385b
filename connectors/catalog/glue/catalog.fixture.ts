import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { GetTableCommand, GlueClient, paginateGetPartitions, type Column } from '@aws-sdk/client-glue';
import { DuckDBInstance } from '@duckdb/node-api';
import { catalogAnswers } from '../../../aws-local/glue-catalog/catalog.ts';
import { s3ServerProgram, startS3Server } from '../../../aws-local/s3/server.ts';
import { startFaultProxy, type FaultProxy } from '../../../aws-local/services/faults.ts';
import { startJsonService } from '../../../aws-local/services/json-service.ts';
import { motoProgram, startMoto } from '../../../aws-local/services/moto.ts';
import { howToGet } from '../../../aws-local/services/tools.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { Bucket } from '../../lake/s3/bucket.ts';
import type { CatalogHarness } from '../conformance/suite.ts';
import { GlueCatalog } from './catalog.ts';

export interface GlueCatalogHarness extends CatalogHarness {
  readonly catalog: GlueCatalog;
  /** Of somebody else, past the proxy. */
  readonly glue: GlueClient;
  /** Between the catalog and Glue. */
  readonly proxy: FaultProxy;
  /** Does something once, just before the catalog makes its next call of this operation. */
  readonly meanwhile: (operation: string, work: () => Promise<unknown>) => void;
  /** Calls of Glue so far, by operation. */
  readonly calls: () => Promise<Readonly<Record<string, number>>>;
}

const BUCKET = 'lake';
const region = 'eu-central-1';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local-secret' };

/** Why it cannot be started here. */
export function missingForCatalog(): string | undefined {
  if (!s3ServerProgram()) return howToGet('versitygw');
  return motoProgram() ? undefined : howToGet('moto (.tools/moto)');
}

/** Glue's stand-in and S3, of their own. */
export async function startGlueCatalog(prefix = ''): Promise<GlueCatalogHarness> {
  const folder = await mkdtemp(join(tmpdir(), 'glue-catalog-'));
  const [s3, moto] = await Promise.all([
    startS3Server({ folder: join(folder, 's3'), ...credentials }),
    startMoto(folder),
  ]);
  const client = s3Client({ endpoint: s3.endpoint, region, pathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const bucket = new Bucket(client, BUCKET);
  const service = await startJsonService(catalogAnswers(moto.endpoint), {});
  const proxy = await startFaultProxy(service.endpoint);
  const glue = new GlueClient({ endpoint: service.endpoint, region, credentials });
  const root = `s3://${BUCKET}/`;
  const local = (uri: string) => join(s3.objects, BUCKET, uri.replace(root, ''));
  const { catalog, close, meanwhile } = openCatalog(proxy.endpoint, bucket, prefix);
  return {
    catalog,
    glue,
    proxy,
    meanwhile,
    lakeUri: `${root}lake`,
    local,
    read: (schema, table) => readTable(glue, prefix + schema, table, local),
    calls: async () => (await (await fetch(`${service.endpoint}/_calls`)).json()) as Record<string, number>,
    async end() {
      close();
      glue.destroy();
      client.destroy();
      await proxy.stop();
      await service.stop();
      await Promise.all([s3.stop(), moto.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function openCatalog(endpoint: string, bucket: Bucket, prefix: string) {
  const client = new GlueClient({ endpoint, region, credentials, maxAttempts: 2 });
  let waiting: { readonly operation: string; readonly work: () => Promise<unknown> } | undefined;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (given) => {
        const { operation, work } = waiting ?? {};
        if (work && commandName === `${operation}Command`) {
          waiting = undefined;
          await work();
        }
        return next(given);
      },
    { step: 'initialize' },
  );
  return {
    catalog: new GlueCatalog({ client, prefix, listed: (uri) => bucket.uris(uri) }),
    close: () => client.destroy(),
    meanwhile: (operation: string, work: () => Promise<unknown>) => void (waiting = { operation, work }),
  };
}

/** As readers of the catalog do: all files of each folder but those with `_` or `.`, columns by their names. */
export async function readTable(
  glue: GlueClient,
  DatabaseName: string,
  TableName: string,
  local: (uri: string) => string,
): ReturnType<CatalogHarness['read']> {
  const { Table } = await glue.send(new GetTableCommand({ DatabaseName, Name: TableName }));
  const columns = Table?.StorageDescriptor?.Columns ?? [];
  const keys = Table?.PartitionKeys ?? [];
  const duckdb = await (await DuckDBInstance.create()).connect();
  try {
    await duckdb.run(`CREATE TABLE found (${[...columns, ...keys].map(typed).join(', ')})`);
    const take = async (location: string, values: readonly string[]) => {
      const folder = local(location);
      const names = existsSync(folder) ? await readdir(folder, { withFileTypes: true }) : [];
      const files = names.filter((each) => each.isFile() && !/^[._]/.test(each.name));
      if (!files.length) return;
      const paths = files.map(({ name }) => text(join(folder, name))).join(', ');
      const fixed = keys.map(({ Name = '', Type = '' }, at) => {
        const value = values[at] ?? '';
        return `, ${value === '__HIVE_DEFAULT_PARTITION__' ? 'NULL' : text(value)}::${duckType(Type)} AS "${Name}"`;
      });
      await duckdb.run(
        `INSERT INTO found BY NAME SELECT *${fixed.join('')} FROM read_parquet([${paths}], hive_partitioning = false)`,
      );
    };
    if (keys.length) {
      const pages = paginateGetPartitions({ client: glue }, { DatabaseName, TableName });
      for await (const { Partitions = [] } of pages)
        for (const { StorageDescriptor, Values = [] } of Partitions)
          await take(StorageDescriptor?.Location ?? '', Values);
    } else await take(Table?.StorageDescriptor?.Location ?? '', []);
    const rows = (await duckdb.runAndReadAll('SELECT * FROM found ORDER BY ALL')).getRowObjectsJson();
    return {
      rows: rows.map((row) => JSON.stringify(row)),
      columns: [...columns, ...keys].map(({ Name = '', Type = '' }) => `${Name} ${duckType(Type)}`),
    };
  } finally {
    duckdb.closeSync();
  }
}

function typed({ Name = '', Type = '' }: Column): string {
  return `"${Name}" ${duckType(Type)}`;
}

function duckType(type: string): string {
  const called: Readonly<Record<string, string>> = { string: 'VARCHAR', int: 'INTEGER', binary: 'BLOB' };
  return called[type] ?? type.toUpperCase();
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
