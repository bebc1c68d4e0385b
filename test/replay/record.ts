import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { WorkflowHandle } from '@temporalio/client';
import { definePipeline } from '../../core/pipeline.ts';
import { resolveAll } from '../../core/registry.ts';
import { startBackfill, untilProgress } from '../faults/backfill.ts';
import { lockTable, untilBlocked } from '../faults/holder.ts';
import { day, Lab } from '../faults/lab.ts';
import { openConnectors, startOwnWorker } from '../faults/own-worker.ts';
import { RemoteExtractor } from '../faults/remote-extractor.ts';
import { forStepwise, Stepwise } from '../faults/stepwise.ts';
import { eventually } from '../faults/wait.ts';
import { startWebhook } from '../faults/webhook.ts';
import type { SkipDecision, SkipRequest } from '../../workflows/skips.ts';
import { withoutPlaces } from './places.ts';

/**
 * Records the histories that `replay.test.ts` holds today's workflows against, all of them or the situations named:
 *
 *     node --import tsx test/replay/record.ts reported-failure
 *
 * Record anew only when runs in flight need not survive the change, or when a situation is added: a history that no longer
 * replays says that the worker would break the runs that are going on when it is deployed.
 */
const FOLDER = join(import.meta.dirname, '..', 'histories');
const DAY = day('2024-03-02');
const TABLES = ['orders', 'prices'];
const INBOX = definePipeline({
  name: 'inbox',
  description: 'What arrives',
  schedule: { onFiles: { place: 'in', batch: 1 } },
  start: '2024-01-01',
  source: 'inbox',
  tables: {
    rows: { domain: 'test', extract: { mode: 'files', format: 'csv', columns: { id: 'int64' } } },
  },
});

type Handle = Pick<WorkflowHandle, 'fetchHistory'>;
/** What is recorded, by the name of its file. */
type Recorded = Readonly<Record<string, Handle>>;

