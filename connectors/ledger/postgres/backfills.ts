import type { PlannedRun } from '../../../core/backfill.ts';
import { toInstant, type DataInterval, type Instant } from '../../../core/interval.ts';
import type { BackfillRecord, FailedInterval, Ledger, NewBackfill } from '../port.ts';
import type { LedgerDatabase, Query } from './database.ts';
import { toBackfill, type BackfillRow } from './rows.ts';

const KEPT = '30 days'; // intervals of a backfill that has ended; its own line stays

/** Records a backfill and its intervals, unless this very execution of it has done so before. @returns how many it has */
export async function openBackfill(database: LedgerDatabase, backfill: NewBackfill): Promise<number> {
  const { backfillId, execution, intervals } = backfill;
  return database.transaction(async (query) => {
    const opened = await query(
      `INSERT INTO backfills (backfill_id, pipeline, range_start, range_end, request, total, execution)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (backfill_id) DO UPDATE SET range_start = $3, range_end = $4, request = $5, total = $6, execution = $7,
         succeeded = 0, failed = 0, outcome = 'running', started_at = now(), finished_at = NULL
       WHERE backfills.execution IS DISTINCT FROM $7
       RETURNING backfill_id`,
      [
        backfillId,
        backfill.pipeline,
        backfill.range.start,
        backfill.range.end,
        JSON.stringify(backfill.request),
        intervals.length,
        execution,
      ],
    );
    if (!opened.length) {
      const [record] = await query<{ total: number }>('SELECT total FROM backfills WHERE backfill_id = $1', [
        backfillId,
      ]);
      return record?.total ?? 0;
    }
    await query('DELETE FROM backfill_intervals WHERE backfill_id = $1', [backfillId]);
    // Nobody asks for them any more once it has ended, but people for a while: how each went. What they load is with the runs.
    await query(
      `DELETE FROM backfill_intervals USING backfills
       WHERE backfills.backfill_id = backfill_intervals.backfill_id AND finished_at < now() - $1::interval`,
      [KEPT],
    );
    await query(
      `INSERT INTO backfill_intervals (backfill_id, n, interval_start, interval_end, nominal_time)
       SELECT $1, n - 1, start, until, nominal
       FROM unnest($2::timestamptz[], $3::timestamptz[], $4::timestamptz[]) WITH ORDINALITY AS planned (start, until, nominal, n)`,
      [
        backfillId,
        arrayOf(intervals.map(({ interval }) => interval.start)),
        arrayOf(intervals.map(({ interval }) => interval.end)),
        arrayOf(intervals.map(({ nominalTime }) => nominalTime)),
      ],
    );
    return intervals.length;
  });
}

/** As PostgreSQL reads it. The driver would look at every character of 300,000 times for what must be quoted. */
function arrayOf(times: readonly Instant[]): string {
  return `{${times.join()}}`;
}

export async function plannedIntervals(
  query: Query,
  backfillId: string,
  from: number,
  limit: number,
): Promise<PlannedRun[]> {
  const rows = await query<{ interval_start: Date; interval_end: Date; nominal_time: Date }>(
    `SELECT interval_start, interval_end, nominal_time FROM backfill_intervals
     WHERE backfill_id = $1 AND n >= $2 ORDER BY n LIMIT $3`,
    [backfillId, from, limit],
  );
  return rows.map((row) => ({
    interval: { start: toInstant(row.interval_start), end: toInstant(row.interval_end) },
    nominalTime: toInstant(row.nominal_time),
  }));
}

/** Counts an interval's end with the backfill, at the first word of it only. */
export async function endInterval(
  query: Query,
  ...[backfillId, n, outcome, error]: Parameters<Ledger['endInterval']>
): Promise<void> {
  await query(
    `WITH ended AS (
       UPDATE backfill_intervals SET state = $3, error = $4 WHERE backfill_id = $1 AND n = $2 AND state = 'planned'
       RETURNING state
     )
     UPDATE backfills SET succeeded = succeeded + ($3 = 'succeeded')::int, failed = failed + ($3 = 'failed')::int
     WHERE backfill_id = $1 AND outcome = 'running' AND EXISTS (SELECT FROM ended)`,
    [backfillId, n, outcome, error],
  );
}

export async function updateBackfill(
  query: Query,
  ...[backfillId, state]: Parameters<Ledger['updateBackfill']>
): Promise<void> {
  await query(
    `UPDATE backfills SET succeeded = $2, failed = $3, outcome = $4, finished_at = CASE WHEN $4 = 'running' THEN NULL ELSE now() END
     WHERE backfill_id = $1 AND ($4 <> 'running' OR outcome = 'running')`,
    [backfillId, state.succeeded, state.failed, state.outcome],
  );
}

export async function backfills(
  query: Query,
  { pipeline, id, limit = 100 }: NonNullable<Parameters<Ledger['backfills']>[0]> = {},
): Promise<BackfillRecord[]> {
  const rows = await query<BackfillRow>(
    `SELECT * FROM backfills WHERE ($1::text IS NULL OR pipeline = $1) AND ($2::text IS NULL OR backfill_id = $2)
     ORDER BY started_at DESC LIMIT $3`,
    [pipeline ?? null, id ?? null, limit],
  );
  return rows.map(toBackfill);
}

interface FailedRow {
  interval_start: Date;
  interval_end: Date;
  state: FailedInterval['outcome'];
  error: string | null;
}

export async function failedIntervals(
  query: Query,
  backfillId: string,
  limit: number,
): Promise<FailedInterval[]> {
  const rows = await query<FailedRow>(
    `SELECT interval_start, interval_end, state, error FROM backfill_intervals
     WHERE backfill_id = $1 AND state NOT IN ('planned', 'succeeded') ORDER BY n LIMIT $2`,
    [backfillId, limit],
  );
  return rows.map(({ interval_start, interval_end, state, error }) => ({
    interval: { start: toInstant(interval_start), end: toInstant(interval_end) },
    outcome: state,
    error,
  }));
}

export async function unfinished(
  query: Query,
  pipeline: string,
  { start, end }: DataInterval,
): Promise<boolean> {
  const [row] = await query<{ unfinished: boolean }>(
    `SELECT EXISTS (
       SELECT FROM backfills AS ended
       WHERE pipeline = $1 AND outcome IN ('failed', 'cancelled') AND range_start < $3 AND range_end > $2
         AND request ->> 'transform' = 'once' AND NOT EXISTS (
           SELECT FROM backfills AS later
           WHERE later.pipeline = $1 AND later.outcome = 'succeeded' AND later.started_at > ended.started_at
             AND later.range_start < $3 AND later.range_end > $2
         )
     ) OR EXISTS (
       SELECT FROM backfills JOIN runs AS finish ON finish.workflow_id = backfills.backfill_id || '/finish'
         JOIN steps AS skipped ON skipped.run_id = finish.run_id AND skipped.step = 'transform' AND skipped.outcome = 'skipped'
       WHERE backfills.pipeline = $1 AND range_start < $3 AND range_end > $2 AND finish.outcome = 'succeeded'
         AND NOT EXISTS (
           SELECT FROM runs AS later JOIN steps AS built ON built.run_id = later.run_id
           WHERE later.pipeline = $1 AND later.outcome = 'succeeded' AND later.started_at > finish.started_at
             AND later.interval_start <= finish.interval_start AND later.interval_end >= finish.interval_end
             AND built.step = 'transform' AND built.outcome = 'succeeded'
         )
     ) AS unfinished`,
    [pipeline, start, end],
  );
  return row?.unfinished ?? false;
}
