import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { messageOf, TerminalError } from '../../../core/errors.ts';
import type { Bucket, StoredObject } from './bucket.ts';

export interface Footer {
  readonly rows: number;
  /** Names of the columns, in their order. */
  readonly columns: readonly string[];
}

const MAGIC = 'PAR1';
const TAIL_BYTES = 8; // length of the footer, then the magic. https://parquet.apache.org/docs/file-format/
/** One request is enough for most footers. */
const FIRST_READ = 64 * 1024;

/**
 * What the footers of Parquet files in a bucket say; the data itself stays there. Each footer goes to the end of a local
 * file with a hole in the place of the data, which DuckDB then reads like any other.
 * @throws {TerminalError} naming the object that is no Parquet file
 */
export async function footersOf(bucket: Bucket, objects: readonly StoredObject[]): Promise<Footer[]> {
  if (!objects.length) return [];
  const folder = await mkdtemp(join(tmpdir(), 'sluice-footers-'));
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const read = async () => {
    const footers: Footer[] = [];
    for (const [at, object] of objects.entries()) {
      const path = join(folder, `${at}.parquet`);
      await writeHollow(path, bucket, object);
      try {
        const rows = await connection.runAndReadAll(`SELECT num_rows FROM parquet_file_metadata('${path}')`);
        const names = await connection.runAndReadAll(`SELECT name FROM parquet_schema('${path}') OFFSET 1`);
        footers.push({
          rows: Number(rows.getRows()[0]?.[0]),
          columns: names.getRows().map(([name]) => String(name)),
        });
      } catch (error) {
        throw notParquet(bucket.uri(object.key), messageOf(error).split('\n')[0] ?? '');
      }
      await rm(path);
    }
    return footers;
  };
  return thenCleanUp(read, () => {
    connection.closeSync();
    instance.closeSync();
    return rm(folder, { recursive: true, force: true });
  });
}

async function writeHollow(path: string, bucket: Bucket, { key, bytes }: StoredObject): Promise<void> {
  let tail = await lastBytes(bucket, key, bytes, FIRST_READ);
  const length = tail.length >= TAIL_BYTES ? tail.readUInt32LE(tail.length - TAIL_BYTES) : 0;
  const isParquet = tail.subarray(-MAGIC.length).toString('latin1') === MAGIC;
  if (!isParquet || length + TAIL_BYTES + MAGIC.length > bytes) {
    throw notParquet(bucket.uri(key), 'its end is not that of one');
  }
  if (length + TAIL_BYTES > tail.length) tail = await lastBytes(bucket, key, bytes, length + TAIL_BYTES);
  const file = await open(path, 'w');
  await thenCleanUp(
    async () => {
      await file.write(MAGIC, 0, 'latin1');
      await file.write(tail, 0, tail.length, bytes - tail.length);
    },
    () => file.close(),
  );
}

async function lastBytes(bucket: Bucket, key: string, bytes: number, wanted: number): Promise<Buffer> {
  const read = await bucket.bytes(key, `bytes=${Math.max(0, bytes - wanted)}-${bytes - 1}`);
  if (!read) throw new TerminalError(`${bucket.uri(key)} has gone meanwhile. Extract the table again.`);
  return read;
}

function notParquet(uri: string, why: string): TerminalError {
  return new TerminalError(`${uri} is no Parquet file (${why}). Extract the table again.`);
}
