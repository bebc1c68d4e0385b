import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../test/setup/database.ts';
import type { BackfillRecord } from './port.ts';
import { PostgresLedger } from './postgres.ts';

const RANGE = { start: '2018-08-01T00:00:00Z', end: '2018-08-04T00:00:00Z' };
const BACKFILL = { backfillId: 'backfill-shop', pipeline: 'shop', range: RANGE, total: 3 } as const;

describe('PostgresLedger, backfills', () => {
  let database: TestDatabase;
  let ledger: PostgresLedger;
  const open = () =>
    ledger.openBackfill({
      ...BACKFILL,
      request: { pipeline: 'shop' } as unknown as BackfillRecord['request'],
    });
  const record = async () => (await ledger.backfills('shop'))[0];
  beforeAll(async () => {
    database = await testDatabase('ledger');
    ledger = new PostgresLedger(database.address);
    await ledger.migrate();
  });
  beforeEach(open);
  afterAll(async () => {
    await ledger.close();
    await database.close();
  });

  it('keeps an outcome that a late word of progress would take back', async () => {
    await ledger.updateBackfill('backfill-shop', { succeeded: 1, failed: 0, outcome: 'running' });
    expect(await record()).toMatchObject({ succeeded: 1, outcome: 'running', finishedAt: null });
    await ledger.updateBackfill('backfill-shop', { succeeded: 2, failed: 0, outcome: 'cancelled' });
    await ledger.updateBackfill('backfill-shop', { succeeded: 1, failed: 0, outcome: 'running' });
    expect(await record()).toMatchObject({ succeeded: 2, outcome: 'cancelled' });
  });

  it('begins anew when a backfill is run again under its id', async () => {
    await ledger.updateBackfill('backfill-shop', { succeeded: 2, failed: 1, outcome: 'failed' });
    await open();
    expect(await record()).toMatchObject({ succeeded: 0, failed: 0, outcome: 'running', finishedAt: null });
    expect(await ledger.backfills('shop')).toHaveLength(1);
  });
});
