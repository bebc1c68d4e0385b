import { rm } from 'node:fs/promises';
import { modesMarkedBy, modesThatCover } from '../../../core/extract-modes.ts';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { TerminalError } from '../../../core/errors.ts';
import type { DataInterval } from '../../../core/interval.ts';
import type { Mark } from '../../../core/mark.ts';
import { collected } from '../collected.ts';
import { columnsIn } from '../columns.ts';
import type { TableColumns } from '../../../core/lineage/models.ts';
import { careFor, measured } from './care.ts';
import { sendCopy, takeCopy, type Copied, type Readers } from './copies.ts';
import { qualified, text as literal } from './ddl.ts';
import { translated } from './errors.ts';
import { DuckDbFile, type FileOptions } from './file.ts';
import { inTransaction, interruptible } from './interruptible.ts';
import { applyLoad } from './load.ts';
import { columnsOf, hasBookkeeping, lastApplied, rows } from './loads-table.ts';
import { footing, lastMark } from './marks.ts';
import { targetOf } from './target.ts';
import { jsonBatches } from './values.ts';
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

export interface DuckDbWarehouseOptions {
  /** Path of the database file; it and its folder are made by the first load. */
  readonly file: string;
  /** Default: one per core. */
  readonly threads?: number;
  /** As DuckDB reads it; what a load needs beyond it goes to `<file>.tmp` (default `512MB`). */
  readonly memoryLimit?: string;
  /** How long to wait for a file that another program holds (default 30,000 ms). */
  readonly lockWaitMs?: number;
  /** Folders of the lake that its views read: a query may read there too. */
  readonly viewed?: readonly string[];
}

/** What a query runs under: it sees the warehouse, and neither writes nor reaches for any other file. */
const CONFINED = [
  'SET enable_external_access = false',
  'SET lock_configuration = true',
  'BEGIN TRANSACTION READ ONLY',
];

/** A warehouse in one DuckDB file. The file is open only while an operation runs. */
export class DuckDbWarehouse implements Warehouse {
  readonly capabilities: WarehouseCapabilities = { widen: () => true };
  readonly #path: string;
  readonly #options: FileOptions;
  readonly #viewed: readonly string[];
  #closed = false;

  constructor({
    file,
    threads,
    memoryLimit = '512MB',
    lockWaitMs = 30_000,
    viewed = [],
  }: DuckDbWarehouseOptions) {
    this.#path = file;
    this.#viewed = viewed;
    this.#options = { threads, memoryLimit, lockWaitMs };
  }

