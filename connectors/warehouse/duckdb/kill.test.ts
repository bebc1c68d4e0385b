import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DuckDbWarehouse } from './warehouse.ts';
import { aLoad, aTable, columns, day, ORDERS } from '../conformance/fixtures.ts';
import type { LoadRequest } from '../port.ts';

const ROWS = 200_000;
const script = join(import.meta.dirname, 'load.fixture.ts');

describe('DuckDbWarehouse in a process that is killed', { timeout: 120_000 }, () => {
  let folder: string;
  let requests: LoadRequest[];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'duckdb-kill-'));
    const from = (first: number, extra = '') =>
      `SELECT range AS id, TIMESTAMP '2018-01-01' AS at, hash(range)::VARCHAR AS note${extra} FROM range(${first}, ${first + ROWS})`;
    requests = [
      await aLoad(folder, { loadId: 'l1', sql: { query: from(0), rows: ROWS }, mark: '2018-01-01' }),
      await aLoad(folder, {
        loadId: 'l2',
        interval: day(2),
        table: aTable(),
        columns: [...ORDERS, ...columns({ extra: 'boolean' })],
        sql: { query: from(ROWS / 2, ', true AS extra'), rows: ROWS },
        mark: '2018-01-02',
      }),
    ];
    await writeFile(join(folder, 'requests.json'), JSON.stringify(requests));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  for (const after of [5, 30, 80, 150, 250, 400]) {
    it(`has all of a load or nothing, ${after} ms after it began`, async () => {
      const file = join(folder, `killed-${after}`, 'warehouse.duckdb');
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', script, file, join(folder, 'requests.json')],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await once(child.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, after));
      child.kill('SIGKILL');
      await once(child, 'exit');

      const warehouse = new DuckDbWarehouse({ file });
      const applied = (await warehouse.lastLoad('shop', 'orders'))?.loadId;
      const { rows } = applied
        ? await warehouse.query(
            `SELECT _load_id AS load, count(*)::INTEGER AS rows FROM raw_shop.orders GROUP BY ALL ORDER BY ALL`,
          )
        : { rows: [] };
      expect(rows).toEqual(
        {
          none: [],
          l1: [{ load: 'l1', rows: ROWS }],
          l2: [
            { load: 'l1', rows: ROWS / 2 },
            { load: 'l2', rows: ROWS },
          ],
        }[applied ?? 'none'],
      );

      // What comes next settles it: the same loads again, and everything is there once.
      for (const request of requests) await warehouse.load(request, new AbortController().signal);
      const settled = await warehouse.query(
        `SELECT count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS keys, count(extra)::INTEGER AS extras FROM raw_shop.orders`,
      );
      expect(settled.rows).toEqual([{ rows: ROWS * 1.5, keys: ROWS * 1.5, extras: ROWS }]);
      expect(await warehouse.lastLoad('shop', 'orders')).toMatchObject({ highWaterMark: '2018-01-02' });
      expect(await readdir(join(folder, `killed-${after}`))).toEqual(['warehouse.duckdb']);
    });
  }
});
