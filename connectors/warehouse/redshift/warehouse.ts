import type { RedshiftDataClient } from '@aws-sdk/client-redshift-data';
import type { S3Client } from '@aws-sdk/client-s3';
import { TerminalError } from '../../../core/errors.ts';
import type { DataInterval } from '../../../core/interval.ts';
import type { Mark } from '../../../core/mark.ts';
import { rawSchema } from '../../../core/pipeline.ts';
import { lengthOf } from '../../../core/schema.ts';
import type {
  AppliedLoad,
  CareDone,
  CareReport,
  CareRequest,
  LoadRequest,
  LoadResult,
  Measurement,
  QueryBatch,
  QueryResult,
  ReadOptions,
  Warehouse,
  WarehouseCapabilities,
} from '../port.ts';
import { collected } from '../collected.ts';
import { columnsIn } from '../columns.ts';
import type { TableColumns } from '../../../core/lineage/models.ts';
import { RedshiftApi, type RedshiftPlace } from './api.ts';
import { careFor, measured } from './care.ts';
import type { JsonAs } from './ddl.ts';
import { lacksBookkeeping, lacksColumns } from './errors.ts';
import { applyLoad, type LoadContext } from './load.ts';
import {
  applied,
  LOADED_TABLES,
  markOf,
  NEWEST_LOADS,
  selectLast,
  selectMark,
  type Row,
} from './loads-table.ts';
import { countLanded, selectLoadIds, selectTables, together } from './reads.ts';
import { footing, makeBookkeeping } from './state.ts';
import { targetOf } from './target.ts';
import { folded, mustRead } from './text.ts';

/** How dbt reaches the warehouse: a login of its own, in the child's environment only. */
export interface RedshiftLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** As redshift_connector reads it; default `verify-ca`. */
  readonly sslmode?: string;
}

export interface RedshiftWarehouseOptions {
  /** Both clients stay the caller's: `close` leaves them open. */
  readonly data: RedshiftDataClient;
  /** Reads the footers of a load's files and writes the list that COPY reads. */
  readonly s3: S3Client;
  readonly place: RedshiftPlace;
  /** ARN of the role that COPY reads the lake as, or `default`. Never keys. */
  readonly copyRole: string;
  /** Default `super`. `text` keeps every character, up to 65,535 bytes. */
  readonly json?: JsonAs;
  /** Asked each time that dbt starts, so that short-lived passwords are fresh. */
  readonly login?: () => Promise<RedshiftLogin>;
}

/** Amazon Redshift, serverless or provisioned, through its Data API: no connection is held, nothing runs but what was asked. */
export class RedshiftWarehouse implements Warehouse {
  /** Texts grow before the load's transaction, everything else within it, by taking the values over into a new column. */
  readonly capabilities: WarehouseCapabilities = { widen: (_, to) => lengthOf(to) === undefined };
  readonly #api: RedshiftApi;
  readonly #context: LoadContext;
  readonly #options: RedshiftWarehouseOptions;
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  constructor(options: RedshiftWarehouseOptions) {
    const { data, s3, place, copyRole, json = 'super' } = options;
    this.#api = new RedshiftApi(data, place);
    this.#context = { api: this.#api, s3, copyRole, json };
    this.#options = options;
  }

  async lastLoad(
    pipeline: string,
    table: string,
    overlapping?: DataInterval,
  ): Promise<AppliedLoad | undefined> {
    const rows = await this.#bookkeeping(selectLast(pipeline, table, overlapping));
    return rows[0] && applied(rows[0]);
  }

  async mark(pipeline: string, table: string): Promise<Mark | undefined> {
    const mark = markOf((await this.#bookkeeping(selectMark(pipeline, table)))[0]);
    if (!mark) return undefined;
    const base = await this.#run(() => footing(this.#api, pipeline, table, targetOf(pipeline, table)));
    return base === 'firm' ? mark : undefined;
  }

  async present(pipeline: string, tables: readonly string[]): Promise<ReadonlySet<string>> {
    const schema = rawSchema(pipeline);
    const there = await this.#present([schema]);
    return new Set(tables.filter((table) => there.has(`${folded(schema)}.${folded(table)}`)));
  }

  async appliedLoadIds(): Promise<ReadonlySet<string>> {
    const newest = await this.#bookkeeping(NEWEST_LOADS);
    const tables = await this.#bookkeeping(LOADED_TABLES);
    const ids = new Set(newest.map(({ id }) => String(id)));
    const targets = tables.map((row) => targetOf(String(row['pipeline']), String(row['table_name'])));
    const present = await this.#present(targets.map(({ schema }) => schema));
    const found = await this.#together(
      targets
        .filter(({ schema, table }) => present.has(`${folded(schema)}.${folded(table)}`))
        .map(selectLoadIds),
    );
    for (const { id } of found) ids.add(String(id));
    return ids;
  }

  async load(request: LoadRequest, signal: AbortSignal): Promise<LoadResult> {
    signal.throwIfAborted();
    return this.#run(() => applyLoad(this.#context, request, signal));
  }

  async landed(
    pipeline: string,
    loads: readonly { readonly table: string; readonly loadId: string }[],
  ): Promise<ReadonlyMap<string, number>> {
    const present = await this.#present([rawSchema(pipeline)]);
    const there = loads.filter(({ table }) => present.has(`${folded(rawSchema(pipeline))}.${folded(table)}`));
    const rows = await this.#together(
      there.map(({ table, loadId }) => countLanded(targetOf(pipeline, table), loadId)),
    );
    const found = new Map(rows.map((row) => [String(row['id']), Number(row['landed'])]));
    return new Map(loads.map(({ loadId }) => [loadId, found.get(loadId) ?? 0]));
  }

