import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ClaimedFile } from '../../../core/arrived-file.ts';
import { definePipeline } from '../../../core/pipeline.ts';
import type { FilesExtract } from '../../../core/file-tables.ts';
import { resolvePipeline } from '../../../core/resolve.ts';
import type { Extracted } from '../port.ts';
import { FilesSource, type FilesSourceOptions } from './source.ts';

const { signal } = new AbortController();
export const PLACE = 'in';

/** A folder that files arrive in, and a source that reads them. */
export class Inbox {
  readonly root: string;
  readonly source: FilesSource;
  #extractions = 0;

  constructor(options: Pick<FilesSourceOptions, 'memoryLimit'> = {}) {
    this.root = mkdtempSync(join(tmpdir(), 'sluice-inbox-'));
    this.source = new FilesSource({
      name: 'inbox',
      root: this.root,
      s3: () => Promise.reject(new Error('no S3')),
      ...options,
    });
    mkdirSync(join(this.root, PLACE));
  }

  /** @param secondsAgo when it was last changed */
  put(key: string, content: string | Buffer, secondsAgo = 60): string {
    const path = join(this.root, PLACE, key);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    const at = new Date(Date.now() - secondsAgo * 1000);
    utimesSync(path, at, at);
    return path;
  }

  async claimed(pattern = '*'): Promise<ClaimedFile[]> {
    const found = await this.source.arrivals.list(PLACE, pattern, signal);
    return found.map((file) => ({ ...file, place: PLACE, newest: true }));
  }

  /** Reads what is there, or what is given. */
  async extract(
    extract: Omit<FilesExtract, 'mode'>,
    arrived?: readonly ClaimedFile[],
    more: { readonly timezone?: string } = {},
  ): Promise<Extracted & { readonly values: readonly (readonly unknown[])[] }> {
    const directory = join(this.root, `out-${(this.#extractions += 1)}`);
    mkdirSync(directory);
    const [table] = resolvePipeline(
      definePipeline({
        name: 'inbox',
        description: 'what arrives',
        schedule: { onFiles: { place: PLACE } },
        start: '2024-01-01',
        source: 'inbox',
        tables: { rows: { domain: 'test', extract: { mode: 'files', ...extract }, ...more } },
      }),
    ).tables;
    if (!table) throw new Error('no table');
    const interval = { start: '2024-03-01T00:00:00Z', end: '2024-03-01T00:00:01Z' };
    const extracted = await this.source.extract(
      { table, interval, arrived: arrived ?? (await this.claimed('*')), directory },
      signal,
    );
    const paths = extracted.files.map(({ path }) => join(directory, path));
    return { ...extracted, values: await rowsOf(paths) };
  }

  async close(): Promise<void> {
    await this.source.close();
    rmSync(this.root, { recursive: true });
  }
}

async function rowsOf(paths: readonly string[]): Promise<readonly (readonly unknown[])[]> {
  if (!paths.length) return [];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    await connection.run(`SET TimeZone = 'UTC'`);
    const list = paths.map((path) => `'${path}'`).join(', ');
    return (await connection.runAndReadAll(`FROM read_parquet([${list}])`)).getRowsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
