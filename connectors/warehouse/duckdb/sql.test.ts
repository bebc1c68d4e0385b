import { describe, expect, it } from 'vitest';
import { alterTable, createTable } from './ddl.ts';
import { deleteKeys, insertAll, insertMissing, withinIntervals } from './write.ts';
import { columns, day } from '../conformance/fixtures.ts';

const write = {
  target: '"raw_shop"."orders"',
  columns: ['id', 'No"te'],
  fileUris: ["/lake/o'neill/load=l2/part-0.parquet", '/lake/[1]/part-1.parquet'],
  loadId: 'l2',
  extractedAt: '2018-01-02T00:00:00.5Z',
};
const FILES = `read_parquet(['/lake/o''neill/load=l2/part-0.parquet', '/lake/[[]1]/part-1.parquet'], hive_partitioning = false)`;
const INSERT =
  `INSERT INTO "raw_shop"."orders" ("id", "No""te", _load_id, _loaded_at, _extracted_at) ` +
  `SELECT "id", "No""te", 'l2', now(), '2018-01-02T00:00:00.5Z'::TIMESTAMPTZ FROM ${FILES} AS incoming`;

describe('the SQL of a load', () => {
  it('inserts by name, straight from the files', () => {
    expect(insertAll(write)).toBe(INSERT);
  });

  it('inserts what is missing by the whole key', () => {
    expect(insertMissing(write, ['id', 'line'])).toBe(
      `${INSERT} WHERE NOT EXISTS (SELECT 1 FROM "raw_shop"."orders" AS present ` +
        `WHERE present."id" = incoming."id" AND present."line" = incoming."line")`,
    );
  });

  it('deletes by key, rows of newer loads aside', () => {
    expect(deleteKeys(write, ['id'])).toBe(
      `DELETE FROM "raw_shop"."orders" AS present USING (SELECT "id" FROM ${FILES}) AS incoming ` +
        `WHERE present."id" = incoming."id" AND present._load_id <= 'l2'`,
    );
  });

  it('takes the start of an interval and not its end', () => {
    expect(withinIntervals('at', [day(1)], 'timestamp')).toBe(
      `"at" >= TIMESTAMP '2018-01-01 00:00:00' AND "at" < TIMESTAMP '2018-01-02 00:00:00'`,
    );
    expect(withinIntervals('at', [day(1)], 'date')).toBe(
      `"at" >= DATE '2018-01-01' AND "at" < DATE '2018-01-02'`,
    );
    expect(withinIntervals('at', [day(1)], 'timestamptz')).toBe(
      `"at" >= TIMESTAMPTZ '2018-01-01T00:00:00Z' AND "at" < TIMESTAMPTZ '2018-01-02T00:00:00Z'`,
    );
  });

  it('takes times without zone in theirs', () => {
    expect(withinIntervals('at', [day(1)], 'timestamp', 'America/New_York')).toBe(
      `"at" >= TIMESTAMP '2017-12-31 19:00:00' AND "at" < TIMESTAMP '2018-01-01 19:00:00'`,
    );
  });

  it('takes each of several intervals', () => {
    const apart = withinIntervals('at', [day(1), day(3)], 'timestamptz');
    expect(apart).toBe(
      [day(1), day(3)].map((one) => `(${withinIntervals('at', [one], 'timestamptz')})`).join(' OR '),
    );
  });

  it('makes a table of the source’s columns and ours', () => {
    expect(createTable('t', { columns: columns({ id: 'int64', price: 'decimal(10,2)' }) })).toBe(
      `CREATE TABLE t ("id" BIGINT, "price" DECIMAL(10,2), "_load_id" VARCHAR, ` +
        `"_loaded_at" TIMESTAMP WITH TIME ZONE, "_extracted_at" TIMESTAMP WITH TIME ZONE)`,
    );
  });

  it('alters what DuckDB tells apart', () => {
    const change = {
      added: columns({ extra: 'json' }),
      widened: [
        { name: 'id', from: 'int32', to: 'int64' },
        { name: 'note', from: 'string(5)', to: 'string' },
      ] as const,
    };
    expect(alterTable('t', change)).toEqual([
      'ALTER TABLE t ADD COLUMN "extra" VARCHAR',
      'ALTER TABLE t ALTER COLUMN "id" TYPE BIGINT',
    ]);
  });
});
