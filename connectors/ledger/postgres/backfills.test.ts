import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/setup/database.ts';
import { aRun, march } from './fixtures.ts';
import { PostgresLedger } from './ledger.ts';

let database: TestDatabase;
let ledger: PostgresLedger;
beforeAll(async () => {
  database = await testDatabase('backfills');
  ledger = new PostgresLedger(database.address);
  await ledger.migrate();
});
afterAll(async () => {
  await ledger.close();
  await database.close();
});

const open = (backfillId: string, range = march(1, 3)) =>
  ledger.openBackfill({
    backfillId,
    execution: backfillId,
    pipeline: 'shop',
    range,
    request: {
      pipeline: 'shop',
      from: '2024-03-01',
      to: '2024-03-03',
      concurrency: 1,
      reprocess: 'missing',
      transform: 'once',
      runsPerExecution: 200,
    },
    intervals: [march(1), march(2)].map((interval) => ({ interval, nominalTime: interval.end })),
  });
const done = { succeeded: 2, failed: 0, outcome: 'succeeded' } as const;

it('keeps the intervals of a backfill for a month after its end, and of one that goes on for as long as it does', async () => {
  for (const id of ['old', 'young', 'endless']) await open(id);
  for (const id of ['old', 'young']) await ledger.updateBackfill(id, done);
  const ago = (id: string, column: string, days: number) =>
    database.client.query(
      `UPDATE backfills SET ${column} = now() - $2::int * interval '1 day' WHERE backfill_id = $1`,
      [id, days],
    );
  await ago('old', 'finished_at', 31);
  await ago('young', 'finished_at', 29);
  await ago('endless', 'started_at', 400);
  await open('new');
  const { rows } = await database.client.query<{ id: string; n: number }>(
    'SELECT backfill_id AS id, count(*)::int AS n FROM backfill_intervals GROUP BY 1 ORDER BY 1',
  );
  expect(rows).toEqual(['endless', 'new', 'young'].map((id) => ({ id, n: 2 })));
  expect(await ledger.backfills({ pipeline: 'shop' })).toHaveLength(4);
});

it('knows of a backfill that has failed until one that meets its range is brought to its end', async () => {
  const unfinished = () => ledger.unfinished('shop', march(2, 9));
  expect(await unfinished()).toBe(false);
  await open('torn');
  await ledger.updateBackfill('torn', { ...done, failed: 1, outcome: 'failed' });
  expect(await unfinished()).toBe(true);
  expect(await ledger.unfinished('shop', march(4, 9))).toBe(false);
  expect(await ledger.unfinished('ship', march(2, 9))).toBe(false);
  await open('mended');
  expect(await unfinished()).toBe(true);
  await ledger.updateBackfill('mended', done);
  expect(await unfinished()).toBe(false);
});

it('knows of a backfill whose end left out its models until a run over its range has built them', async () => {
  const unfinished = () => ledger.unfinished('shop', march(11, 13));
  const ended = async (runId: string, workflowId: string, skipped: boolean) => {
    await ledger.openRun({ ...aRun(runId, march(11, 13)), workflowId });
    if (!skipped) {
      await ledger.startStep(runId, 'transform', null, 1);
      await ledger.finishStep(runId, 'transform', null, 1, { result: {}, rows: null, bytes: null });
    }
    const left = skipped ? [{ step: 'transform' as const, table: null, reason: 'skipped by anna' }] : [];
    await ledger.closeRun(runId, 'succeeded', null, left);
  };
  await open('cut', march(11, 13));
  await ended('cut-finish', 'cut/finish', true);
  await ledger.updateBackfill('cut', done);
  expect(await unfinished()).toBe(true);
  expect(await ledger.unfinished('shop', march(13, 15))).toBe(false);
  await ended('again', 'shop-again', true);
  expect(await unfinished()).toBe(true);
  await ended('built', 'shop-built', false);
  expect(await unfinished()).toBe(false);
});
