import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { warehouseConforms } from '../conformance/suite.ts';
import { DuckDbWarehouse } from './warehouse.ts';

warehouseConforms('DuckDbWarehouse', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'duckdb-warehouse-'));
  const file = join(folder, 'warehouse.duckdb');
  const warehouse = new DuckDbWarehouse({ file, threads: 2 });
  return {
    warehouse,
    // Nobody has it open then, and its log is in it.
    reset: () => warehouse.handOver(() => rm(file, { force: true })),
    execute: (sql) =>
      warehouse.handOver(async () => {
        const instance = await DuckDBInstance.create(file);
        const connection = await instance.connect();
        await connection.run(sql);
        connection.closeSync();
        instance.closeSync();
      }),
    end: async () => {
      await warehouse.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
