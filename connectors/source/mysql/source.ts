import type { DuckDBInstance } from '@duckdb/node-api';
import { Semaphore } from 'async-mutex';
import type { Connection } from 'mysql2/promise';
import { orAborted } from '../../../core/abort.ts';
import { TerminalError } from '../../../core/errors.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { TableSchema } from '../../../core/schema.ts';
import type { ParquetVersion } from '../../duckdb/parquet-options.ts';
import type { Extracted, ExtractRequest, Source } from '../port.ts';
import { qualifiedName } from '../qualified-name.ts';
import { Cancellation } from './cancel.ts';
import { findRelation, readColumns, type Relation } from './catalog.ts';
import { carryColumns, schemaOf } from './columns.ts';
import { translate, type Subject } from './errors.ts';
import { extractTable } from './extract.ts';
import { firstRow } from './first-row.ts';
import { queryRelation } from './query.ts';
import { connect, type MysqlAddress } from './session.ts';
import { openEngine } from './stream.ts';

export interface MysqlSourceOptions extends MysqlAddress {
  /** The connection's name in the profile; for messages. */
  readonly name: string;
  /** Said beside the failure where the server or a table is not there. */
  readonly hint?: string;
  /** Why there is no server, where that is known: said at once, as what waiting does not mend. */
  readonly absent?: string;
  /** The zone of `datetime` and `date`, where a table names none (default UTC). */
  readonly timezone?: string;
  /** DuckDB's mysql extension (`findExtension('mysql_scanner', …)`); without it DuckDB installs its own. */
  readonly extensionFile?: string;
  /** DuckDB's limit for all extractions of this source (default `1GB`). */
  readonly memoryLimit?: string;
  /** Sessions that read rows at the same time (default 2). Each holds a thread of Node's pool. */
  readonly threads?: number;
  /** How the files are encoded; `V2` where all their readers know it (default `V1`). */
  readonly parquetVersion?: ParquetVersion;
}

/** MariaDB 10.6 and later; MySQL 8. */
export class MysqlSource implements Source {
  readonly #options: MysqlSourceOptions;
  readonly #streams: Semaphore;
  readonly #closing = new AbortController();
  #opened: Promise<DuckDBInstance> | undefined;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: MysqlSourceOptions) {
    this.#options = options;
    this.#streams = new Semaphore(options.threads ?? 2);
  }

  async describe(table: ResolvedTable): Promise<TableSchema> {
    return this.#session(table, async (client) => {
      const relation = await this.#relation(client, table);
      return schemaOf(carryColumns(table, await readColumns(client, relation)));
    });
  }

  async extract(request: ExtractRequest, signal: AbortSignal): Promise<Extracted> {
    const extraction = this.#admitted(request, signal);
    this.#running.add(extraction);
    try {
      return await extraction;
    } finally {
      this.#running.delete(extraction);
    }
  }

  async firstRow(
    statement: string,
    signal: AbortSignal,
  ): Promise<Readonly<Record<string, string | null>> | undefined> {
    return this.#cancellable(signal, (cancellation) =>
      this.#session(undefined, (client) => {
        cancellation.watchClient(client);
        return firstRow(client, statement);
      }),
    );
  }

  async close(): Promise<void> {
    this.#closing.abort(new TerminalError(`Source '${this.#options.name}' has been closed. Open a new one.`));
    await Promise.allSettled(this.#running);
    const engine = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    engine?.closeSync();
  }

  async #admitted(request: ExtractRequest, signal: AbortSignal): Promise<Extracted> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    stop.throwIfAborted();
    const [, release] = await orAborted(this.#streams.acquire(1), stop, ([, late]) => late());
    const engine = this.#engine(); // Meanwhile: it takes a while the first time.
    engine.catch(() => undefined);
    try {
      return await this.#cancellable(signal, (cancellation) =>
        this.#session(request.table, async (client) => {
          cancellation.watchClient(client);
          const timezone = request.table.timezone ?? this.#options.timezone;
          const table = { ...request.table, ...(timezone !== undefined && { timezone }) };
          return extractTable({
            client,
            relation: await this.#relation(client, table),
            request: { ...request, table },
            cancellation,
            address: this.#options,
            engine,
            parquetVersion: this.#options.parquetVersion ?? 'V1',
          });
        }),
      );
    } finally {
      release();
    }
  }

  /** What fails while it is being stopped fails with the reason for that. */
  async #cancellable<T>(signal: AbortSignal, work: (cancellation: Cancellation) => Promise<T>): Promise<T> {
    const stop = AbortSignal.any([signal, this.#closing.signal]);
    stop.throwIfAborted();
    const cancellation = new Cancellation(this.#options, stop);
    try {
      return await work(cancellation);
    } catch (error) {
      stop.throwIfAborted();
      throw error;
    } finally {
      await cancellation.done();
    }
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

  async #relation(client: Connection, { name, from, query, exclude }: ResolvedTable): Promise<Relation> {
    if (query !== undefined) return queryRelation(name, query);
    const relation = await findRelation(
      client,
      qualifiedName(from, this.#options.database),
      this.#options.hint,
    );
    // The catalog shows no column that the user may not read, and those of a view that no longer holds.
    if (!exclude.length) await client.query(`SELECT * FROM ${relation.sql} LIMIT 0`);
    return relation;
  }

  async #session<T>(table: ResolvedTable | undefined, work: (client: Connection) => Promise<T>): Promise<T> {
    const { name, user, host, port, database, password, hint, absent } = this.#options;
    if (absent !== undefined)
      throw new TerminalError(`Source '${name}': ${[absent, hint].filter(Boolean).join(' ')}`);
    const subject: Subject = {
      connection: name,
      address: `${user}@${host}:${port}/${database}`,
      ...(table && { table: table.from }),
      ...(hint !== undefined && { hint }),
      password,
    };
    let client: Connection | undefined;
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
