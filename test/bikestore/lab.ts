import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ROOT } from '../../cli/embedded/home.ts';
import { findExtension } from '../../connectors/duckdb/extension.ts';
import { FileSystemLake } from '../../connectors/lake/folder/lake.ts';
import { PostgresSource } from '../../connectors/source/postgres/source.ts';
import { python } from '../../connectors/transform/dbt/fixture.ts';
import { DbtTransform } from '../../connectors/transform/dbt/transform.ts';
import { DuckDbWarehouse } from '../../connectors/warehouse/duckdb/warehouse.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';
import { resolvePipeline } from '../../core/resolve.ts';
import { bikestore } from '../../pipelines/bikestore.ts';
import { bring } from '../setup/bring.ts';
import { testDatabase, type TestDatabase } from '../setup/database.ts';

const never = new AbortController().signal;
/** The tables of the star. */
export const STAR = [
  'dim_customers',
  'dim_products',
  'dim_staffs',
  'dim_stores',
  'dim_date',
  'dim_order_status',
  'fact_sales',
];

/** Of lines of the source, what a star must say of them. */
export const sums = (lines: string) => `
  SELECT CAST(count(*) AS VARCHAR) AS lines, CAST(sum(quantity) AS VARCHAR) AS quantity, CAST(sum(list_price * quantity) AS VARCHAR) AS total,
    CAST(sum(round(list_price * quantity * discount, 2)) AS VARCHAR) AS discount FROM ${lines}`;
/** What it says. */
export const SALES = `
  SELECT CAST(count(*) AS VARCHAR) AS lines, CAST(sum(quantity) AS VARCHAR) AS quantity, CAST(sum(total_price) AS VARCHAR) AS total,
    CAST(sum(discount_amount) AS VARCHAR) AS discount FROM bikestore.fact_sales`;
/** Whether the second is over in which something was changed last in the source. */
export const SETTLED = `
  SELECT date_trunc('second', clock_timestamp()) > max(updated_at) AS settled FROM (
    SELECT updated_at FROM customers UNION ALL SELECT updated_at FROM products UNION ALL SELECT updated_at FROM staffs
    UNION ALL SELECT updated_at FROM stores UNION ALL SELECT updated_at FROM orders) AS changes`;

/** Another warehouse that takes the same loads, and how it gets at their files. */
interface Beside {
  readonly warehouse: Warehouse;
  readonly publish: (paths: readonly string[]) => Promise<readonly string[]>;
}

type Row = Readonly<Record<string, unknown>>;

/** The pipeline `bikestore` over a source of its own, a step after the other: without Temporal. */
export class Bikestore {
  readonly database: TestDatabase;
  readonly #folder: string;
  readonly #source: PostgresSource;
  readonly #lake: FileSystemLake;
  readonly #warehouse: DuckDbWarehouse;
  readonly #transforms: readonly DbtTransform[];
  readonly #beside: Beside | undefined;
  #runs = 0;

  private constructor(folder: string, database: TestDatabase, beside?: Beside) {
    this.#beside = beside;
    this.#folder = folder;
    this.database = database;
    const extensionFile = findExtension('postgres_scanner', { pythonHome: join(ROOT, '.tools/python') });
    this.#source = new PostgresSource({
      name: 'bikestore',
      ...database.address,
      ...(extensionFile && { extensionFile }),
      parquetVersion: 'V2',
    });
    this.#lake = new FileSystemLake({ root: join(folder, 'lake') });
    const file = join(folder, 'warehouse.duckdb');
    this.#warehouse = new DuckDbWarehouse({ file, threads: 2 });
    const into = (target: string, warehouse: Warehouse) =>
      new DbtTransform({
        python,
        projectDir: join(ROOT, 'dbt'),
        stateDir: join(folder, target),
        target,
        handOver: (use, signal) => warehouse.handOver(use, signal),
      });
    this.#transforms = [
      into('duckdb', this.#warehouse),
      ...(beside ? [into('redshift', beside.warehouse)] : []),
    ];
  }

  /** @param beside a Redshift that gets everything as well */
  static async open(beside?: Beside): Promise<Bikestore> {
    return new Bikestore(await mkdtemp(join(tmpdir(), 'sluice-bikes-')), await testDatabase('bikes'), beside);
  }

  /** A whole run, once the second is over in which something was changed last. @returns rows that its loads have brought, by table */
  async run(): Promise<Readonly<Record<string, number>>> {
    while (!(await this.#isSettled())) await pause(50);
    const { tables, transform } = resolvePipeline(bikestore);
    const brought: Record<string, number> = {};
    for (const table of tables) brought[table.name] = await this.#bring(table);
    const select = transform?.dbt.select ?? '';
    const request = {
      pipeline: 'bikestore',
      select,
      runId: `day-${++this.#runs}`,
      variables: {},
      resume: false,
    };
    for (const transform of this.#transforms) await transform.build(request, never);
    return brought;
  }

  async #isSettled(): Promise<boolean> {
    const [row] = await this.source(SETTLED);
    return row?.['settled'] === true;
  }

  async #bring(table: ResolvedTable): Promise<number> {
    const interval = { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' };
    const pipeline = 'bikestore';
    const ports = { source: this.#source, lake: this.#lake, warehouse: this.#warehouse };
    const { manifest, manifestUri, fileUris } = await bring(ports, { pipeline, table, interval });
    if (this.#beside) {
      const published = await this.#beside.publish(fileUris);
      await this.#beside.warehouse.load(
        { pipeline, table, manifestUri, manifest, fileUris: published },
        never,
      );
    }
    return manifest.rows;
  }

  /** In the warehouse. */
  async query(sql: string): Promise<readonly Row[]> {
    return (await this.#warehouse.query(sql, { limit: 1_000_000 })).rows;
  }

  /** In the warehouse, with its columns. */
  result(sql: string): ReturnType<DuckDbWarehouse['query']> {
    return this.#warehouse.query(sql, { limit: 1_000_000 });
  }

  /** In the source. */
  async source(sql: string): Promise<readonly Row[]> {
    return (await this.database.client.query<Row>(sql)).rows;
  }

  async close(): Promise<void> {
    await this.#source.close();
    await this.#warehouse.close();
    await this.database.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
