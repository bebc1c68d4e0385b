import { modeOf } from '../../../core/extract-modes.ts';
import { createHash } from 'node:crypto';
import type { LeaseHolder, NewRun } from '../port.ts';
import type { Query } from './database.ts';

const LEASES = 7_205_760; // any number; with a pipeline's, it names the lock under which leases of that pipeline are taken

/**
 * Takes the lease of a run's interval, within the transaction of `query`. Two leases of a pipeline never overlap where both
 * bring rows by interval: whoever asks has the pipeline's lock while it looks and takes.
 * @returns the oldest of the runs that are in the way; undefined when the run has its lease
 */
export async function takeLease(query: Query, run: NewRun): Promise<LeaseHolder | undefined> {
  await query('SELECT pg_advisory_xact_lock($1, $2)', [LEASES, numberOf(run.pipeline)]);
  const byInterval = worksByInterval(run);
  const { start, end } = run.interval;
  const [holder] = await query<{ run_id: string; workflow_id: string }>(
    `SELECT run_id, workflow_id FROM leases
     WHERE pipeline = $1 AND run_id <> $4 AND interval_start < $3 AND interval_end > $2
       AND ((interval_start = $2 AND interval_end = $3) OR (by_interval AND $5))
     ORDER BY acquired_at LIMIT 1`,
    [run.pipeline, start, end, run.runId, byInterval],
  );
  if (holder) return { runId: holder.run_id, workflowId: holder.workflow_id };
  await query(
    `INSERT INTO leases (pipeline, interval_start, interval_end, run_id, workflow_id, by_interval)
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (pipeline, interval_start, interval_end) DO NOTHING`,
    [run.pipeline, start, end, run.runId, run.workflowId, byInterval],
  );
  return undefined;
}

/** Whether the run does what is its interval's own: rows by interval or, where it brings no rows at all, tasks. */
function worksByInterval({ definition: { tables, tasks }, input }: NewRun): boolean {
  if (tables.length) return tables.some((table) => modeOf(table.extract).covers === 'interval');
  return tasks.length > 0 && !input.skip?.includes('tasks');
}

/** A name as the second number of an advisory lock. */
export function numberOf(name: string): number {
  return createHash('sha256').update(name).digest().readInt32BE();
}