const SITUATIONS: Readonly<Record<string, (lab: Lab) => Promise<Recorded>>> = {
  'happy-run': async (lab) => {
    await lab.startWorker();
    const run = await lab.run({ interval: DAY });
    await run.result();
    return { 'happy-run': run };
  },

  'failing-table': async (lab) => {
    await lab.startWorker();
    await lab.source.query('INSERT INTO shop.orders SELECT * FROM shop.orders WHERE order_id = 150');
    const failing = await lab.run({ interval: DAY });
    await failing.result().catch(() => undefined);
    const kept = { 'failing-table': await fetched(failing) };
    await lab.source.query(
      'DELETE FROM shop.orders WHERE ctid IN (SELECT max(ctid) FROM shop.orders WHERE order_id = 150)',
    );
    const rerun = await lab.run({ interval: DAY, resume: failing.firstExecutionRunId, kind: 'rerun' });
    await rerun.result();
    return { ...kept, 'rerun-with-resume': rerun };
  },

  'cancelled-run': async (lab) => {
    await lab.startWorker();
    const unlock = await lockTable(lab, 'shop.orders');
    const cancelled = await lab.run({ interval: DAY, tables: TABLES });
    await untilBlocked(lab);
    await cancelled.cancel();
    await cancelled.result().catch(() => undefined);
    await unlock();
    return { 'cancelled-run': cancelled };
  },

  'retried-attempt': async (lab) => {
    await lab.startWorker();
    const unlock = await lockTable(lab, 'shop.orders');
    const retried = await lab.run({ interval: DAY, tables: TABLES });
    await untilBlocked(lab);
    await lab.source.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice'`,
    );
    await unlock();
    await retried.result();
    return { 'retried-attempt': retried };
  },

  'backfill-with-pause': async (lab) => {
    await lab.startWorker();
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-04', {
      concurrency: 1,
      runsPerExecution: 2,
    });
    await untilBlocked(lab);
    await backfill.executeUpdate('pause');
    await unlock();
    await untilProgress(backfill, 'the first interval to end', ({ succeeded }) => succeeded === 1);
    await backfill.executeUpdate('resume');
    const first = await backfill.describe();
    await backfill.result();
    const { workflow } = lab.session.temporal;
    return {
      'backfill-with-pause': workflow.getHandle(backfill.workflowId, first.runId),
      'backfill-continued': workflow.getHandle(backfill.workflowId),
    };
  },

  /** An approval, a file that is waited for, elements of a list that are handed places in a pool. */
  'steps-that-wait': async (lab) => {
    await lab.startWorker();
    const stepwise = await Stepwise.start(lab);
    await stepwise.untilAllWait();
    await stepwise.approve();
    stepwise.arrive();
    stepwise.letElementsEnd();
    await stepwise.run.result();
    const { workflowId, firstExecutionRunId } = stepwise.run;
    const child = `${workflowId}/each_one-${firstExecutionRunId.slice(0, 8)}`;
    return {
      'steps-that-wait': stepwise.run,
      'elements-in-a-pool': lab.session.temporal.workflow.getHandle(child),
    };
  },

  /** A person skips an approval, a wait and a list in a pool, of which elements are at work and in line. */
  'skipped-steps': async (lab) => {
    await lab.startWorker();
    const stepwise = await Stepwise.start(lab);
    await stepwise.untilAllWait();
    for (const step of ['release', 'each_one', 'arrived'])
      await stepwise.run.executeUpdate<SkipDecision, [SkipRequest]>('skip', {
        args: [{ step, by: 'anna', reason: 'not today' }],
      });
    await stepwise.run.result();
    return { 'skipped-steps': stepwise.run };
  },

  /** A look when the time of a wait is over, and what follows left out. */
  'wait-in-vain': async (lab) => {
    await lab.startWorker();
    const run = await lab.run({ pipeline: 'shop_in_vain', interval: DAY });
    await run.result().catch(() => undefined);
    return { 'wait-in-vain': run };
  },

  /** A day that a run is at work on when the backfill comes to it. */
  'backfill-in-turn': async (lab) => {
    await lab.startWorker();
    const unlock = await lockTable(lab, 'shop.orders');
    const run = await lab.run({ pipeline: 'shop_waiting', interval: DAY });
    await untilBlocked(lab);
    const pipeline = 'shop_waiting';
    const backfill = await startBackfill(lab, '2024-03-02', '2024-03-03', { pipeline, reprocess: 'all' });
    await eventually('the backfill to have a run of its own', async () => {
      const { events } = await backfill.fetchHistory();
      return events?.some((event) => event.childWorkflowExecutionStartedEventAttributes);
    });
    await unlock();
    await Promise.all([run.result(), backfill.result()]);
    return { 'backfill-in-turn': backfill };
  },

  /** Two batches that had arrived, and nothing more. */
  'polled-files': async (lab) => {
    const root = join(lab.home, 'arrived');
    mkdirSync(join(root, 'in'), { recursive: true });
    for (const name of ['a.csv', 'b.csv']) {
      writeFileSync(join(root, 'in', name), 'id\n1\n');
      utimesSync(join(root, 'in', name), new Date(0), new Date(0)); // it stands still
    }
    const profile: Lab['profile'] = {
      ...lab.profile,
      connections: { ...lab.profile.connections, inbox: { type: 'files', root, pathStyle: false } },
    };
    const opened = await openConnectors(profile, lab.session.ledger);
    const worker = await startOwnWorker(profile, { ...opened, registry: resolveAll([INBOX]) });
    try {
      const polled = await lab.session.temporal.workflow.start('pollFiles', {
        workflowId: 'inbox-poll',
        taskQueue: profile.temporal.taskQueue,
        args: [INBOX.name],
      });
      await polled.result();
      return { 'polled-files': await fetched(polled) };
    } finally {
      await worker.stop();
      await opened.warehouse.close();
    }
  },

  /** All tables at once, of which one fails; people are told at the second attempt. */
  'reported-failure': async (lab) => {
    const webhook = await startWebhook();
    const told: Lab['profile'] = {
      ...lab.profile,
      notify: [{ type: 'webhook', url: webhook.url, severity: 'warning' }],
    };
    const opened = await openConnectors(told, lab.session.ledger);
    const remote = new RemoteExtractor(await opened.source('shop'), opened.lake, join(lab.home, 'landing'));
    const connectors = { ...opened, extractsTogether: () => true, extractor: () => Promise.resolve(remote) };
    const worker = await startOwnWorker(told, connectors);
    try {
      remote.fail('orders', new Error("Table 'orders' has no column 'ordered_at'. Correct 'cursor'."));
      webhook.answer(503);
      const run = await lab.run({ interval: DAY, tables: TABLES });
      await run.result().catch(() => undefined);
      return { 'reported-failure': await fetched(run) };
    } finally {
      await worker.stop();
      await (await connectors.source('shop')).close();
      await connectors.warehouse.close();
      await webhook.close();
    }
  },
};

const asked = process.argv.slice(2);
mkdirSync(FOLDER, { recursive: true });
for (const [name, situation] of Object.entries(SITUATIONS)) {
  if (asked.length && !asked.includes(name)) continue;
  const lab = await Lab.open(forStepwise);
  try {
    for (const [file, handle] of Object.entries(await situation(lab))) await keep(lab, file, handle);
  } finally {
    await lab.close();
  }
}

/** A history as it is now: a later run may take the workflow's id. */
async function fetched(handle: Handle): Promise<Handle> {
  const history = await handle.fetchHistory();
  return { fetchHistory: () => Promise.resolve(history) };
}

async function keep(lab: Lab, name: string, handle: Handle): Promise<void> {
  const json = withoutPlaces(historyToJSON(await handle.fetchHistory()), lab.home);
  const packed = gzipSync(json, { level: 9 });
  writeFileSync(join(FOLDER, `${name}.json.gz`), packed);
  process.stdout.write(`${name}: ${packed.length} bytes\n`);
}