  async lastLoad(
    pipeline: string,
    table: string,
    overlapping?: DataInterval,
  ): Promise<AppliedLoad | undefined> {
    return this.#look(async (connection) =>
      (await hasBookkeeping(connection)) ? lastApplied(connection, pipeline, table, overlapping) : undefined,
    );
  }

  async mark(pipeline: string, table: string): Promise<Mark | undefined> {
    return this.#look(async (connection, copied) => {
      if (!(await hasBookkeeping(connection))) return undefined;
      if (!copied && (await footing(connection, pipeline, table)) !== 'firm') return undefined;
      return lastMark(connection, pipeline, table, modesThatCover('new'));
    });
  }

  async present(pipeline: string, tables: readonly string[]): Promise<ReadonlySet<string>> {
    const found = await this.#look(async (connection, copied) => {
      const there = await Promise.all(
        tables.map(async (table) => copied || (await isThere(connection, pipeline, table))),
      );
      return new Set(tables.filter((_, index) => there[index]));
    });
    return found ?? new Set();
  }

  async landed(
    pipeline: string,
    loads: readonly { readonly table: string; readonly loadId: string }[],
  ): Promise<ReadonlyMap<string, number>> {
    const none = new Map(loads.map(({ loadId }) => [loadId, 0]));
    return this.#read('Counting loaded rows', none, async (connection) => {
      const counts = new Map<string, number>();
      for (const { table, loadId } of loads) {
        counts.set(loadId, 0);
        if (!(await isThere(connection, pipeline, table))) continue;
        const [row] = await rows(
          connection,
          `SELECT count(*) AS rows FROM ${targetOf(pipeline, table).name} WHERE _load_id = $loadId`,
          { loadId },
        );
        counts.set(loadId, Number(row?.['rows']));
      }
      return counts;
    });
  }

  async appliedLoadIds(): Promise<ReadonlySet<string>> {
    const found = await this.#read('Reading _sluice.loads', new Set<string>(), loadIds);
    return found;
  }

  async load(request: LoadRequest, signal: AbortSignal): Promise<LoadResult> {
    const doing = `Load ${request.manifest.loadId} of ${request.pipeline}.${request.table.name}`;
    return this.#guard(doing, signal, async () => {
      const file = await this.#file();
      return file.use(
        'write',
        this.#options,
        (connection) => inTransaction(connection, signal, () => applyLoad(connection, request)),
        signal,
      );
    });
  }

  /** Carries out statements of the catalog, all or none. */
  async change(doing: string, statements: readonly string[], signal: AbortSignal): Promise<void> {
    const all = async (connection: DuckDBConnection) => {
      for (const statement of statements) await connection.run(statement);
    };
    await this.#guard(doing, signal, async () => {
      const file = await this.#file();
      const work = (connection: DuckDBConnection) => inTransaction(connection, signal, () => all(connection));
      await file.use('write', this.#options, work, signal);
    });
  }

  async query(sql: string, options: ReadOptions = {}): Promise<QueryResult> {
    return collected(this, sql, options);
  }

  async columns(signal: AbortSignal): Promise<TableColumns> {
    return columnsIn(this, signal);
  }

  async read(
    sql: string,
    take: (batch: QueryBatch) => boolean | Promise<boolean>,
    { limit = Infinity, signal, owned = false }: ReadOptions = {},
  ): Promise<Omit<QueryResult, 'rows'>> {
    return this.#asking(sql, signal, owned, async (connection) =>
      jsonBatches(await connection.stream(sql), limit, take),
    );
  }

  async care(
    request: CareRequest,
    signal: AbortSignal,
    onStep: (step: CareDone) => void = () => undefined,
  ): Promise<CareReport> {
    return this.#guard('Caring for the warehouse', signal, async () => {
      const file = await this.#file();
      const work = (connection: DuckDBConnection) =>
        interruptible(connection, signal, () => careFor(connection, request, onStep));
      if (!(await file.exists())) return onEmpty(work);
      return file.use(request.dryRun ? 'read' : 'write', this.#options, work, signal);
    });
  }

  async measure(sql: string, signal?: AbortSignal): Promise<Measurement> {
    return this.#asking(sql, signal, true, (connection) => measured(connection, sql));
  }

  /** Runs what asks one statement, which sees the warehouse alone and writes nothing. */
  async #asking<T>(
    sql: string,
    signal: AbortSignal | undefined,
    owned: boolean,
    ask: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    const confined = async (connection: DuckDBConnection) => {
      const statements = await connection.extractStatements(sql);
      if (statements.count !== 1) {
        throw new TerminalError(
          `A query is one statement, this is ${statements.count}. Run them one by one.`,
        );
      }
      // In a folder that may be read, COPY could write: a statement that only selects cannot.
      if (this.#viewed.length && (await onlySelects(connection, sql)))
        await connection.run(`SET allowed_directories = [${this.#viewed.map(literal).join(', ')}]`);
      for (const setting of CONFINED) await connection.run(setting);
      return interruptible(connection, signal, () => ask(connection));
    };
    const work = async () => {
      const file = await this.#file();
      if (await file.exists()) return file.readAlone(this.#options, confined, signal);
      return onEmpty(confined);
    };
    return this.#guard('The query', signal, work, owned);
  }

  async handOver<T>(
    use: (environment: Readonly<Record<string, string>>) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const file = await this.#file();
    let used: { readonly result: T } | { readonly failure: unknown } | undefined;
    await this.#guard('Handing the warehouse over', signal, () =>
      file.handOver(
        this.#options,
        // What `use` throws is its own affair, not the warehouse's to translate.
        async () => {
          used = await use({ SLUICE_DUCKDB_PATH: file.path }).then(
            (result) => ({ result }),
            (failure: unknown) => ({ failure }),
          );
        },
        signal,
      ),
    );
    if (used && 'result' in used) return used.result;
    throw used?.failure;
  }

  /**
   * Copies a schema to a database for tools that keep open what they read. The warehouse's file is held only while a copy of it is written
   * beside it; two at once take turns at that name, and one of them may fail.
   */
  async copyTo(readers: Readers, schema: string, signal: AbortSignal): Promise<readonly Copied[]> {
    return this.#guard('Copying for readers', signal, async () => {
      const file = await this.#file();
      if (!(await file.exists())) return [];
      const beside = `${file.path}.${schema}.readers`;
      return thenCleanUp(
        async () => {
          const take = (connection: DuckDBConnection) =>
            interruptible(connection, signal, () => takeCopy(connection, schema, beside));
          await file.readAlone(this.#options, take, signal);
          return sendCopy(beside, schema, readers, signal);
        },
        () => Promise.all([rm(beside, { force: true }), rm(`${beside}.wal`, { force: true })]),
      );
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await (await DuckDbFile.at(this.#path)).settled();
  }

  async #file(): Promise<DuckDbFile> {
    if (this.#closed) throw new TerminalError(`Warehouse ${this.#path} is closed. Open a new one.`);
    return DuckDbFile.at(this.#path);
  }

  /** Reads bookkeeping without waiting for whoever has the file. */
  async #look<T>(
    work: (connection: DuckDBConnection, copied: boolean) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    return this.#guard('Reading _sluice.loads', undefined, async () => {
      const file = await this.#file();
      return (await file.exists()) ? file.look(this.#options, work) : undefined;
    });
  }

  async #read<T>(doing: string, none: T, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    return this.#guard(doing, undefined, async () => {
      const file = await this.#file();
      return (await file.exists()) ? file.use('read', this.#options, work) : none;
    });
  }

  async #guard<T>(
    doing: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
    owned = false,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw translated(error, this.#path, doing, owned);
    }
  }
}

