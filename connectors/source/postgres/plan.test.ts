import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it, onTestFinished } from 'vitest';
import fc from 'fast-check';
import type { CarriedColumn } from './columns.ts';
import {
  copyStatement,
  cutIntoParts,
  lossQuery,
  mayHaveLost,
  partQuery,
  type FileStatistics,
} from './plan.ts';
import { carriageOf, isRefusal } from './types.ts';
import { quoted } from './sql.ts';

const MB = 2 ** 20;
const aLeaf = (table: string, pages: number, bytes = pages * 8192) => ({
  name: { schema: 'public', table },
  pages,
  bytes,
});
const orders = { schema: 'public', table: 'orders' };
const columns: CarriedColumn[] = [
  { name: 'id', type: 'int32', nullable: false, carriage: { type: 'int32', sql: '"id"' } },
  { name: 'ref"x', type: 'uuid', nullable: true, carriage: { type: 'uuid', sql: '"ref""x"', asText: true } },
  {
    name: 'price',
    type: 'decimal(5,2)',
    nullable: true,
    carriage: {
      type: 'decimal(5,2)',
      sql: '"price"',
      loss: { sql: `"price" = 'NaN'`, of: 'numeric(5,2)', what: 'NaN' },
    },
  },
];

describe('the parts of a table', () => {
  it('is one where the table is small', () => {
    expect(cutIntoParts([aLeaf('t', 100)])).toEqual([[{ name: aLeaf('t', 0).name, from: 0, to: null }]]);
  });

  it('is an even number of about a quarter of a gigabyte where it is large', () => {
    const parts = cutIntoParts([aLeaf('t', (750 * MB) / 8192)]);
    expect(parts.map((part) => part.map(({ from, to }) => [from, to]))).toEqual([
      [[0, 24_000]],
      [[24_000, 48_000]],
      [[48_000, 72_000]],
      [[72_000, null]],
    ]);
  });

  it('holds several small partitions together', () => {
    const leaves = Array.from({ length: 100 }, (_, index) => aLeaf(`p${index}`, 100));
    expect(cutIntoParts(leaves).map((part) => part.length)).toEqual([50, 50]);
  });

  it('holds every page of every leaf exactly once, and is open at the end of each', () => {
    const leaf = fc.record({ pages: fc.nat(1e6), extra: fc.nat(1e9) });
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1, maxLength: 20 }), (sizes) => {
        const leaves = sizes.map(({ pages, extra }, index) =>
          aLeaf(`t${index}`, pages, pages * 8192 + (pages ? extra : 0)),
        );
        const ranges = cutIntoParts(leaves).flat();
        for (const { name } of leaves) {
          const mine = ranges.filter((range) => range.name === name);
          expect(mine[0]?.from).toBe(0);
          expect(mine.at(-1)?.to).toBeNull();
          for (const [index, range] of mine.slice(1).entries()) expect(range.from).toBe(mine[index]?.to);
        }
      }),
    );
  });
});

describe('the SQL of an extraction', () => {
  it('asks for pages of each leaf, and raises where a value may not pass', () => {
    const part = [
      { name: { schema: 'public', table: 'a' }, from: 10, to: 20 },
      { name: { schema: 'public', table: 'b' }, from: 0, to: null },
    ];
    const price =
      `CASE WHEN "price" = 'NaN' THEN ('sluice: a value has no exact counterpart' || random())::boolean::text::numeric(5,2) ` +
      `ELSE "price" END AS c2 `;
    expect(partQuery(part, quoted(orders), columns, 'x OR y')).toBe(
      `SELECT "id" AS c0, "ref""x" AS c1, ${price}FROM ONLY "public"."a" ` +
        `WHERE ctid >= '(10,0)'::tid AND ctid < '(20,0)'::tid AND (x OR y) UNION ALL ` +
        `SELECT "id" AS c0, "ref""x" AS c1, ${price}FROM ONLY "public"."b" WHERE (x OR y)`,
    );
  });

  it('asks the relation itself where PostgreSQL plans the access', () => {
    expect(partQuery('as planned', quoted(orders), columns.slice(0, 1), undefined)).toBe(
      'SELECT "id" AS c0 FROM "public"."orders"',
    );
  });

  it('writes one file, with names as they are', () => {
    expect(copyStatement('source0', `SELECT 'x'`, columns, `/tmp/it's/part-0.parquet`, 'V2')).toBe(
      `COPY (SELECT c0 AS "id", c1::VARCHAR AS "ref""x", c2 AS "price" FROM postgres_query('source0', 'SELECT ''x''')) ` +
        `TO '/tmp/it''s/part-0.parquet' (FORMAT parquet, PARQUET_VERSION V2, COMPRESSION zstd, COMPRESSION_LEVEL 1, WRITE_BLOOM_FILTER false, ` +
        `DICTIONARY_SIZE_LIMIT 1024, ROW_GROUP_SIZE 61440, ROW_GROUP_SIZE_BYTES 33554432, USE_TMP_FILE false, RETURN_STATS true)`,
    );
  });

  it('counts what each column loses, and takes no value along', () => {
    expect(lossQuery(quoted(orders), columns, 'x')).toBe(
      `SELECT count(*) FILTER (WHERE "price" = 'NaN') AS n2 FROM "public"."orders" WHERE x`,
    );
  });
});

describe('the statistics of a file', () => {
  /** What DuckDB says of a file with a column `name` of these values. */
  async function statisticsOf(name: string, values: string): Promise<FileStatistics> {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-statistics-'));
    const instance = await DuckDBInstance.create(':memory:');
    onTestFinished(() => {
      instance.closeSync();
      rmSync(folder, { recursive: true });
    });
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `COPY (SELECT unnest([${values}]::TIMESTAMP[]) AS ${name}) TO '${join(folder, 'a.parquet')}' (FORMAT parquet, RETURN_STATS true)`,
    );
    return reader.getRowsJson()[0]?.[4] as unknown as FileStatistics;
  }
  const carriage = carriageOf('at "x"', {
    name: 'timestamp',
    builtIn: true,
    kind: 'b',
    modifier: -1,
    declared: 'timestamp',
  });
  if (isRefusal(carriage)) throw new Error(carriage.refused);
  const times: CarriedColumn[] = [{ name: 'at "x"', type: 'timestamp', nullable: true, carriage }];

  it.each([
    ['times of our days', `'0044-03-15', NULL, '2018-08-01 12:00:00.5', '99999-12-31 23:59:59'`, false],
    ['NULLs only', 'NULL, NULL', false],
    ['years BC', `'2018-08-01', '290279-12-14 (BC)'`, true],
    ['the far future', `'100000-01-01'`, true],
    ['infinity', `'2018-08-01', 'infinity'`, true],
    ['−infinity', `'-infinity', '2018-08-01'`, true],
  ])('tell whether a time may have been lost: %s', async (_, values, doubtful) => {
    expect(mayHaveLost(await statisticsOf('"at ""x"""', values), times)).toBe(doubtful);
  });

  it('leave it open where they do not speak of the column', async () => {
    expect(mayHaveLost(await statisticsOf('other', `'2018-08-01'`), times)).toBe(true);
  });
});
