import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { DuckDbCatalog } from '../../catalog/duckdb/catalog.ts';
import { DuckDbWarehouse } from '../../warehouse/duckdb/warehouse.ts';
import { datasetsConform } from '../conformance/datasets.ts';
import { FileSystemLake } from './lake.ts';

datasetsConform('FileSystemLake', async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice's datasets "));
  const root = join(folder, 'lake');
  return {
    lake: new FileSystemLake({ root }),
    root,
    local: (uri) => (uri.startsWith('file:') ? fileURLToPath(uri) : uri),
    end: () => rm(folder, { recursive: true }),
  };
});

it('datasets in a folder are read by queries, which neither write beside them nor read elsewhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), "sluice's datasets "));
  const silver = join(folder, 'lake', 'silver');
  const warehouse = new DuckDbWarehouse({ file: join(folder, 'w.duckdb'), viewed: [silver] });
  try {
    await mkdir(silver, { recursive: true });
    const text = (path: string) => `'${path.replaceAll("'", "''")}'`;
    const orders = join(silver, 'orders.parquet');
    const never = new AbortController().signal;
    await warehouse.change('Writing', [`COPY (SELECT 1 AS id) TO ${text(orders)}`], never);
    const catalog = new DuckDbCatalog((...change) => warehouse.change(...change));
    const columns = [{ name: 'id', type: 'int' }];
    const table = { schema: 'shop_silver', table: 'orders', columns, partitionedBy: [] };
    await catalog.point([{ ...table, folderUri: silver, fileUris: [orders] }], never);

    const evil = join(silver, 'evil.parquet');
    await expect(warehouse.query(`COPY (SELECT 1) TO ${text(evil)}`)).rejects.toThrow(
      /disabled by configuration/,
    );
    await expect(warehouse.query(`EXPLAIN ANALYZE COPY (SELECT 1) TO ${text(evil)}`)).rejects.toThrow();
    await expect(warehouse.query(`SELECT * FROM read_text('/etc/hostname')`)).rejects.toThrow(/disabled/);
    expect(existsSync(evil)).toBe(false);
    expect((await warehouse.query('SELECT * FROM shop_silver.orders')).rows).toEqual([{ id: 1 }]);
  } finally {
    await warehouse.close();
    await rm(folder, { recursive: true });
  }
});
