import type { DurationText } from '../../../core/duration.ts';
import type { SkippedStep, Step } from '../../../core/run.ts';
import type { AttemptRecord, Ledger, LogLines, StepRecord } from '../port.ts';
import type { Query } from './database.ts';
import { MAX_ERROR, toAttempt, toStep, type AttemptRow, type StepRow } from './rows.ts';

const UNHEARD = 'Nothing more was heard of this attempt: its worker died, or lost Temporal.';

export async function startStep(
  query: Query,
  runId: string,
  step: Step,
  table: string | null,
  attempt: number,
  waitingFor?: string,
): Promise<void> {
  await query(
    // A line may come long after its run was closed: it opens nothing then.
    `WITH begun AS (
       INSERT INTO steps (run_id, step, table_name, attempt, result)
       SELECT run_id, $2, $3, $4::int, $6::jsonb FROM runs WHERE run_id = $1 AND outcome = 'running' FOR SHARE
       ON CONFLICT (run_id, step, table_name) DO UPDATE SET attempt = excluded.attempt, outcome = 'running', finished_at = NULL, error = NULL,
         result = coalesce(excluded.result, steps.result)
       WHERE steps.attempt <= excluded.attempt
       RETURNING run_id, step, table_name, attempt
     ), unheard AS (
       UPDATE attempts SET outcome = 'failed', finished_at = now(), error = $5 FROM begun
       WHERE (attempts.run_id, attempts.step, attempts.table_name) = (begun.run_id, begun.step, begun.table_name)
         AND attempts.attempt < begun.attempt AND attempts.outcome = 'running'
     )
     INSERT INTO attempts (run_id, step, table_name, attempt) SELECT run_id, step, table_name, attempt FROM begun
     ON CONFLICT (run_id, step, table_name, attempt) DO UPDATE SET outcome = 'running', finished_at = NULL, error = NULL`,
    [
      runId,
      step,
      table ?? '',
      attempt,
      UNHEARD,
      waitingFor === undefined ? null : JSON.stringify({ waitingFor }),
    ],
    'start-step',
  );
}

export async function finishStep(
  query: Query,
  runId: string,
  step: Step,
  table: string | null,
  attempt: number,
  end: Parameters<Ledger['finishStep']>[4],
): Promise<void> {
  const { of, step: outcome, error, result, rows, bytes } = written(end);
  await query(
    `WITH ended AS (
       UPDATE attempts SET outcome = $10, error = $8, detail = CASE WHEN $4 IN ('failed', 'cancelled') THEN $5::jsonb END, finished_at = now()
       WHERE run_id = $1 AND step = $2 AND table_name = $3 AND attempt = $9 AND outcome = 'running'
     )
     UPDATE steps SET outcome = $4, result = $5, rows = $6, bytes = $7, error = $8, finished_at = now()
     WHERE run_id = $1 AND step = $2 AND table_name = $3 AND attempt = $9 AND outcome = 'running'`,
    [
      runId,
      step,
      table ?? '',
      outcome,
      result === undefined ? null : JSON.stringify(result),
      rows ?? null,
      bytes ?? null,
      error?.slice(0, MAX_ERROR) ?? null,
      attempt,
      of,
    ],
    'finish-step',
  );
}

/** What the attempt (`of`) and its step have come to: one that asks to be taken as skipped has done well itself. */
function written(end: Parameters<Ledger['finishStep']>[4]): {
  readonly of: string;
  readonly step: string;
  readonly error?: string;
  readonly result?: unknown;
  readonly rows?: number | null;
  readonly bytes?: number | null;
} {
  if ('skipped' in end) return { of: 'succeeded', step: 'skipped', error: end.skipped };
  if (!('error' in end)) return { of: 'succeeded', step: 'succeeded', ...end };
  return { of: end.outcome, step: end.outcome, error: end.error, result: end.detail };
}

export async function skipStep(
  query: Query,
  runId: string,
  { step, table, reason }: SkippedStep,
): Promise<void> {
  await query(
    `WITH ended AS (
       UPDATE attempts SET outcome = 'cancelled', finished_at = now(), error = $4
       WHERE run_id = $1 AND step = $2 AND table_name = $3 AND outcome = 'running'
     )
     INSERT INTO steps (run_id, step, table_name, outcome, attempt, finished_at, error)
     SELECT run_id, $2, $3, 'skipped', 0, now(), $4 FROM runs WHERE run_id = $1 AND outcome = 'running'
     ON CONFLICT (run_id, step, table_name) DO UPDATE SET outcome = 'skipped', finished_at = now(), error = excluded.error, result = NULL`,
    [runId, step, table ?? '', reason.slice(0, MAX_ERROR)],
    'skip-step',
  );
}

export async function writeLog(
  query: Query,
  ...[runId, step, table, attempt, lines]: LogLines
): Promise<void> {
  await query(
    'UPDATE attempts SET log = $5 WHERE run_id = $1 AND step = $2 AND table_name = $3 AND attempt = $4',
    [runId, step, table ?? '', attempt, lines],
    'write-log',
  );
}

export async function addToLog(
  query: Query,
  ...[runId, step, table, attempt, lines]: LogLines
): Promise<void> {
  await query(
    `UPDATE attempts SET log = (log || $5::text[])[greatest(1, cardinality(log) + cardinality($5::text[]) - 199):]
     WHERE run_id = $1 AND step = $2 AND table_name = $3 AND attempt = $4`,
    [runId, step, table ?? '', attempt, lines],
    'add-to-log',
  );
}

export async function steps(query: Query, runIds: readonly string[]): Promise<StepRecord[]> {
  const rows = await query<StepRow>('SELECT * FROM steps WHERE run_id = ANY ($1) ORDER BY started_at', [
    runIds,
  ]);
  return rows.map(toStep);
}

const AT_ONCE = 10_000; // attempts: a statement of seconds, which holds nobody up

/** Those of runs that have ended longer ago. */
export async function forgetAttempts(query: Query, olderThan: DurationText): Promise<void> {
  for (let gone = AT_ONCE; gone === AT_ONCE;) {
    const rows = await query(
      `DELETE FROM attempts WHERE ctid = ANY (ARRAY(
         SELECT attempts.ctid FROM attempts JOIN runs USING (run_id) WHERE runs.finished_at < now() - $1::interval LIMIT $2
       )) RETURNING 1`,
      [olderThan, AT_ONCE],
    );
    gone = rows.length;
  }
}

export async function attempts(query: Query, runId: string): Promise<AttemptRecord[]> {
  const rows = await query<AttemptRow>(
    'SELECT * FROM attempts WHERE run_id = $1 ORDER BY started_at, step, table_name, attempt',
    [runId],
  );
  return rows.map(toAttempt);
}
