import { readdirSync, statSync } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { thenCleanUp } from '../../../core/clean-up.ts';
import type { ParquetVersion } from '../../duckdb/parquet-options.ts';
import type { Extracted, ExtractRequest } from '../port.ts';
import type { Cancellation } from './cancel.ts';
import { copyStatement, mayHaveLost, partQuery, type FileStatistics } from './plan.ts';
import { lossOf, readTable, type Reading, type Rows } from './read-table.ts';
import type { PostgresAddress } from '../../postgres/address.ts';
import { Streams } from './streams.ts';

/** A reading whose rows come here as streams. */
export interface Extraction extends Reading {
  readonly request: ExtractRequest;
  readonly cancellation: Cancellation;
  readonly address: PostgresAddress;
  /** Sessions that may read at the same time. */
  readonly streams: number;
  readonly engine: Promise<DuckDBInstance>;
  readonly parquetVersion: ParquetVersion;
}

const PROGRESS_INTERVAL = 1000; // milliseconds

/** Extracts within the snapshot that the session holds. */
export async function extractTable(extraction: Extraction): Promise<Extracted> {
  const { relation, snapshot, cancellation, address, engine } = extraction;
  return readTable(extraction, async (rows, facts) => {
    const streams = await Streams.open(
      await engine,
      rows.wide ? 1 : Math.min(extraction.streams, rows.parts.length),
      address,
      snapshot.id,
      relation,
    );
    return thenCleanUp(
      async () => {
        cancellation.watchStreams(streams);
        return Promise.all([
          writeParts(extraction, streams, rows),
          facts().catch((error: unknown) => {
            streams.interrupt();
            throw error;
          }),
        ]);
      },
      () => streams.close(),
    );
  });
}

async function writeParts(
  extraction: Extraction,
  streams: Streams,
  { columns, parts, condition }: Rows,
): Promise<{ path: string; rows: number }[]> {
  const { relation, request, parquetVersion } = extraction;
  const { directory, onProgress } = request;
  const nameOf = (index: number) => `part-${index}.parquet`;
  const timer = onProgress && setInterval(() => onProgress({ bytes: bytesIn(directory) }), PROGRESS_INTERVAL);
  try {
    const written = await streams.each(
      parts,
      (part, index, database) =>
        copyStatement(
          database,
          partQuery(part, relation.sql, columns, condition),
          columns,
          join(directory, nameOf(index)),
          parquetVersion,
        ),
      (result, _, index) => {
        const [, rows, , , statistics] = result[0] ?? [];
        return {
          path: nameOf(index),
          rows: Number(rows ?? 0),
          doubtful: Number(rows) > 0 && mayHaveLost(statistics as unknown as FileStatistics, columns),
        };
      },
    );
    const lost = written.some(({ doubtful }) => doubtful) && (await lossOf(extraction, columns, condition));
    if (lost) throw lost;
    for (const { path } of written.filter(({ rows }) => !rows)) await unlink(join(directory, path));
    const files = written
      .filter(({ rows }) => rows)
      .map(({ rows }, index) => ({ path: nameOf(index), rows }));
    for (const [index, { path }] of written.filter(({ rows }) => rows).entries()) {
      if (path !== nameOf(index)) await rename(join(directory, path), join(directory, nameOf(index)));
    }
    onProgress?.({ bytes: bytesIn(directory) });
    return files;
  } finally {
    clearInterval(timer);
  }
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
