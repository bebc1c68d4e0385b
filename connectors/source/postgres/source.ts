import { lookbackOf, modeOf } from '../../../core/extract-modes.ts';
import type { DuckDBInstance } from '@duckdb/node-api';
import { Semaphore } from 'async-mutex';
import type { Client } from 'pg';
import { orAborted } from '../../../core/abort.ts';
import { TerminalError } from '../../../core/errors.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { TableSchema } from '../../../core/schema.ts';
import { Cancellation } from './cancel.ts';
import { findRelation, readColumns, type Relation } from './catalog.ts';
import { mustBeTime, queryRelation } from './query.ts';
import { extractChanges } from './changes/extract.ts';
import { streamName } from './changes/names.ts';
import { PostgresStreams } from './changes/streams.ts';
import { carryColumns, schemaOf } from './columns.ts';
import type { Cursor } from '../named-columns.ts';
import { cursorOf } from './cursor.ts';
import { translate, type Subject } from './errors.ts';
import { mustBeAble } from './export/able.ts';
import { endExports } from './export/under-way.ts';
import { exportTable } from './export/write.ts';
import { extractTable } from './extract.ts';
import { firstRow } from './first-row.ts';
import { findHorizon } from './horizon.ts';
import { untilWritten } from './late-writers.ts';
import type { PostgresAddress } from '../../postgres/address.ts';
import { connect, takeSnapshot } from './session.ts';
import type { ParquetVersion } from '../../duckdb/parquet-options.ts';
import { openEngine } from './streams.ts';
import { qualifiedName } from '../qualified-name.ts';
import { quoted } from './sql.ts';
import type { Reading } from './read-table.ts';
import type {
  ChangeStreams,
  Exported,
  ExportRequest,
  Extracted,
  ExtractRequest,
  Source,
  TableExports,
} from '../port.ts';

export interface PostgresSourceOptions extends PostgresAddress {
  /** The connection's name in the profile; for messages. */
  readonly name: string;
  /** Whose streams of changes are told apart from those of other projects (default `sluice`). */
  readonly project?: string;
  /** Schema of tables that are named without one (default `public`). */
  readonly schema?: string;
  /** The zone of times without zone and of dates, where a table names none (default UTC). */
  readonly timezone?: string;
  /** DuckDB's postgres extension (`findExtension('postgres_scanner', …)`); without it DuckDB installs its own. */
  readonly extensionFile?: string;
  /** DuckDB's limit for all extractions of this source (default `1GB`). Ordinary rows take a fraction of it, whatever their number; rows of 100 KB need half. */
  readonly memoryLimit?: string;
  /** Sessions that read rows at the same time, over all extractions of this source (default 2). Each holds a thread of Node's pool. */
  readonly threads?: number;
  /** How the files are encoded; `V2` where all their readers know it (default `V1`). */
  readonly parquetVersion?: ParquetVersion;
}

