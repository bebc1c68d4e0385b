import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/setup/database.ts';
import { aRun, march } from './fixtures.ts';
import { PostgresLedger } from './ledger.ts';

let database: TestDatabase;
let ledger: PostgresLedger;
const rowsOf = async (table: string) =>
  Number((await database.client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)).rows[0]?.n);
const TABLES = ['runs', 'steps', 'leases', 'backfills', 'asset_events'];

beforeAll(async () => {
  database = await testDatabase('migration');
  await database.client.query(readFileSync(join(import.meta.dirname, 'ledger-001.sql'), 'utf8'));
  ledger = new PostgresLedger(database.address);
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

describe('a ledger of version 001 with rows in it', () => {
  it('is brought to the newest version, by several processes at once, and loses none', async () => {
    const before = await Promise.all(TABLES.map(rowsOf));
    const other = new PostgresLedger(database.address);
    await Promise.all([ledger.migrate(), other.migrate(), ledger.migrate()]);
    await other.close();
    expect(await Promise.all(TABLES.map(rowsOf))).toEqual(before);
  });

  it('then knows what its runs have loaded', async () => {
    expect(await ledger.missing('shop', ['clicks'], march(1, 4))).toMatchObject([march(2, 4)]);
    expect(await ledger.missing('shop', ['orders'], march(1, 4))).toMatchObject([march(3)]);
    expect(await ledger.failed('shop', ['orders'], march(1, 8))).toEqual([march(2)]);
    expect(await ledger.loadedUpTo('shop', ['orders', 'clicks'])).toEqual({
      orders: march(2).end,
      clicks: march(1).end,
    });
  });

  it('keeps the leases of runs in flight, which are in the way of what overlaps', async () => {
    expect(await ledger.openRun(aRun('new', march(5)))).toMatchObject({ runId: 'week' });
    await ledger.closeRun('week', 'succeeded', null);
    expect(await ledger.openRun(aRun('new', march(3)))).toMatchObject({ runId: 'day' });
    expect(await ledger.openRun(aRun('new', march(5)))).toBeUndefined();
  });

  it('knows the newest attempt of each step that was begun', async () => {
    const { rows } = await database.client.query<{ n: string }>(
      `SELECT count(*) AS n FROM steps JOIN attempts USING (run_id, step, table_name, attempt) WHERE steps.outcome <> 'skipped'`,
    );
    expect(Number(rows[0]?.n)).toBe(await rowsOf('attempts'));
    expect(await rowsOf('attempts')).toBeGreaterThan(0);
  });

  it('takes steps from workers of the version before, which say neither pipeline nor interval', async () => {
    await database.client.query(
      `INSERT INTO steps (run_id, step, table_name, attempt, outcome) VALUES ('new', 'load', 'orders', 1, 'succeeded')`,
    );
    expect(await ledger.missing('shop', ['orders'], march(5))).toEqual([]);
  });

  it('lets a backfill in flight go on counting', async () => {
    await ledger.updateBackfill('backfill-shop', { succeeded: 7, failed: 0, outcome: 'succeeded' });
    expect(await ledger.backfills({ pipeline: 'shop' })).toMatchObject([
      { total: 7, succeeded: 7, outcome: 'succeeded' },
    ]);
  });
});