  async query(sql: string, options: ReadOptions = {}): Promise<QueryResult> {
    return collected(this, sql, options);
  }

  async columns(signal: AbortSignal): Promise<TableColumns> {
    return columnsIn(this, signal);
  }

  /** The service keeps a result of at most 500 MB, for a day, and gives it in pages of 1,000 rows or 1 MB; a larger one it fails. */
  async read(
    sql: string,
    take: (batch: QueryBatch) => boolean | Promise<boolean>,
    { limit = Infinity, signal, owned = false }: ReadOptions = {},
  ): Promise<Omit<QueryResult, 'rows'>> {
    mustRead(sql);
    return this.#run(async () => {
      const ended = await this.#api.run([sql], 'The query', { signal });
      const { id } = this.#api.mustFinish(ended, 'The query', owned);
      return this.#api.pages(id, 'The query', { limit, take });
    });
  }

  async care(
    request: CareRequest,
    signal: AbortSignal,
    onStep: (step: CareDone) => void = () => undefined,
  ): Promise<CareReport> {
    signal.throwIfAborted();
    return this.#run(() => careFor(this.#api, request, signal, onStep));
  }

  async measure(sql: string, signal?: AbortSignal): Promise<Measurement> {
    mustRead(sql);
    return this.#run(() => measured(this.#api, sql, signal));
  }

  /** Others may go on meanwhile: Redshift has room for several writers. */
  async handOver<T>(
    use: (environment: Readonly<Record<string, string>>) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const { login, place } = this.#options;
    if (!login) {
      throw new TerminalError(
        `The warehouse (${this.#api.label}) has no login for dbt. Add 'login' to the warehouse in the profile.`,
      );
    }
    const { host, port, user, password, sslmode = 'verify-ca' } = await login();
    return this.#run(() =>
      use({
        SLUICE_REDSHIFT_HOST: host,
        SLUICE_REDSHIFT_PORT: String(port),
        SLUICE_REDSHIFT_DATABASE: place.database,
        SLUICE_REDSHIFT_USER: user,
        SLUICE_REDSHIFT_PASSWORD: password,
        SLUICE_REDSHIFT_SSLMODE: sslmode,
      }),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#running]);
  }

  async #run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed)
      throw new TerminalError(`The warehouse (${this.#api.label}) is closed. Open a new one.`);
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Rows of a statement over our own tables; none where these have not been made yet. */
  async #bookkeeping(sql: string): Promise<readonly Row[]> {
    const doing = 'Reading _sluice.loads';
    return this.#run(async () => {
      let ended = await this.#api.run([sql], doing);
      if (lacksColumns(ended.error)) {
        await makeBookkeeping(this.#api, ended.error);
        ended = await this.#api.run([sql], doing);
      }
      if (lacksBookkeeping(ended.error)) return [];
      return (await this.#api.result(this.#api.mustFinish(ended, doing).id, doing)).rows;
    });
  }

  /** `schema.table` of the tables in schemas. */
  async #present(schemas: readonly string[]): Promise<ReadonlySet<string>> {
    if (!schemas.length) return new Set();
    const rows = await this.#run(() =>
      this.#api.rows(selectTables(schemas), 'Reading the tables of the catalog'),
    );
    return new Set(rows.map((row) => `${String(row['schema_name'])}.${String(row['table_name'])}`));
  }

  /** Rows of several SELECTs of the same columns. */
  async #together(selects: readonly string[]): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (const sql of together(selects))
      rows.push(...(await this.#run(() => this.#api.rows(sql, 'Reading the raw tables'))));
    return rows;
  }
}
