import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { FileSystemLake } from '../../connectors/lake/folder/lake.ts';
import { findExtension } from '../../connectors/duckdb/extension.ts';
import { aTable } from '../../connectors/source/conformance/suite.ts';
import { PostgresSource, type PostgresSourceOptions } from '../../connectors/source/postgres/source.ts';
import { DuckDbWarehouse } from '../../connectors/warehouse/duckdb/warehouse.ts';
import type { LoadResult, Warehouse } from '../../connectors/warehouse/port.ts';
import type { CommittedLoad } from '../../connectors/lake/port.ts';
import { TransientError } from '../../core/errors.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';
import { testDatabase, type TestDatabase } from '../setup/database.ts';

/** Database, lake and warehouse, and what a run does with them: without Temporal, a step at a time. */
export class ChangesLab {
  readonly folder: string;
  readonly #database: Pick<TestDatabase, 'address'> & Partial<TestDatabase>;
  readonly options: PostgresSourceOptions;
  readonly source: PostgresSource;
  readonly lake: FileSystemLake;
  readonly warehouse: Warehouse;
  readonly pipeline: string;

  private constructor(folder: string, database: Pick<TestDatabase, 'address'> & Partial<TestDatabase>) {
    this.folder = folder;
    this.#database = database;
    this.pipeline = database.address.database;
    const extensionFile = findExtension('postgres_scanner', {
      pythonHome: join(process.cwd(), '.tools/python'),
    });
    this.options = {
      name: 'shop',
      ...database.address,
      ...(extensionFile && { extensionFile }),
      parquetVersion: 'V2',
    };
    this.source = new PostgresSource(this.options);
    this.lake = new FileSystemLake({ root: join(folder, 'lake') });
    this.warehouse = new DuckDbWarehouse({ file: join(folder, 'warehouse.duckdb'), threads: 2 });
  }

  static async open(): Promise<ChangesLab> {
    return new ChangesLab(await mkdtemp(join(tmpdir(), 'sluice-changes-')), await testDatabase('changes'));
  }

  /** The same lake, warehouse and source, for another process: it cannot do what needs a session of its own. */
  static over(folder: string, url: string): ChangesLab {
    const { hostname, port, pathname, username, password } = new URL(url);
    const database = pathname.slice(1);
    return new ChangesLab(folder, {
      url,
      address: { host: hostname, port: Number(port), database, user: username, password },
    });
  }

  get database(): TestDatabase {
    if (!this.#database.client) throw new Error('this process has no session in the source');
    return this.#database as TestDatabase;
  }

  get stream(): string {
    return `sluice_${this.pipeline}`;
  }

  async sql(statement: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    return (await this.database.client.query<Record<string, unknown>>(statement, values)).rows;
  }

  /** Reads what is new into the lake. */
  async extract(table: ResolvedTable, signal = new AbortController().signal): Promise<CommittedLoad> {
    const { pipeline, lake, warehouse, source } = this;
    const interval = { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' };
    const loadId = `${new Date().toISOString().replace(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;
    const mark = await warehouse.mark(pipeline, table.name);
    const place = { pipeline, domain: table.domain, table: table.name, logicalDate: interval.start, loadId };
    const load = await lake.open(place);
    try {
      const { files, ...extracted } = await source.extract(
        { pipeline, table, interval, mark, directory: load.directory },
        signal,
      );
      return await load.commit({
        version: 1,
        loadId,
        pipeline,
        domain: table.domain,
        table: table.name,
        interval,
        mode: 'changes',
        ...extracted,
        files,
      });
    } catch (error) {
      await load.abort();
      throw error;
    }
  }

  async load(table: ResolvedTable, { manifestUri, manifest }: CommittedLoad): Promise<LoadResult> {
    const fileUris = this.lake.fileUris(manifestUri, manifest);
    const request = { pipeline: this.pipeline, table, manifestUri, manifest, fileUris };
    return this.warehouse.load(request, new AbortController().signal);
  }

  async advance(...tables: readonly ResolvedTable[]): Promise<void> {
    const marks = await Promise.all(tables.map((table) => this.warehouse.mark(this.pipeline, table.name)));
    const standing = marks.flatMap((mark) => (mark ? [mark.value] : []));
    if (standing.length === tables.length) await this.source.changes.advance(this.pipeline, standing);
  }

  /** A whole run of one table, beside others of its pipeline; what may pass is tried again, as Temporal does. */
  async run(
    table: ResolvedTable,
    beside: readonly ResolvedTable[] = [],
  ): Promise<{ load: LoadResult; notes: readonly string[] }> {
    const bronze = await this.#extracted(table, 20);
    const load = await this.load(table, bronze);
    await this.advance(table, ...beside);
    return { load, notes: bronze.manifest.notes ?? [] };
  }

  async #extracted(table: ResolvedTable, attempts: number): Promise<CommittedLoad> {
    try {
      return await this.extract(table);
    } catch (error) {
      if (!(error instanceof TransientError) || attempts === 1) throw error;
      await pause(50);
      return this.#extracted(table, attempts - 1);
    }
  }

  /** What the warehouse has of a table, in the order of its texts. */
  async target(
    table: ResolvedTable,
    columns: string,
    suffix = '',
  ): Promise<readonly Record<string, unknown>[]> {
    const { rows } = await this.warehouse.query(
      `SELECT ${columns} FROM raw_${this.pipeline}.${table.name} ${suffix || 'ORDER BY ALL'}`,
      { limit: 100_000 },
    );
    return rows;
  }

  /** What somebody does to the warehouse beside us. */
  async byHand(statements: string): Promise<void> {
    await this.warehouse.handOver(async () => {
      const instance = await DuckDBInstance.create(join(this.folder, 'warehouse.duckdb'));
      const connection = await instance.connect();
      await connection.run(statements);
      connection.closeSync();
      instance.closeSync();
    });
  }

  async close(): Promise<void> {
    await this.source.close();
    await this.warehouse.close();
    await this.sql(
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()`,
    ).catch(() => undefined);
    await this.database.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export function changing(fields: Partial<ResolvedTable> = {}): ResolvedTable {
  return aTable({
    name: 't',
    from: 't',
    domain: 'shop',
    extract: { mode: 'changes' },
    write: 'merge',
    ...fields,
  });
}
