import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Client } from 'pg';
import { CHANGE_COLUMNS } from '../../../../core/changes.ts';
import type { ResolvedTable } from '../../../../core/pipeline.ts';
import type { Column } from '../../../../core/schema.ts';
import type { Relation } from '../catalog.ts';
import type { ParquetVersion } from '../../../duckdb/parquet-options.ts';
import { ChangeRows, type Chunk } from './change-rows.ts';
import { convert, widen } from './chunk.ts';
import { goneColumns } from './columns.ts';
import { lsnOf, type Lsn } from './lsn.ts';
import { peek } from './peek.ts';
import { Pgoutput } from './pgoutput.ts';
import { resolveUnchanged } from './resolve.ts';

const CHUNK_BYTES = 32 * 2 ** 20;

export interface Window {
  /** Reads the slot. */
  readonly reader: Client;
  /** Answers questions on the catalog meanwhile. */
  readonly client: Client;
  readonly duckdb: DuckDBConnection;
  readonly stream: string;
  readonly relation: Relation;
  readonly table: ResolvedTable;
  /** Of the table as it is now. */
  readonly columns: readonly Column[];
  /** Transactions whose commit lies at or behind `from`, and before `upTo`. */
  readonly from: Lsn;
  readonly upTo: Lsn;
  readonly directory: string;
  readonly parquetVersion: ParquetVersion;
  /** Bytes of CSV that become one file. Bounds what lies on disk beside the files, not what is held in memory. */
  readonly chunkBytes?: number;
  readonly onFile: () => void;
}

/** What a window has left in its folder. */
export interface WindowFiles {
  readonly columns: readonly Column[];
  readonly files: readonly { readonly path: string; readonly rows: number }[];
}

/**
 * Reads a table's changes into Parquet files, in their order. Rows go as bytes from the stream to CSV, a file at a time, and from there to
 * Parquet by DuckDB while the next is written.
 */
export async function readWindow(window: Window): Promise<WindowFiles> {
  const { reader, stream, relation, table, directory, upTo } = window;
  const files: { path: string; rows: number; columns: readonly Column[]; unchanged: boolean }[] = [];
  const waiting: Chunk[] = [];
  let gone: readonly Column[] = [];
  let converting = Promise.resolve();
  const rows = new ChangeRows({
    oid: relation.oid,
    from: lsnOf(window.from),
    key: table.primaryKey,
    exclude: table.exclude,
    chunkBytes: window.chunkBytes ?? CHUNK_BYTES,
    pathOf: (chunk) => join(directory, `chunk-${chunk}.csv`),
    onChunk: (chunk) => waiting.push(chunk),
  });
  const toParquet = async (chunks: readonly Chunk[]) => {
    for (const chunk of chunks) {
      gone = await withGone(window, gone, chunk);
      const columns = [...CHANGE_COLUMNS, ...window.columns, ...gone];
      const path = `part-${files.length}.parquet`;
      const to = join(directory, path);
      await convert(window.duckdb, chunk, columns, to, window.parquetVersion, table.name);
      await unlink(chunk.path);
      files.push({ path, rows: chunk.rows, columns, unchanged: chunk.unchanged });
      window.onFile();
    }
  };
  const next = async () => {
    await converting;
    converting = toParquet(waiting.splice(0));
    converting.catch(() => undefined); // Awaited before the next.
  };
  const decoder = new Pgoutput(rows);
  try {
    await peek(
      reader,
      stream,
      upTo,
      (message) => decoder.message(message),
      async () => {
        if (waiting.length) await next();
      },
    );
    rows.endChunk();
    await next();
    await converting;
  } catch (error) {
    rows.abandon();
    await converting.catch(() => undefined);
    throw error;
  }
  const columns = [...CHANGE_COLUMNS, ...window.columns, ...gone];
  for (const file of files.filter((each) => each.columns.length < columns.length)) {
    const path = join(directory, file.path);
    await widen(window.duckdb, path, file.columns, columns, `${path}.wide`, window.parquetVersion);
    await rename(`${path}.wide`, path);
  }
  const left = { directory, files: files.map(({ path, rows }) => ({ path, rows })), columns };
  if (files.some((each) => each.unchanged) && table.primaryKey.length)
    await resolveUnchanged({
      ...left,
      duckdb: window.duckdb,
      key: table.primaryKey,
      parquetVersion: window.parquetVersion,
    });
  return { columns, files: left.files };
}

/** Columns of a chunk that the table no longer has: where every change is kept, so are their values. */
async function withGone(window: Window, gone: readonly Column[], chunk: Chunk): Promise<readonly Column[]> {
  if (window.table.write === 'merge') return gone;
  const known = new Set([...window.columns, ...gone].map(({ name }) => name));
  const missing = chunk.columns.filter(({ name }) => !known.has(name));
  return missing.length ? [...gone, ...(await goneColumns(window.client, window.table, missing))] : gone;
}
