import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DataInterval } from '../../../core/interval.ts';
import type { LoadPlace } from '../../../core/layout.ts';
import type { CommittedLoad, Lake, ManifestDraft } from '../port.ts';

export const ORDERS: LoadPlace = {
  pipeline: 'shop',
  domain: 'sales',
  table: 'orders',
  logicalDate: '2018-08-01T00:00:00Z',
  loadId: 'l1',
};
const DAY: DataInterval = { start: '2018-08-01T00:00:00Z', end: '2018-08-02T00:00:00Z' };
/** For `gc`: no warehouse and no run needs any load. */
export const NOBODYS = { applied: new Set<string>(), inUse: new Set<string>() };

export function aDraft(fields: Partial<ManifestDraft> = {}): ManifestDraft {
  const files = fields.files ?? [{ path: 'part-0.parquet', rows: 3 }];
  return {
    version: 1,
    loadId: 'l1',
    pipeline: 'shop',
    domain: 'sales',
    table: 'orders',
    interval: DAY,
    mode: 'interval',
    schema: { columns: [{ name: 'id', type: 'int64', nullable: false }] },
    files,
    rows: files.reduce((total, file) => total + file.rows, 0),
    highWaterMark: null,
    coercions: [],
    extractedAt: '2018-08-02T00:05:00.123456Z',
    ...fields,
  };
}

export async function writeRows(path: string, rows: number): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(
    `COPY (SELECT range AS id FROM range(${rows})) TO '${path.replaceAll("'", "''")}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}

/** Puts all files below one folder below another, beside what is there. */
export async function moveFiles(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const folder = join(to, relative(from, entry.parentPath));
    await mkdir(folder, { recursive: true });
    await rename(join(entry.parentPath, entry.name), join(folder, entry.name));
  }
  await rm(from, { recursive: true });
}

/** Opens and commits a load of one file of three rows. */
export async function committed(
  lake: Lake,
  loadId: string,
  fields: Partial<ManifestDraft> = {},
): Promise<CommittedLoad> {
  const { interval = DAY, table = 'orders', pipeline = 'shop' } = fields;
  const open = await lake.open({ ...ORDERS, pipeline, table, loadId, logicalDate: interval.start });
  await writeRows(join(open.directory, 'part-0.parquet'), 3);
  return open.commit(aDraft({ ...fields, loadId }));
}
