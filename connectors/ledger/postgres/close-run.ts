import type { Outcome, SkippedStep } from '../../../core/run.ts';
import type { Query } from './database.ts';
import { MAX_ERROR } from './rows.ts';

/**
 * Closes a run and all that it has left open, in one statement. Places in pools stay with work that may go on. May be repeated.
 * @returns whether it was open
 */
export async function closeRun(
  query: Query,
  runId: string,
  outcome: Exclude<Outcome, 'running'>,
  error: string | null,
  skipped: readonly SkippedStep[],
  work: 'its work has ended' | 'its work may go on',
): Promise<boolean> {
  const [closed] = await query<{ was_open: boolean }>(
    `WITH run AS (
       UPDATE runs SET outcome = $2, error = $3, finished_at = now() WHERE run_id = $1 AND outcome = 'running' RETURNING run_id
     ), step AS (
       UPDATE steps SET outcome = CASE WHEN $2 = 'cancelled' THEN 'cancelled' ELSE 'failed' END, finished_at = now(),
         error = coalesce(error, 'The run ended before this step reported back.')
       WHERE run_id = $1 AND outcome = 'running'
     ), attempt AS (
       -- A worker of the version before ends the step alone: what is known of that is told of its attempt.
       UPDATE attempts SET
         outcome = CASE WHEN steps.outcome IN ('succeeded', 'failed', 'cancelled') THEN steps.outcome
                        WHEN $2 = 'cancelled' THEN 'cancelled' ELSE 'failed' END,
         finished_at = coalesce(steps.finished_at, now()),
         error = CASE WHEN steps.outcome = 'succeeded' THEN NULL
                      ELSE coalesce(steps.error, 'The run ended before this attempt reported back.') END
       FROM steps WHERE attempts.run_id = $1 AND attempts.outcome = 'running'
         AND (steps.run_id, steps.step, steps.table_name, steps.attempt) = (attempts.run_id, attempts.step, attempts.table_name, attempts.attempt)
     ), left_out AS (
       INSERT INTO steps (run_id, step, table_name, outcome, attempt, finished_at, error)
       SELECT $1, step, table_name, 'skipped', 0, now(), reason
       FROM unnest($4::text[], $5::text[], $6::text[]) AS skipped (step, table_name, reason)
       ON CONFLICT (run_id, step, table_name) DO UPDATE SET outcome = 'skipped', error = excluded.error
     ), pools AS (
       DELETE FROM pool_places WHERE run_id = $1 AND (taken_at IS NULL OR $7)
     ), lease AS (
       DELETE FROM leases WHERE run_id = $1
     )
     SELECT EXISTS (SELECT FROM run) AS was_open`,
    [
      runId,
      outcome,
      error?.slice(0, MAX_ERROR) ?? null,
      skipped.map(({ step }) => step),
      skipped.map(({ table }) => table ?? ''),
      skipped.map(({ reason }) => reason),
      work === 'its work has ended',
    ],
  );
  return closed?.was_open ?? false;
}
