import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { identifier } from '../connectors/warehouse/duckdb/ddl.ts';
import { DuckDbWarehouse } from '../connectors/warehouse/duckdb/warehouse.ts';
import { insertAll } from '../connectors/warehouse/duckdb/write.ts';
import type { LoadRequest } from '../connectors/warehouse/port.ts';
import type { MergeWay } from './merge.ts';

interface Job {
  readonly way: MergeWay;
  readonly file: string;
  readonly request: LoadRequest;
  readonly memoryLimit: string;
}

const TARGET = 'raw_shop.orders';
const { way, file, request, memoryLimit } = JSON.parse(process.argv[2] ?? '') as Job;
const columns = request.manifest.schema.columns.map(({ name }) => name);
const quoted = columns.map(identifier);
const incoming = `read_parquet([${request.fileUris.map((uri) => `'${uri}'`).join(', ')}])`;
const ours = [`'l2'`, 'now()', 'now()'];

const WAYS: Record<Exclude<MergeWay, 'sluice'>, readonly string[]> = {
  'merge-into': [
    `MERGE INTO ${TARGET} USING ${incoming} AS incoming ON ${TARGET}.id = incoming.id
     WHEN MATCHED THEN UPDATE SET ${quoted.map((name) => `${name} = incoming.${name}`).join(', ')}, _load_id = 'l2', _loaded_at = now()
     WHEN NOT MATCHED THEN INSERT VALUES (${[...quoted.map((name) => `incoming.${name}`), ...ours].join(', ')})`,
  ],
  staged: [
    `CREATE TEMP TABLE staged AS SELECT ${quoted.join(', ')} FROM ${incoming}`,
    `DELETE FROM ${TARGET} USING staged WHERE ${TARGET}.id = staged.id`,
    insertAll({
      target: TARGET,
      columns,
      fileUris: [],
      loadId: 'l2',
      extractedAt: '2018-01-01T00:00:00Z',
    }).replace(/FROM read_parquet.*$/, 'FROM staged'),
  ],
};

const started = performance.now();
if (way === 'sluice') {
  await new DuckDbWarehouse({ file, memoryLimit }).load(request, new AbortController().signal);
} else {
  const instance = await DuckDBInstance.create(file, {
    memory_limit: memoryLimit,
    preserve_insertion_order: 'false',
  });
  await transaction(await instance.connect(), WAYS[way]);
  instance.closeSync();
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(JSON.stringify({ seconds, rssMb: Math.round(process.resourceUsage().maxRSS / 1024) }));

async function transaction(connection: DuckDBConnection, statements: readonly string[]): Promise<void> {
  await connection.run('BEGIN TRANSACTION');
  for (const statement of statements) await connection.run(statement);
  await connection.run('COMMIT');
  connection.closeSync();
}
