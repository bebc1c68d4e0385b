import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { S3Client } from '@aws-sdk/client-s3';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { z } from 'zod';
import { quote } from '../redshift-sql/columns.ts';
import type { Copy } from '../redshift-sql/copy.ts';
import { RedshiftError } from '../redshift-sql/error.ts';
import { mustFit, type TableOf } from './fit.ts';
import { download, readText } from './store.ts';

export type CopyRoles = ReadonlySet<string> | undefined;

export interface CopyContext {
  readonly store: S3Client;
  readonly roles: CopyRoles;
  /** Errors of a load are noted outside of its transaction, so that they outlive it. */
  readonly pool: pg.Pool;
}

const copyManifest = z.object({
  entries: z.array(
    z.object({
      url: z.string(),
      mandatory: z.boolean().default(false),
      meta: z.object({ content_length: z.int() }).optional(),
    }),
  ),
});

/** COPY … FORMAT AS PARQUET: reads the files with DuckDB, writes the rows with PostgreSQL's COPY. @returns rows loaded */
export async function loadParquet(client: pg.ClientBase, copy: Copy, context: CopyContext): Promise<number> {
  if (context.roles && !context.roles.has(copy.iamRole)) {
    throw new RedshiftError(
      'XX000',
      `User arn:aws:redshift:local:000000000000:dbuser:local/admin is not authorized to assume IAM Role ${copy.iamRole}`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'aws-local-copy-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  try {
    const reader = await instance.connect();
    await reader.run(`SET TimeZone = 'UTC'`);
    const table = await tableOf(client, copy.table);
    let rows = 0;
    for (const [at, entry] of (await entriesOf(copy, context.store)).entries()) {
      const path = join(folder, `${at}.parquet`);
      const bytes = await download(context.store, entry.url, path);
      if (bytes === undefined) {
        if (!entry.mandatory) continue;
        throw new RedshiftError(
          'XX000',
          `Mandatory url is not present in manifest file: ${entry.url} does not exist`,
        );
      }
      if (entry.length !== undefined && entry.length !== bytes)
        throw new RedshiftError(
          'XX000',
          `Spectrum Scan Error: ${entry.url} has ${bytes} bytes, meta.content_length says ${entry.length}`,
        );
      await mustFit(reader, { uri: entry.url, path }, table, copy, context.pool);
      rows += await write(client, reader, path, join(folder, `${at}.csv`), table);
      await Promise.all([rm(path), rm(join(folder, `${at}.csv`))]);
    }
    reader.closeSync();
    return rows;
  } finally {
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tableOf(client: pg.ClientBase, parts: readonly string[]): Promise<TableOf> {
  const name = parts.map(quote).join('.');
  const { rows } = await client.query<{ oid: number; name: string; type: string; bytes: number | null }>(
    `SELECT attrelid::int AS oid, attname AS name, format_type(atttypid, atttypmod) AS type,
       (SELECT (regexp_match(pg_get_constraintdef(c.oid), '<= (\\\\d+)'))[1]::int FROM pg_constraint c
        WHERE c.conrelid = attrelid AND c.conname = left('bytes_of_' || attname, 63)) AS bytes
     FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [name],
  );
  const [first] = rows;
  if (!first) throw new RedshiftError('42P01', `Cannot COPY into nonexistent table ${parts.at(-1) ?? ''}`);
  return { name, oid: first.oid, columns: rows };
}

async function entriesOf(
  copy: Copy,
  store: S3Client,
): Promise<{ url: string; mandatory: boolean; length: number | undefined }[]> {
  if (!copy.manifest) return [{ url: copy.from, mandatory: true, length: undefined }];
  const text = await readText(store, copy.from);
  if (text === undefined)
    throw new RedshiftError(
      'XX000',
      `Problem reading manifest file - S3ServiceException:The specified key does not exist.,Status 404,Error NoSuchKey,Key ${copy.from}`,
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new RedshiftError('XX000', `Manifest file is not in correct json format: ${copy.from}`);
  }
  const parsed = copyManifest.safeParse(json);
  if (!parsed.success)
    throw new RedshiftError('XX000', `Manifest file is not in correct json format: ${copy.from}`);
  return parsed.data.entries.map(({ url, mandatory, meta }) => {
    if (!meta)
      throw new RedshiftError(
        'XX000',
        `The file size of ${url} (meta.content_length) is missing in the manifest, and needed for columnar files`,
      );
    return { url, mandatory, length: meta.content_length };
  });
}

const NULL = '\\N';

async function write(
  client: pg.ClientBase,
  reader: DuckDBConnection,
  parquet: string,
  csv: string,
  table: TableOf,
): Promise<number> {
  const names = await columnNames(reader, parquet);
  const values = table.columns.map(({ type }, at) => csvValue(type, quote(names[at] ?? '')));
  const source = `SELECT ${values.map((value, at) => `${value} AS c${at}`).join(', ')} FROM read_parquet('${parquet}', hive_partitioning = false)`;
  await reader.run(
    `COPY (${source}) TO '${csv}' (FORMAT csv, HEADER false, NULLSTR '${NULL}', FORCE_QUOTE *)`,
  );
  const into = client.query(
    copyFrom(`COPY ${table.name} FROM STDIN (FORMAT csv, NULL '${NULL.replaceAll('\\', '\\\\')}')`),
  );
  await pipeline(createReadStream(csv), into);
  return into.rowCount;
}

async function columnNames(reader: DuckDBConnection, parquet: string): Promise<string[]> {
  const found = await reader.runAndReadAll(
    `SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet('${parquet}', hive_partitioning = false))`,
  );
  return found.getRows().map(([name]) => String(name));
}

/** A value as text that PostgreSQL reads back exactly. */
function csvValue(type: string, column: string): string {
  if (type === 'varbyte') return `'\\x' || hex(${column})`;
  if (type.startsWith('timestamp') || type === 'date') {
    // DuckDB writes years before Christ as `0044-03-15 (BC)`.
    return `replace(CAST(${column} AS VARCHAR), ' (BC)', ' BC')`;
  }
  return `CAST(${column} AS VARCHAR)`;
}
