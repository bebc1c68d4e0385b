import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDbWarehouse } from '../../warehouse/duckdb/warehouse.ts';
import { catalogConforms } from '../conformance/suite.ts';
import { DuckDbCatalog } from './catalog.ts';

catalogConforms('DuckDB', async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice's catalog "));
  const lakeUri = join(folder, 'lake');
  const file = join(folder, 'warehouse.duckdb');
  const warehouse = new DuckDbWarehouse({ file, viewed: [join(lakeUri, 'silver')] });
  return {
    catalog: new DuckDbCatalog((...change) => warehouse.change(...change)),
    lakeUri,
    local: (uri) => uri,
    read: async (schema, table) => {
      const { rows, columns } = await warehouse.query(`SELECT * FROM ${schema}.${table} ORDER BY ALL`);
      return {
        rows: rows.map((row) => JSON.stringify(row)),
        columns: columns.map(({ name, type }) => `${name} ${type}`),
      };
    },
    end: async () => {
      await warehouse.close();
      await rm(folder, { recursive: true });
    },
  };
});
