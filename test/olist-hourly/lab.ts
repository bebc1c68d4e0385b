import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readInterval } from '../../activities/read-interval.ts';
import { ROOT } from '../../cli/embedded/home.ts';
import { findExtension } from '../../connectors/duckdb/extension.ts';
import { FileSystemLake } from '../../connectors/lake/folder/lake.ts';
import { MysqlSource } from '../../connectors/source/mysql/source.ts';
import { python } from '../../connectors/transform/dbt/fixture.ts';
import { DbtTransform } from '../../connectors/transform/dbt/transform.ts';
import { DuckDbWarehouse } from '../../connectors/warehouse/duckdb/warehouse.ts';
import type { DataInterval } from '../../core/interval.ts';
import { resolvePipeline } from '../../core/resolve.ts';
import { olistHourly } from '../../pipelines/olist-hourly.ts';
import { bring } from '../setup/bring.ts';
import { testMysql, type TestMysql } from '../setup/mysql.ts';

const never = new AbortController().signal;
const pipeline = olistHourly.name;
type Row = Readonly<Record<string, unknown>>;

/** The pipeline `olist_hourly` over a MariaDB of its own, a step after the other: without Temporal. */
export class OlistHourly {
  readonly mysql: TestMysql;
  readonly #folder: string;
  readonly #source: MysqlSource;
  readonly #lake: FileSystemLake;
  readonly #warehouse: DuckDbWarehouse;
  readonly #transform: DbtTransform;
  #runs = 0;

  private constructor(folder: string, mysql: TestMysql) {
    this.#folder = folder;
    this.mysql = mysql;
    const extensionFile = findExtension('mysql_scanner', { pythonHome: join(ROOT, '.tools/python') });
    this.#source = new MysqlSource({
      name: 'olist_mysql',
      ...mysql.address,
      ...(extensionFile && { extensionFile }),
      parquetVersion: 'V2',
    });
    this.#lake = new FileSystemLake({ root: join(folder, 'lake') });
    const warehouse = new DuckDbWarehouse({ file: join(folder, 'warehouse.duckdb'), threads: 2 });
    this.#warehouse = warehouse;
    this.#transform = new DbtTransform({
      python,
      projectDir: join(ROOT, 'dbt'),
      stateDir: join(folder, 'dbt'),
      target: 'duckdb',
      handOver: (use, signal) => warehouse.handOver(use, signal),
    });
  }

  static async open(): Promise<OlistHourly> {
    return new OlistHourly(await mkdtemp(join(tmpdir(), 'sluice-hourly-')), await testMysql('hourly'));
  }

  /** A whole run. @returns rows that its loads have brought, by table */
  async run(interval: DataInterval): Promise<Readonly<Record<string, number>>> {
    const { tables, transform } = resolvePipeline(olistHourly);
    const ports = { source: this.#source, lake: this.#lake, warehouse: this.#warehouse };
    const brought: Record<string, number> = {};
    for (const table of tables) {
      const read = await readInterval(this.#warehouse, { pipeline, interval }, table);
      const { manifest } = await bring(ports, { pipeline, table, interval: read });
      brought[table.name] = manifest.rows;
    }
    const select = transform?.dbt.select ?? '';
    const runId = `hour-${++this.#runs}`;
    await this.#transform.build({ pipeline, select, runId, variables: {}, resume: false }, never);
    return brought;
  }

  /** In the warehouse. */
  async query(sql: string): Promise<readonly Row[]> {
    return (await this.#warehouse.query(sql, { limit: 1_000_000 })).rows;
  }

  /** Names of the columns that a load adds to a raw table, for a list in SQL. */
  async ownColumns(table: string): Promise<string> {
    const columns = await this.query(
      `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'raw_olist_hourly' AND table_name = '${table}' AND column_name LIKE '\\_%' ESCAPE '\\'`,
    );
    return columns.map(({ name }) => String(name)).join(', ');
  }

  /** All rows of raw tables and marts, without what tells their loads. */
  async contents(): Promise<Readonly<Record<string, readonly string[]>>> {
    const found: Record<string, readonly string[]> = {};
    for (const { name } of resolvePipeline(olistHourly).tables) {
      const rows = await this.query(
        `SELECT * EXCLUDE (${await this.ownColumns(name)}) FROM raw_olist_hourly.${name}`,
      );
      found[name] = rows.map((row) => JSON.stringify(row)).sort();
    }
    const sales = await this.query('SELECT * FROM olist_hourly.sales_by_category');
    found['sales_by_category'] = sales.map((row) => JSON.stringify(row)).sort();
    return found;
  }

  async close(): Promise<void> {
    await this.#source.close();
    await this.#warehouse.close();
    await this.mysql.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
