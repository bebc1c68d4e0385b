import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import { startBackfill, untilProgress } from '../faults/backfill.ts';
import { lockTable, untilBlocked } from '../faults/holder.ts';
import { day, Lab } from '../faults/lab.ts';
import { withoutPlaces } from './places.ts';

/**
 * Records the histories that `replay.test.ts` holds today's workflows against:
 *
 *     node --import tsx test/replay/record.ts
 *
 * Record anew only when runs in flight need not survive the change, or when a situation is added: a history that no longer
 * replays says that the worker would break the runs that are going on when it is deployed.
 */
const FOLDER = join(import.meta.dirname, '..', 'histories');
const DAY = day('2024-03-02');
const TABLES = ['orders', 'prices'];

const lab = await Lab.open();
try {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  await lab.startWorker();
  const happy = await lab.run({ interval: DAY });
  await happy.result();
  await keep('happy-run', happy);

  await lab.forget();
  await lab.source.query('INSERT INTO shop.orders SELECT * FROM shop.orders WHERE order_id = 150');
  const failing = await lab.run({ interval: DAY });
  await failing.result().catch(() => undefined);
  await keep('failing-table', failing);
  await lab.source.query(
    'DELETE FROM shop.orders WHERE ctid IN (SELECT max(ctid) FROM shop.orders WHERE order_id = 150)',
  );
  const rerun = await lab.run({ interval: DAY, resume: failing.firstExecutionRunId, kind: 'rerun' });
  await rerun.result();
  await keep('rerun-with-resume', rerun);

  await lab.forget();
  const unlock = await lockTable(lab, 'shop.orders');
  const cancelled = await lab.run({ interval: DAY, tables: TABLES });
  await untilBlocked(lab);
  await cancelled.cancel();
  await cancelled.result().catch(() => undefined);
  await unlock();
  await keep('cancelled-run', cancelled);

  await lab.forget();
  const again = await lockTable(lab, 'shop.orders');
  const retried = await lab.run({ interval: DAY, tables: TABLES });
  await untilBlocked(lab);
  await lab.source.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice'`,
  );
  await again();
  await retried.result();
  await keep('retried-attempt', retried);

  await lab.forget();
  const held = await lockTable(lab, 'shop.orders');
  const backfill = await startBackfill(lab, '2024-03-01', '2024-03-04', {
    concurrency: 1,
    runsPerExecution: 2,
  });
  await untilBlocked(lab);
  await backfill.executeUpdate('pause');
  await held();
  await untilProgress(backfill, 'the first interval to end', ({ succeeded }) => succeeded === 1);
  await backfill.executeUpdate('resume');
  const first = await backfill.describe();
  await backfill.result();
  await keep(
    'backfill-with-pause',
    lab.session.temporal.workflow.getHandle(backfill.workflowId, first.runId),
  );
  await keep('backfill-continued', lab.session.temporal.workflow.getHandle(backfill.workflowId));
} finally {
  await lab.close();
}

async function keep(name: string, handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<void> {
  const json = withoutPlaces(historyToJSON(await handle.fetchHistory()), lab.home);
  const packed = gzipSync(json, { level: 9 });
  writeFileSync(join(FOLDER, `${name}.json.gz`), packed);
  process.stdout.write(`${name}: ${packed.length} bytes\n`);
}
