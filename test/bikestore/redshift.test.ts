import { describe, expect, it, onTestFinished } from 'vitest';
import { missing, ROLE, startRedshiftBench } from '../../aws-local/redshift-bench/redshift-harness.ts';
import { RedshiftWarehouse } from '../../connectors/warehouse/redshift/warehouse.ts';
import { seedBikestore } from '../../seed/bikestore/index.ts';
import { Bikestore, STAR } from './lab.ts';

describe.skipIf(missing)(`the star on Redshift ${missing ?? ''}`, { timeout: 600_000 }, () => {
  it('is the one on DuckDB, row for row, after a second day as well', async () => {
    const bench = await startRedshiftBench();
    onTestFinished(() => bench.stop());
    const { host, user, password } = bench.postgres;
    const warehouse = new RedshiftWarehouse({
      data: bench.client(),
      s3: bench.s3,
      place: { workgroup: 'sluice', database: bench.postgres.database },
      copyRole: ROLE,
      login: () => Promise.resolve({ host, port: bench.wire.port, user, password, sslmode: 'disable' }),
    });
    const bikes = await Bikestore.open({ warehouse, publish: bench.publish });
    onTestFinished(() => bikes.close());
    await seedBikestore(bikes.database.url, { orders: 60 });
    await bikes.run();
    await bikes.source(`
      DELETE FROM customers WHERE customer_id = 2;
      UPDATE products SET list_price = list_price + 1 WHERE product_id < 5;
      UPDATE order_items SET quantity = 9 WHERE order_id = 10;
      DELETE FROM order_items WHERE order_id = 11`);
    await bikes.run();
    for (const table of STAR) {
      const rows = async (place: Pick<Bikestore, 'query'>) =>
        (await place.query(`SELECT * FROM bikestore.${table}`)).map(withoutLoad).sort();
      const expected = await rows(bikes);
      expect(expected.length, table).toBeGreaterThan(2);
      expect(await rows({ query: async (sql) => (await warehouse.query(sql)).rows }), table).toEqual(
        expected,
      );
    }
  });
});

/** When its changes were loaded differs by warehouse. */
const withoutLoad = (row: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.entries(row).filter(([name]) => name !== '_loaded_at'));
