import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { orCleanUp, thenCleanUp } from '../../../core/clean-up.ts';
import { HandedOver, messageOf, PipelineError, TransientError } from '../../../core/errors.ts';
import { withoutValues } from '../../../core/values.ts';
import type { ParquetVersion } from '../../duckdb/parquet-options.ts';
import type { CommittedLoad, Lake, OpenLoad } from '../../lake/port.ts';
import type { ExportRequest, TableExports } from '../../source/port.ts';
import type { Landing, LandingLake } from '../landing.ts';
import type { ExtractAllRequest, ExtractedTable, Extractor } from '../port.ts';
import { filesOf, parseRecord, recordOf, type ExportRecord } from './documents.ts';
import { toParquet } from './parquet.ts';

export interface RdsExportOptions {
  readonly exports: TableExports;
  readonly lake: Pick<Lake, 'open'> & LandingLake;
  /** Of the lake's bucket, and of the database: RDS writes to no other. */
  readonly region: string;
  /** Tables at the same time (default 2): a session of the database each, and a thread here while Parquet is written. */
  readonly concurrency?: number;
  /** How the files are encoded (default `V1`). */
  readonly parquetVersion?: ParquetVersion;
}

type Wanted = ExtractAllRequest['tables'][number];

/** One table of one call, and what it is done with. */
interface Work {
  readonly request: ExtractAllRequest;
  readonly wanted: Wanted;
  readonly landing: Landing;
  readonly signal: AbortSignal;
  readonly report: (details: unknown) => void;
}

const RECORD = 'export.json';

/**
 * The database writes a table as CSV into a landing folder (`aws_s3`); the worker makes a load of it. An export that is whole is written
 * down in `<table>/<load id>/export.json`, which later attempts go on from; others are removed.
 */
export class RdsExportExtractor implements Extractor {
  readonly #options: RdsExportOptions;

  constructor(options: RdsExportOptions) {
    this.#options = options;
  }

  async extractAll(
    request: ExtractAllRequest,
    signal: AbortSignal,
    onProgress?: (details: unknown) => void,
  ): Promise<readonly ExtractedTable[]> {
    signal.throwIfAborted();
    const { lake, exports, concurrency = 2 } = this.#options;
    const landing = lake.landing(request.token, 'exports');
    // Sessions of a worker that has died go on writing.
    await exports.end(request.token);
    const report = onProgress ?? (() => undefined);
    const extracted: ExtractedTable[] = [];
    let next = 0;
    const inTurn = async () => {
      for (let at = next++; at < request.tables.length && !signal.aborted; at = next++) {
        const wanted = request.tables[at] as Wanted;
        extracted[at] = await this.#extracted({ request, wanted, landing, signal, report });
      }
    };
    await Promise.all(Array.from({ length: concurrency }, inTurn));
    // Another attempt may have its own by now; that one ends what of ours is still under way. A database that is away has ended it, or will.
    if (signal.aborted && !(signal.reason instanceof HandedOver))
      await exports.end(request.token).catch(() => undefined);
    signal.throwIfAborted();
    return extracted;
  }

  async release(token: string): Promise<void> {
    const { exports, lake } = this.#options;
    await thenCleanUp(
      () => exports.end(token),
      () => lake.landing(token, 'exports').clear(),
    );
  }

