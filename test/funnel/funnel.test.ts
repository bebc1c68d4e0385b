import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../../cli/embedded/home.ts';
import { FileSystemLake } from '../../connectors/lake/folder/lake.ts';
import { FilesSource } from '../../connectors/source/files/source.ts';
import { python } from '../../connectors/transform/dbt/fixture.ts';
import { DbtTransform } from '../../connectors/transform/dbt/transform.ts';
import { DuckDbWarehouse } from '../../connectors/warehouse/duckdb/warehouse.ts';
import { toDataset } from '../../core/dashboards/dataset.ts';
import type { DataDefinition } from '../../core/dashboards/definition.ts';
import { selectOf } from '../../core/dashboards/sql.ts';
import { resolvePipeline } from '../../core/resolve.ts';
import { onFilesOf } from '../../core/schedule.ts';
import { olistFunnel as dashboard } from '../../dashboards/olist-funnel.ts';
import { olistFunnel } from '../../pipelines/olist-funnel.ts';
import { seedFunnel } from '../../seed/funnel/index.ts';

const REAL = join(
  process.env['SLUICE_TEST_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data'),
  'funnel',
);
const absent = !existsSync(REAL);
if (absent)
  console.warn(
    `The funnel of the real file is NOT tested: no folder ${REAL}. Set SLUICE_TEST_DATA to the folder that has funnel/.`,
  );
const never = new AbortController().signal;
const ORDERS = [
  `CREATE SCHEMA raw_olist_hourly`,
  `CREATE TABLE raw_olist_hourly.orders (order_id VARCHAR, customer_id VARCHAR, order_purchase_timestamp TIMESTAMP, customer_city VARCHAR, customer_state VARCHAR)`,
  `CREATE TABLE raw_olist_hourly.order_items (order_id VARCHAR, product_id VARCHAR, product_category_name VARCHAR, price DECIMAL(10,2), freight_value DECIMAL(10,2), order_purchase_timestamp TIMESTAMP)`,
  `CREATE TABLE raw_olist_hourly.product_category_name_translation (product_category_name VARCHAR, product_category_name_english VARCHAR)`,
  `INSERT INTO raw_olist_hourly.product_category_name_translation VALUES ('cama_mesa_banho', 'bed_bath_table'), ('roupas', 'clothes')`,
];

