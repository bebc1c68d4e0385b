import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { S3Client } from '@aws-sdk/client-s3';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { TerminalError } from '../../../core/errors.ts';
import { isOfFiles } from '../../../core/extract-modes.ts';
import type { ResolvedFilesExtract } from '../../../core/file-tables.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { TableSchema } from '../../../core/schema.ts';
import type { ParquetVersion } from '../../duckdb/parquet-options.ts';
import type { Arrivals, Extracted, ExtractRequest, Source } from '../port.ts';
import { extractFiles, schemaOf } from './extract.ts';
import { FolderPlace } from './folder-place.ts';
import type { Place } from './place.ts';
import { S3Place } from './s3-place.ts';

export interface FilesSourceOptions {
  /** The connection's name in the profile; for messages. */
  readonly name: string;
  /** An absolute folder, or `s3://bucket/prefix`. */
  readonly root: string;
  /** Asked for where the root is in S3. */
  readonly s3: () => Promise<S3Client>;
  /** The zone of moments that are written without one, where a table names none. */
  readonly timezone?: string;
  /** DuckDB's limit for an extraction (default `1GB`). */
  readonly memoryLimit?: string;
  /** How the files are encoded; `V2` where all their readers know it (default `V1`). */
  readonly parquetVersion?: ParquetVersion;
}

/** Files below a folder of this machine or a prefix of S3, whose columns the tables declare. */
export class FilesSource implements Source {
  readonly #options: FilesSourceOptions;
  readonly #place: Place;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: FilesSourceOptions) {
    this.#options = options;
    this.#place = options.root.startsWith('s3://')
      ? new S3Place(options.root, options.s3)
      : new FolderPlace(options.root);
  }

  get arrivals(): Arrivals {
    return this.#place;
  }

  describe(table: ResolvedTable): Promise<TableSchema> {
    return Promise.resolve(schemaOf(this.#extractOf(table)));
  }

  async extract(request: ExtractRequest, signal: AbortSignal): Promise<Extracted> {
    const work = this.#extracted(request, AbortSignal.any([signal, this.#closing.signal]));
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  firstRow(): Promise<never> {
    return Promise.reject(
      new TerminalError(
        `Connection '${this.#options.name}' is of files, which no statement can be asked of. Ask the warehouse.`,
      ),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort(new TerminalError(`Source '${this.#options.name}' has been closed. Open a new one.`));
    await Promise.allSettled(this.#running);
  }

  async #extracted(request: ExtractRequest, signal: AbortSignal): Promise<Extracted> {
    signal.throwIfAborted();
    const { table, arrived } = request;
    if (!arrived?.length)
      throw new TerminalError(
        `No files were claimed in the interval of this run, so there is nothing to read into ${table.name}. Name the interval of a run that files have started.`,
      );
    const scratch = await mkdtemp(join(tmpdir(), 'sluice-files-'));
    const copies = join(scratch, 'copies');
    await mkdir(copies);
    const { memoryLimit = '1GB', parquetVersion = 'V1' } = this.#options;
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      memory_limit: memoryLimit,
      temp_directory: join(scratch, 'spilled'), // what memory does not hold
      preserve_insertion_order: 'false', // one thread keeps the order of rows all the same
    });
    const connection = await instance.connect();
    const interrupt = () => connection.interrupt();
    signal.addEventListener('abort', interrupt);
    const work = async () => {
      try {
        await connection.run(`SET TimeZone = 'UTC'`);
        return await extractFiles({
          connection,
          place: this.#place,
          table,
          extract: this.#extractOf(table),
          files: arrived,
          request,
          scratch: copies,
          zone: table.timezone ?? this.#options.timezone,
          parquetVersion,
          signal,
        });
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    };
    return thenCleanUp(work, () => {
      signal.removeEventListener('abort', interrupt);
      connection.closeSync();
      instance.closeSync();
      return rm(scratch, { recursive: true, force: true });
    });
  }

  #extractOf({ name, extract }: ResolvedTable): ResolvedFilesExtract {
    if (isOfFiles(extract)) return extract;
    throw new TerminalError(
      `Connection '${this.#options.name}' is of files, and table ${name} is read by mode '${extract.mode}'. Use mode 'files'.`,
    );
  }
}
