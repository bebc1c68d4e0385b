import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonBatches } from './values.ts';

const MOST = 9_223_372_036_854_775_806n;

it('gives times and dates as DuckDB writes them, of every year there is', async () => {
  const connection = await (await DuckDBInstance.create()).connect();
  const micros = fc.oneof(
    fc.bigInt({ min: -9_223_372_022_400_000_000n, max: MOST }),
    fc.bigInt({ min: -70_000_000_000_000_000n, max: 300_000_000_000_000_000n }),
    fc.bigInt({ min: -3_000_000n, max: 3_000_000n }),
  );
  const days = fc.oneof(
    fc.integer({ min: -2_000_000, max: 4_000_000 }),
    fc.constantFrom(-719_163, -719_162, 2_932_896, 2_932_897),
  );
  const samples = fc.sample(fc.record({ micros, days }), { numRuns: 3000, seed: 5 });
  const values = samples.map((each) => `(${each.micros}::bigint, ${each.days})`).join();
  const result = await connection.stream(
    `select make_timestamp(m) as t, make_timestamp(m)::varchar as t_text, date '1970-01-01' + d as d, (date '1970-01-01' + d)::varchar as d_text
     from (values ${values}) as given (m, d)`,
  );
  const found: Record<string, unknown>[] = [];
  await jsonBatches(result, Infinity, ({ rows }) => found.push(...rows) > 0);
  expect(found).toHaveLength(samples.length);
  for (const { t, t_text, d, d_text } of found as Record<string, string>[]) {
    expect(t?.replace('T', ' ')).toBe(t_text);
    expect(d).toBe(d_text);
  }
});