  async #extracted(work: Work): Promise<ExtractedTable> {
    const { table } = work.wanted;
    try {
      const found = (await foundExport(work)) ?? (await this.#ask(work));
      return { table: table.name, ...(await this.#load(work, found)) };
    } catch (error) {
      return {
        table: table.name,
        error: error instanceof PipelineError ? error : unexpected(table.name, error),
      };
    }
  }

  /** Has the database export the table, and writes down that it has. */
  async #ask({ request, wanted, landing, signal, report }: Work): Promise<FoundExport> {
    const { table, loadId, mark, before, interval = request.interval } = wanted;
    const { name } = table;
    const folder = `${name}/${loadId}`;
    await landing.clear(name); // what attempts before have left is not whole
    const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/(.*)$/.exec(landing.uri) ?? [];
    const ask = async () => {
      const exported = await this.#options.exports.write(
        {
          pipeline: request.pipeline,
          table,
          interval,
          mark,
          before,
          token: request.token,
          to: { bucket, prefix: `${prefix}${folder}/`, region: this.#options.region },
          onProgress: (progress) => report({ exporting: name, ...progress }),
        } satisfies ExportRequest,
        signal,
      );
      report({ exported: name });
      const record = recordOf(exported);
      await landing.put(`${folder}/${RECORD}`, JSON.stringify(record));
      return { folder, record };
    };
    return orCleanUp(ask, () => landing.clear(folder));
  }

  /** Makes a load of an export. One that is not what it says is removed, so that it is asked for again. */
  async #load(
    { request, wanted, landing, signal, report }: Work,
    found: FoundExport,
  ): Promise<CommittedLoad> {
    const { table, loadId, interval = request.interval } = wanted;
    const { pipeline } = request;
    const named = { pipeline, domain: table.domain, table: table.name, loadId };
    report({ reading: table.name });
    const load = await this.#options.lake.open({ ...named, logicalDate: interval.start });
    const take = async () => {
      const files = await this.#files({ table: table.name, landing, signal, load, ...found });
      const { said } = found.record;
      report({ writing: table.name });
      return load.commit({ ...named, version: 1, interval, mode: table.extract.mode, ...said, files });
    };
    return orCleanUp(take, () => load.abort());
  }

  async #files(made: Made): Promise<{ path: string; rows: number }[]> {
    const { landing, folder, record, load, signal } = made;
    const files: { path: string; rows: number }[] = [];
    for (const part of record.parts.filter(({ rows }) => rows)) {
      signal.throwIfAborted();
      const csv = join(load.directory, `${part.name}.csv`);
      for (const name of filesOf(part)) await landing.download(`${folder}/${name}`, csv, signal);
      const path = `part-${files.length}.parquet`;
      const rows = await orCleanUp(
        () => this.#parquet(csv, made, part, join(load.directory, path)),
        () => (signal.aborted ? undefined : landing.clear(folder)),
      );
      await rm(csv);
      files.push({ path, rows });
    }
    return files;
  }

  async #parquet(
    csv: string,
    { table, record, landing, folder, signal }: Made,
    part: ExportRecord['parts'][number],
    to: string,
  ): Promise<number> {
    const { parquetVersion = 'V1' } = this.#options;
    const rows = await toParquet(csv, record.said.schema, to, parquetVersion, signal);
    if (rows === part.rows) return rows;
    throw new TransientError(
      `Table '${table}': the database says that it exported ${part.rows} rows, and the files of ${landing.uri}${folder}/${part.name} hold ${rows}. It is asked for again.`,
    );
  }
}

interface FoundExport {
  readonly folder: string;
  readonly record: ExportRecord;
}

/** An export whose files are being made. */
interface Made extends FoundExport, Pick<Work, 'landing' | 'signal'> {
  readonly table: string;
  readonly load: OpenLoad;
}

/** An export that an attempt before has written down, with all of its files. */
async function foundExport({ wanted, landing }: Work): Promise<FoundExport | undefined> {
  const files = await landing.files(wanted.table.name);
  for (const name of files.keys()) {
    if (!name.endsWith(`/${RECORD}`)) continue;
    const folder = name.slice(0, -RECORD.length - 1);
    const record = parseRecord((await landing.text(name)) ?? '');
    const parts = record?.parts.filter(({ rows }) => rows).flatMap(filesOf) ?? [];
    if (record && parts.every((part) => files.has(`${folder}/${part}`))) return { folder, record };
  }
  return undefined;
}

function unexpected(table: string, cause: unknown): Error {
  return new TransientError(
    `Table '${table}' could not be taken into the lake: ${withoutValues(messageOf(cause))}. Try again.`,
    { cause },
  );
}
