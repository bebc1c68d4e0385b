import { afterAll, beforeAll, expect, it } from 'vitest';
import { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import { resolvePipeline } from '../core/resolve.ts';
import { testDatabase, type TestDatabase } from '../test/setup/database.ts';
import { loadsInUse } from '../core/loads-in-use.ts';

const definition = resolvePipeline({
  description: 'A shop',
  name: 'shop',
  schedule: { cron: '0 2 * * *', timezone: 'UTC' },
  start: '2018-01-01',
  source: 'shop',
  tables: {
    orders: { domain: 'sales', extract: { mode: 'snapshot' } },
  },
});
const day = (number: number) => ({
  start: `2018-01-0${number}T00:00:00Z`,
  end: `2018-01-0${number + 1}T00:00:00Z`,
});

let database: TestDatabase;
let ledger: PostgresLedger;
beforeAll(async () => {
  database = await testDatabase('ledger');
  ledger = new PostgresLedger(database.address);
  await ledger.migrate();
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

async function aRun(runId: string, interval: { start: string; end: string }, loadId: string): Promise<void> {
  const code = { kind: 'manual', backfillId: null, codeVersion: 'v', input: { pipeline: 'shop' } } as const;
  await ledger.openRun({ runId, workflowId: runId, pipeline: 'shop', interval, definition, ...code });
  await ledger.startStep(runId, 'extract', 'orders', 1);
  const result = { loadId, manifestUri: `/lake/${loadId}`, rows: 1, bytes: 1, unchanged: false };
  await ledger.finishStep(runId, 'extract', 'orders', 1, { result, rows: 1, bytes: 1 });
}

it('names what was extracted for intervals that a run is open for, by it or by one before', async () => {
  await aRun('failed', day(1), 'l1');
  await ledger.closeRun('failed', 'failed', 'no');
  await aRun('done', day(2), 'l2');
  await ledger.closeRun('done', 'succeeded', null);
  expect(await loadsInUse(ledger)).toEqual(new Set());
  await aRun('resumed', day(1), 'l3');
  expect(await loadsInUse(ledger)).toEqual(new Set(['l1', 'l3']));
});