/** The pipeline `olist_funnel` in a folder of its own, without Temporal. */
class Funnel {
  readonly root: string;
  readonly #folder: string;
  readonly #warehouse: DuckDbWarehouse;
  #runs = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.root = join(folder, 'inbox');
    this.#warehouse = new DuckDbWarehouse({ file: join(folder, 'warehouse.duckdb'), threads: 2 });
  }

  /** @param statements for the tables of `olist_hourly` */
  static async open(statements: readonly string[]): Promise<Funnel> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-funnel-'));
    const instance = await DuckDBInstance.create(join(folder, 'warehouse.duckdb'));
    const connection = await instance.connect();
    for (const statement of statements) await connection.run(statement);
    connection.closeSync();
    instance.closeSync();
    await mkdir(join(folder, 'inbox'));
    return new Funnel(folder);
  }

  /** All that stand there, read, loaded and modelled. */
  async run(): Promise<void> {
    const { name: pipeline, tables, schedule, transform } = resolvePipeline(olistFunnel);
    const [table] = tables;
    const place = onFilesOf(schedule)?.place ?? '';
    if (!table) throw new Error('no table');
    const source = new FilesSource({
      name: 'in',
      root: this.root,
      s3: () => Promise.reject(new Error('no')),
    });
    const found = await source.arrivals.list(place, '*.csv', never);
    const interval = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:00:01Z' };
    const loadId = `load-${(this.#runs += 1)}`;
    const lake = new FileSystemLake({ root: join(this.#folder, 'lake') });
    const common = { pipeline, domain: table.domain, table: table.name, loadId };
    const load = await lake.open({ ...common, logicalDate: interval.start });
    const arrived = found.map((file) => ({ ...file, place, newest: true }));
    const { files, passedOver, ...extracted } = await source.extract(
      { table, interval, arrived, directory: load.directory },
      never,
    );
    if (passedOver?.length) throw new Error('files were passed over');
    const { manifest, manifestUri } = await load.commit({
      version: 1,
      ...common,
      interval,
      mode: table.extract.mode,
      ...extracted,
      files,
    });
    const fileUris = lake.fileUris(manifestUri, manifest);
    await this.#warehouse.load({ pipeline, table, manifestUri, manifest, fileUris }, never);
    const dbt = new DbtTransform({
      python,
      projectDir: join(ROOT, 'dbt'),
      stateDir: join(this.#folder, 'dbt'),
      target: 'duckdb',
      handOver: (use, signal) => this.#warehouse.handOver(use, signal),
    });
    const select = transform?.dbt.select ?? '';
    await dbt.build({ pipeline, select, runId: loadId, variables: {}, resume: false }, never);
    await source.close();
  }

  async query(sql: string): Promise<readonly string[]> {
    const { rows } = await this.#warehouse.query(sql, { limit: 1_000_000 });
    return rows.map((row) => Object.values(row).map(String).join(' '));
  }

  result(sql: string): ReturnType<DuckDbWarehouse['query']> {
    return this.#warehouse.query(sql, { limit: 1_000_000 });
  }

  /** All rows of each mart. */
  marts(): Promise<(readonly string[])[]> {
    return Promise.all(MARTS.map((sql) => this.query(sql)));
  }

  async close(): Promise<void> {
    await this.#warehouse.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Events of the files by type and by hour as they write it, counted without any of ours. */
function counted(folder: string): string[] {
  const counts = new Map<string, number>();
  for (const name of readdirSync(folder))
    for (const line of readFileSync(join(folder, name), 'utf8').trim().split('\r\n').slice(1)) {
      const [, at = '', type = ''] = line.split(',');
      const key = `${type} ${at.slice(11, 13)} ${at.slice(-2)}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  return [...counts].map(([key, count]) => `${key} ${count}`).sort();
}
const LOADED = `SELECT event_type, strftime(happened_at, '%I %p'), count(*) FROM olist_funnel_staging.stg_olist_funnel__events GROUP BY ALL`;
const MARTS = [
  'SELECT * FROM olist_funnel.views_by_category ORDER BY ALL',
  'SELECT * FROM olist_funnel.left_in_cart ORDER BY ALL',
];

let funnel: Funnel | undefined;
beforeEach(() => {
  funnel = undefined;
});
afterEach(() => funnel?.close());

describe('the funnel', { timeout: 600_000 }, () => {
  it.skipIf(absent)(
    'has the events of the real file by type and half of the day, and is the same after a second run',
    async () => {
      funnel = await Funnel.open(ORDERS);
      await seedFunnel(funnel.root, { data: [REAL] });
      await funnel.run();
      expect([...(await funnel.query(LOADED))].sort()).toEqual(counted(REAL));
      const before = await funnel.marts();
      expect(before.every((rows) => rows.length > 10)).toBe(true);
      await funnel.run();
      expect([...(await funnel.query(LOADED))].sort()).toEqual(counted(REAL));
      expect(await funnel.marts()).toEqual(before);
    },
  );

  it('knows who took something out of the cart and has not bought it since', async () => {
    funnel = await Funnel.open(ORDERS);
    await seedFunnel(funnel.root, { orders: 200, seed: 7 });
    const all = counted(join(funnel.root, 'user_behaviour'));
    expect(all.length).toBeGreaterThan(20);
    await funnel.run();
    expect([...(await funnel.query(LOADED))].sort()).toEqual(all);
    const wanted = await funnel.query(`
      SELECT DISTINCT userid, product_id FROM raw_olist_funnel.user_behaviour AS gone WHERE event_type = 'remove_from_cart' AND NOT EXISTS (
        SELECT 1 FROM raw_olist_funnel.user_behaviour AS bought WHERE bought.event_type = 'purchase' AND bought.userid = gone.userid
          AND bought.product_id = gone.product_id AND bought.event_timestamp >= gone.event_timestamp) ORDER BY ALL`);
    expect(wanted.length).toBeGreaterThan(10);
    const LEFT = 'SELECT customer_id, product_id FROM olist_funnel.left_in_cart ORDER BY ALL';
    expect(await funnel.query(LEFT)).toEqual(wanted);
    const total = await funnel.query(
      `SELECT count(*) FROM raw_olist_funnel.user_behaviour WHERE event_type = 'view'`,
    );
    expect(await funnel.query('SELECT sum(views)::BIGINT FROM olist_funnel.views_by_category')).toEqual(
      total,
    );
    // Its dashboard shows the same: what was looked at, and each customer with each product that was left.
    const { data, panels } = dashboard;
    const open = funnel;
    const sumOf = async (name: 'views' | 'left', measure: string) => {
      const definition: DataDefinition = data[name];
      const { sums } = toDataset(definition, await open.result(selectOf('olist_funnel', definition)));
      return (sums[measure]?.values ?? []).reduce((sum, each) => sum + each, 0);
    };
    expect([String(await sumOf('views', 'views'))]).toEqual(total);
    expect(await sumOf('left', 'products')).toBe(wanted.length);
    const listed = panels.find(({ kind }) => kind === 'select');
    const shown = await funnel.query(listed?.kind === 'select' ? listed.select : '');
    expect(shown.map((row) => row.split(' ').slice(0, 2).join(' ')).sort()).toEqual([...wanted].sort());
  });
});