async function onlySelects(connection: DuckDBConnection, sql: string): Promise<boolean> {
  const [row] = await rows(connection, `SELECT json_serialize_sql($sql::VARCHAR) ->> '$.error' AS error`, {
    sql,
  });
  return row?.['error'] === 'false';
}

async function isThere(connection: DuckDBConnection, pipeline: string, table: string): Promise<boolean> {
  return (await columnsOf(connection, targetOf(pipeline, table).schema, table)).size > 0;
}

async function loadIds(connection: DuckDBConnection): Promise<Set<string>> {
  if (!(await hasBookkeeping(connection))) return new Set();
  const ids = new Set<string>();
  const newest = await rows(
    connection,
    `SELECT max(load_id) AS id FROM _sluice.loads GROUP BY pipeline, table_name, interval_start, interval_end`,
  );
  for (const row of newest) ids.add(String(row['id']));
  // Changes whose rows newer ones have replaced: datasets may still have to follow them.
  const followed = modesMarkedBy('position').map(literal).join(', ');
  const changes = await rows(
    connection,
    `SELECT load_id AS id FROM _sluice.loads WHERE mode IN (${followed}) AND high_water_mark IS NOT NULL`,
  );
  for (const row of changes) ids.add(String(row['id']));
  const tables = await rows(
    connection,
    `SELECT DISTINCT pipeline, loads.table_name AS "table" FROM _sluice.loads
     JOIN duckdb_tables() AS present ON present.database_name = current_database()
      AND present.schema_name = 'raw_' || pipeline AND present.table_name = loads.table_name`,
  );
  for (const row of tables) {
    const { schema, table } = targetOf(String(row['pipeline']), String(row['table']));
    const used = await rows(connection, `SELECT DISTINCT _load_id AS id FROM ${qualified(schema, table)}`);
    for (const { id } of used) ids.add(String(id));
  }
  return ids;
}

/** A warehouse that has never been loaded is an empty one. */
async function onEmpty<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:');
  try {
    const connection = await instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
