import type { WorkflowHandle } from '@temporalio/client';
import type { BackfillInput } from '../../core/run-input.ts';
import type { RunRecord } from '../../connectors/ledger/port.ts';
import type { backfillPipeline } from '../../workflows/backfill-pipeline.ts';
import type { BackfillProgress } from '../../workflows/backfill/control.ts';
import type { Lab } from './lab.ts';
import { eventually } from './wait.ts';

export type BackfillHandle = WorkflowHandle<typeof backfillPipeline>;

let started = 0;

/** Starts a backfill of `shop` over days in March 2024, the end exclusive. */
export async function startBackfill(
  { session }: Lab,
  from: string,
  to: string,
  input: Partial<BackfillInput> = {},
): Promise<BackfillHandle> {
  return session.temporal.workflow.start<typeof backfillPipeline>('backfillPipeline', {
    taskQueue: session.profile.temporal.taskQueue,
    workflowId: `backfill-shop-${(started += 1)}`,
    args: [{ pipeline: 'shop', from, to, ...input }],
  });
}

export async function progressOf(handle: BackfillHandle): Promise<BackfillProgress> {
  return handle.query<BackfillProgress>('progress');
}

/** Waits until the backfill's progress fulfils a condition. */
export async function untilProgress(
  handle: BackfillHandle,
  what: string,
  holds: (progress: BackfillProgress) => boolean,
): Promise<BackfillProgress> {
  return eventually(what, async () => {
    const progress = await progressOf(handle).catch(() => undefined);
    return progress && holds(progress) ? progress : undefined;
  });
}

/** The runs of a backfill, oldest interval first, without the one that ends it. */
export async function runsOf({ session }: Lab, { workflowId }: BackfillHandle): Promise<RunRecord[]> {
  const runs = await session.ledger.runs({ pipeline: 'shop' });
  return runs
    .filter((run) => run.backfillId === workflowId && !run.workflowId.includes('/'))
    .sort((a, b) => (a.interval.start < b.interval.start ? -1 : 1));
}

/** The days that a backfill has run, as `03-01`. */
export async function daysOf(lab: Lab, handle: BackfillHandle): Promise<string[]> {
  return (await runsOf(lab, handle)).map((run) => run.interval.start.slice(5, 10));
}

/** What the ledger has of each interval of a backfill, oldest first. */
export async function statesOf(lab: Lab, { workflowId }: BackfillHandle): Promise<string[]> {
  const { rows } = await lab.inLedger(
    `SELECT state FROM backfill_intervals WHERE backfill_id = '${workflowId}' ORDER BY n`,
  );
  return (rows as { state: string }[]).map(({ state }) => state);
}