/** PostgreSQL 10 and later; from 14 on tables are read in parallel. */
export class PostgresSource implements Source {
  readonly changes: ChangeStreams;
  readonly exports: TableExports = {
    write: (request, signal) => this.#tracked(this.#export(request, signal)),
    end: (token) => this.#session(undefined, (client) => endExports(client, token)),
  };
  readonly #options: PostgresSourceOptions;
  readonly #streams: Semaphore;
  readonly #closing = new AbortController();
  #opened: Promise<DuckDBInstance> | undefined;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: PostgresSourceOptions) {
    this.#options = options;
    this.#streams = new Semaphore(options.threads ?? 2);
    this.changes = new PostgresStreams({
      connection: options.name,
      project: this.#project,
      inSession: (work) => this.#session(undefined, work),
    });
  }

  async describe(table: ResolvedTable): Promise<TableSchema> {
    return this.#session(table, async (client) => {
      const relation = await this.#relation(client, table);
      return schemaOf(carryColumns(this.#zoned(table), await readColumns(client, relation)));
    });
  }

  extract(request: ExtractRequest, signal: AbortSignal): Promise<Extracted> {
    return this.#tracked(this.#admitted(request, signal));
  }

  firstRow(
    statement: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string | null>> | undefined> {
    return this.#cancellable(undefined, signal, (client) => firstRow(client, statement));
  }

  /** Waits for one stream; takes more where nobody else needs them. */
  async #admitted(request: ExtractRequest, signal: AbortSignal): Promise<Extracted> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    stop.throwIfAborted();
    const [, release] = await orAborted(this.#streams.acquire(1), stop, ([, late]) => late());
    const spare = this.#streams.getValue();
    const releaseSpare = spare > 0 ? (await this.#streams.acquire(spare))[1] : undefined;
    const cancellation = new Cancellation(this.#options, stop);
    const engine = this.#engine(); // Meanwhile: the first time it takes as long as everything before the rows.
    engine.catch(() => undefined);
    try {
      const zoned = { ...request, table: this.#zoned(request.table) };
      return await this.#session(request.table, (client) =>
        this.#extract(client, zoned, spare + 1, cancellation, engine),
      );
    } catch (error) {
      stop.throwIfAborted();
      throw error;
    } finally {
      await cancellation.done();
      releaseSpare?.();
      release();
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new TerminalError(`Source '${this.#options.name}' has been closed. Open a new one.`));
    await Promise.allSettled(this.#running);
    const engine = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    engine?.closeSync();
  }

  async #extract(
    client: Client,
    request: ExtractRequest,
    streams: number,
    cancellation: Cancellation,
    engine: Promise<DuckDBInstance>,
  ): Promise<Extracted> {
    cancellation.watchClient(client);
    const { table } = request;
    const parquetVersion = this.#options.parquetVersion ?? 'V1';
    const common = { request, cancellation, address: this.#options, streams, engine, parquetVersion };
    if (modeOf(table.extract).mark === 'position') {
      const relation = await this.#relation(client, table);
      const { pipeline = '' } = request;
      const stream = streamName(this.#project, pipeline);
      const subject = { connection: this.#options.name, pipeline, stream };
      return extractChanges({ ...common, client, relation, subject });
    }
    const reading = await this.#reading(client, request, (waitingFor) =>
      request.onProgress?.({ bytes: 0, waitingFor }),
    );
    return extractTable({ ...reading, ...common });
  }

  async #export(request: ExportRequest, signal: AbortSignal): Promise<Exported> {
    const { table } = request;
    if (modeOf(table.extract).mark === 'position')
      throw new TerminalError(
        `Table '${table.name}' is read by its log of changes, which no export has. Let the worker read it.`,
      );
    const zoned = { ...request, table: this.#zoned(table) };
    return this.#cancellable(table, signal, async (client) => {
      await mustBeAble(client, `Source '${this.#options.name}'`);
      const reading = await this.#reading(client, zoned, (waitingFor) =>
        request.onProgress?.({ waitingFor }),
      );
      return exportTable({ ...reading, request: zoned });
    });
  }

  /** Waits for whom the rows need, then takes the snapshot. */
  async #reading(
    client: Client,
    request: Reading['request'],
    tell: (waitingFor: string) => void,
  ): Promise<Reading> {
    const { table } = request;
    const { extract } = table;
    const relation = await this.#relation(client, table);
    // The horizon must be known before the snapshot is taken; the columns are read again within it.
    const horizon =
      modeOf(extract).covers === 'new'
        ? await findHorizon(client, relation, await cursorIn(client, relation, table), {
            lookback: lookbackOf(extract),
            once: table.write === 'append',
          })
        : undefined;
    if (modeOf(extract).covers === 'interval')
      await untilWritten(client, relation, request.interval.end, tell);
    return { client, relation, request, horizon, snapshot: await takeSnapshot(client, relation) };
  }

  /** Opened with the first extraction, shared by all. */
  #engine(): Promise<DuckDBInstance> {
    const { extensionFile, memoryLimit = '1GB' } = this.#options;
    this.#opened ??= openEngine({ address: this.#options, extensionFile, memoryLimit }).catch(
      (error: unknown) => {
        this.#opened = undefined;
        throw error;
      },
    );
    return this.#opened;
  }

  get #project(): string {
    return this.#options.project ?? 'sluice';
  }

  #zoned(table: ResolvedTable): ResolvedTable {
    const timezone = table.timezone ?? this.#options.timezone;
    return timezone === undefined ? table : { ...table, timezone };
  }

  async #relation(client: Client, table: ResolvedTable): Promise<Relation> {
    if (table.query !== undefined) return queryRelation(table, table.query);
    return findRelation(client, qualifiedName(table.from, this.#options.schema ?? 'public'));
  }

  /** Known to `close`. */
  async #tracked<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** In a session that ends when the signal fires. */
  async #cancellable<T>(
    table: ResolvedTable | undefined,
    signal: AbortSignal,
    work: (client: Client) => Promise<T>,
  ): Promise<T> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    stop.throwIfAborted();
    const cancellation = new Cancellation(this.#options, stop);
    try {
      return await this.#session(table, (client) => {
        cancellation.watchClient(client);
        return work(client);
      });
    } catch (error) {
      stop.throwIfAborted();
      throw error;
    } finally {
      await cancellation.done();
    }
  }

  async #session<T>(table: ResolvedTable | undefined, work: (client: Client) => Promise<T>): Promise<T> {
    const { name, user, host, port, database, password } = this.#options;
    const subject: Subject = {
      connection: name,
      address: `${user}@${host}:${port}/${database}`,
      ...(table && { table: table.from }),
      password,
    };
    let client: Client | undefined;
    try {
      client = await connect(this.#options);
      return await work(client);
    } catch (error) {
      throw translate(error, subject);
    } finally {
      await client?.end().catch(() => undefined);
    }
  }
}

async function cursorIn(client: Client, relation: Relation, table: ResolvedTable): Promise<Cursor> {
  const cursor = cursorOf(table, quoted(relation.name), await readColumns(client, relation));
  mustBeTime(relation, cursor);
  return cursor;
}
