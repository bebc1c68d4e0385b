import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/setup/database.ts';
import { march } from './fixtures.ts';
import type { BackfillRecord } from '../port.ts';
import { PostgresLedger } from './ledger.ts';

const planned = (day: number) => ({ interval: march(day), nominalTime: march(day).end });
const ID = 'backfill-shop';

describe('PostgresLedger, backfills', () => {
  let database: TestDatabase;
  let ledger: PostgresLedger;
  const open = (execution: string, days = [1, 2, 3]) =>
    ledger.openBackfill({
      backfillId: ID,
      pipeline: 'shop',
      range: march(1, 4),
      request: { pipeline: 'shop' } as unknown as BackfillRecord['request'],
      execution,
      intervals: days.map(planned),
    });
  const record = async () => (await ledger.backfills({ pipeline: 'shop' }))[0];
  const states = async () => {
    const { rows } = await database.client.query<{ state: string }>(
      'SELECT state FROM backfill_intervals ORDER BY n',
    );
    return rows.map(({ state }) => state);
  };
  beforeAll(async () => {
    database = await testDatabase('ledger');
    ledger = new PostgresLedger(database.address);
    await ledger.migrate();
  });
  beforeEach(async () => {
    await database.client.query('TRUNCATE backfills, backfill_intervals');
    await open('first');
  });
  afterAll(async () => {
    await ledger.close();
    await database.close();
  });

  it('keeps an outcome that a late word of progress would take back', async () => {
    await ledger.updateBackfill(ID, { succeeded: 1, failed: 0, outcome: 'running' });
    expect(await record()).toMatchObject({ succeeded: 1, outcome: 'running', finishedAt: null });
    await ledger.updateBackfill(ID, { succeeded: 2, failed: 0, outcome: 'cancelled' });
    await ledger.updateBackfill(ID, { succeeded: 1, failed: 0, outcome: 'running' });
    expect(await record()).toMatchObject({ succeeded: 2, outcome: 'cancelled' });
  });

  it('begins anew when a backfill is run again under its id', async () => {
    await ledger.updateBackfill(ID, { succeeded: 2, failed: 1, outcome: 'failed' });
    expect(await open('second', [2])).toBe(1);
    expect(await record()).toMatchObject({ succeeded: 0, failed: 0, outcome: 'running', finishedAt: null });
    expect(await ledger.backfills({ pipeline: 'shop' })).toHaveLength(1);
    expect(await ledger.plannedIntervals(ID, 0, 10)).toEqual([planned(2)]);
  });

  it('lets the plan stand that the same execution has recorded, and what has become of it', async () => {
    await ledger.endInterval(ID, 0, 'succeeded', null);
    expect(await open('first', [1])).toBe(3);
    expect(await record()).toMatchObject({ total: 3, succeeded: 1 });
    expect(await states()).toEqual(['succeeded', 'planned', 'planned']);
  });

  it('gives its intervals bit by bit, in their order', async () => {
    expect(await ledger.plannedIntervals(ID, 0, 2)).toEqual([planned(1), planned(2)]);
    expect(await ledger.plannedIntervals(ID, 2, 2)).toEqual([planned(3)]);
    expect(await ledger.plannedIntervals(ID, 3, 2)).toEqual([]);
  });

  it('counts the end of an interval once, however often it is told', async () => {
    for (const n of [0, 0]) await ledger.endInterval(ID, n, 'succeeded', null);
    for (const error of ['no source', 'told late']) await ledger.endInterval(ID, 1, 'failed', error);
    await ledger.endInterval(ID, 2, 'cancelled', 'cancelled');
    expect(await record()).toMatchObject({ succeeded: 1, failed: 1, outcome: 'running' });
    expect(await states()).toEqual(['succeeded', 'failed', 'cancelled']);
    const { rows } = await database.client.query('SELECT error FROM backfill_intervals WHERE n = 1');
    expect(rows).toEqual([{ error: 'no source' }]);
  });
});
