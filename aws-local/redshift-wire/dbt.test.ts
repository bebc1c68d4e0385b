import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, describe, expect, it } from 'vitest';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ColumnType } from '../../core/schema.ts';
import { aRequest, aWorkplace, python, type Workplace } from '../../connectors/transform/dbt/fixture.ts';
import { DbtTransform } from '../../connectors/transform/dbt/transform.ts';
import { columnsOf, smallRaw, type RawTable } from '../../connectors/transform/dbt/raw-olist-fixture.ts';
import { DuckDbWarehouse } from '../../connectors/warehouse/duckdb/warehouse.ts';
import { aTable, day } from '../../connectors/warehouse/conformance/fixtures.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import { RedshiftWarehouse } from '../../connectors/warehouse/redshift/warehouse.ts';
import { deniedIn } from '../sql-check/deny.ts';
import { missing as sqlfluffMissing, unparsable } from '../sql-check/sqlfluff.ts';
import { missing, ROLE, startRedshiftBench, type RedshiftBench } from '../redshift-bench/redshift-harness.ts';

const never = new AbortController().signal;
const RAW: readonly RawTable[] = [
  'customers',
  'geolocation',
  'orders',
  'order_items',
  'order_payments',
  'order_reviews',
  'products',
  'sellers',
  'product_category_name_translation',
  'leads_qualified',
  'leads_closed',
];
const MARTS = [
  'olist.fct_orders',
  'olist.dim_customers',
  'olist.dim_products',
  'olist.mart_customer_segments',
  'olist_intermediate.int_customer_rfm_metrics',
  'olist_intermediate.int_zip_code_locations',
];

describe.skipIf(missing)(`dbt on Redshift ${missing ?? ''}`, { timeout: 300_000 }, () => {
  it('builds the same marts as on DuckDB, row for row and cent for cent, and again', async () => {
    const place = await aWorkplace();
    await place.sql(smallRaw);
    const bench = await startRedshiftBench();
    onTestFinished(() => bench.stop());
    const redshift = warehouseOf(bench);
    await loadRaw(place, bench, redshift);

    await place.transform.build(aRequest(), never);
    const onRedshift = new DbtTransform({
      python,
      projectDir: place.projectDir,
      stateDir: join(place.folder, 'state-redshift'),
      target: 'redshift',
      threads: 4,
      handOver: (use) => redshift.handOver(use),
    });
    for (const round of [1, 2]) {
      const { nodes } = await onRedshift.build(aRequest({ runId: `round-${round}` }), never);
      expect(nodes.filter(({ status }) => status !== 'success')).toEqual([]);
      const duckdb = new DuckDbWarehouse({ file: place.database });
      for (const mart of MARTS) {
        const expected = await rowsOf(duckdb, mart);
        expect(expected.length, mart).toBeGreaterThan(0);
        expect(await rowsOf(redshift, mart), mart).toEqual(expected);
      }
      await duckdb.close();
    }
    const compiled = compiledIn(join(place.folder, 'state-redshift'));
    expect(compiled.flatMap(deniedIn)).toEqual([]);
    if (!sqlfluffMissing) expect(unparsable(compiled)).toEqual([]);
    const { rows } = await redshift.query(
      `SELECT "table" || ' ' || diststyle || ' ' || COALESCE(sortkey1, '-') AS layout FROM svv_table_info WHERE "schema" IN ('olist', 'olist_intermediate') ORDER BY 1`,
    );
    expect(rows.map(({ layout }) => layout)).toEqual([
      'dim_customers ALL customer_id',
      'dim_products ALL product_id',
      'fct_orders KEY(customer_unique_id) order_purchase_timestamp',
      'int_customer_rfm_metrics KEY(customer_unique_id) AUTO(SORTKEY)',
      'mart_customer_segments KEY(customer_unique_id) segment',
    ]);
  });
});

/** The models as dbt wrote them for Redshift. */
function compiledIn(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const models = paths.filter(
    (path) => /compiled\/sluice\/models\/.*\.sql$/.test(path) && !path.includes('.yml/'),
  );
  expect(models.length).toBeGreaterThan(15);
  return models.map((path) => readFileSync(join(folder, path), 'utf8').trim());
}

function warehouseOf(bench: RedshiftBench): RedshiftWarehouse {
  const { host, user, password } = bench.postgres;
  return new RedshiftWarehouse({
    data: bench.client(),
    s3: bench.s3,
    place: { workgroup: 'sluice', database: bench.postgres.database },
    copyRole: ROLE,
    login: () => Promise.resolve({ host, port: bench.wire.port, user, password, sslmode: 'disable' }),
  });
}

async function rowsOf(warehouse: Warehouse, relation: string): Promise<string[]> {
  const { rows } = await warehouse.query(`SELECT * FROM ${relation}`, { limit: 1_000_000 });
  return rows.map((row) => JSON.stringify(row)).sort();
}

const TYPES: Readonly<Record<string, ColumnType>> = {
  varchar: 'string',
  double: 'float64',
  integer: 'int32',
  timestamp: 'timestamp',
  date: 'date',
  boolean: 'boolean',
};

async function loadRaw(place: Workplace, bench: RedshiftBench, redshift: RedshiftWarehouse): Promise<void> {
  for (const name of RAW) {
    const columns = columnsOf(name).map((column) => ({
      name: column.name,
      type: TYPES[column.type] ?? (column.type as ColumnType),
      nullable: true,
    }));
    const path = join(place.folder, `${name}.parquet`);
    const instance = await DuckDBInstance.create(place.database);
    const connection = await instance.connect();
    const list = columns.map((column) => column.name).join(', ');
    const copied = await connection.run(
      `COPY (SELECT ${list} FROM raw_olist.${name}) TO '${path}' (FORMAT parquet)`,
    );
    connection.closeSync();
    instance.closeSync();
    await redshift.load(
      {
        pipeline: 'olist',
        table: aTable({ name, write: 'replace', extract: { mode: 'snapshot' }, primaryKey: [] }),
        manifestUri: `s3://lake/${name}/_manifest.json`,
        fileUris: await bench.publish([path]),
        manifest: {
          version: 1,
          loadId: `l-${name}`,
          pipeline: 'olist',
          domain: 'sales',
          table: name,
          interval: day(1),
          mode: 'snapshot',
          schema: { columns },
          files: [{ path: 'part-0.parquet', rows: copied.rowsChanged, bytes: 1, sha256: '0'.repeat(64) }],
          rows: copied.rowsChanged,
          bytes: 1,
          highWaterMark: null,
          coercions: [],
          extractedAt: '2018-09-01T02:00:00Z',
        },
      },
      never,
    );
  }
}
