import { toInstant } from '../../../core/interval.ts';
import type { Step } from '../../../core/run.ts';
import type { NewestBuild, StepCount, StepMark, WaitingStep } from '../port.ts';
import type { Query } from './database.ts';

/** What pages and lists look at: read by what they show, not by what there is. */

interface CountRow extends Omit<StepCount, 'runId' | 'rows' | 'step'> {
  run_id: string;
  step: Step;
  rows: string | null;
}

export async function stepCounts(query: Query, runIds: readonly string[]): Promise<StepCount[]> {
  const number = (...outcomes: readonly string[]) =>
    `count(*) FILTER (WHERE outcome IN (${outcomes.map((each) => `'${each}'`).join()}))::int`;
  const rows = await query<CountRow>(
    `SELECT run_id, step, ${number('succeeded')} AS succeeded, ${number('failed', 'cancelled')} AS failed,
       ${number('running')} AS running, ${number('skipped')} AS skipped, sum(rows) AS rows,
       coalesce(array_agg(coalesce(nullif(table_name, ''), step) || ' waits for ' || (result ->> 'waitingFor') ORDER BY table_name)
         FILTER (WHERE outcome = 'running' AND result ->> 'waitingFor' IS NOT NULL), '{}') AS waiting
     FROM steps WHERE run_id = ANY ($1) GROUP BY run_id, step`,
    [runIds],
  );
  return rows.map(({ run_id: runId, rows, ...rest }) => ({
    runId,
    ...rest,
    rows: rows === null ? null : Number(rows),
  }));
}

interface MarkRow {
  run_id: string;
  table_name: string;
  outcome: StepMark['outcome'];
}

export async function stepMarks(
  query: Query,
  runIds: readonly string[],
  step: Step,
  most: number,
): Promise<StepMark[]> {
  const rows = await query<MarkRow>(
    `WITH marks AS (SELECT run_id, table_name, outcome FROM steps WHERE run_id = ANY ($1) AND step = $2)
     SELECT * FROM marks WHERE table_name IN (SELECT DISTINCT table_name FROM marks ORDER BY table_name LIMIT $3) ORDER BY table_name`,
    [runIds, step, most],
  );
  return rows.map(({ run_id: runId, table_name: table, outcome }) => ({
    runId,
    table: table || null,
    outcome,
  }));
}

export async function newestBuild(query: Query, pipeline: string): Promise<NewestBuild | undefined> {
  // One that was left out has no attempt.
  const [newest] = await query<{ run_id: string; outcome: NewestBuild['outcome'] }>(
    `SELECT run_id, steps.outcome FROM runs JOIN steps USING (run_id)
     WHERE runs.pipeline = $1 AND step = 'transform' AND attempt > 0
     ORDER BY steps.started_at DESC, runs.started_at DESC LIMIT 1`,
    [pipeline],
  );
  return newest && { runId: newest.run_id, outcome: newest.outcome };
}

interface WaitingRow {
  run_id: string;
  workflow_id: string;
  pipeline: string;
  interval_start: Date;
  interval_end: Date;
  step: Step;
  table_name: string;
  since: Date;
  waiting_for: string;
}

export async function waiting(query: Query, limit: number, begins = ''): Promise<WaitingStep[]> {
  const rows = await query<WaitingRow>(
    `SELECT runs.run_id, workflow_id, runs.pipeline, runs.interval_start, runs.interval_end, step, table_name,
       steps.started_at AS since, result ->> 'waitingFor' AS waiting_for
     FROM runs JOIN steps USING (run_id)
     WHERE runs.outcome = 'running' AND steps.outcome = 'running' AND starts_with(result ->> 'waitingFor', $2)
     ORDER BY steps.started_at LIMIT $1`,
    [limit, begins],
  );
  return rows.map((row) => ({
    runId: row.run_id,
    workflowId: row.workflow_id,
    pipeline: row.pipeline,
    interval: { start: toInstant(row.interval_start), end: toInstant(row.interval_end) },
    step: row.step,
    table: row.table_name || null,
    since: row.since.toISOString(),
    waitingFor: row.waiting_for,
  }));
}

const MOST_OPEN = 500; // runs whose steps are looked at

/** Of what is under way, its steps; of what has ended, that it is no longer under way; else only the newest of everything. */
export async function stamp(query: Query, pipelines: readonly string[]): Promise<string> {
  const [row] = await query<{ stamp: string }>(
    `WITH open AS (
       SELECT run_id FROM runs WHERE outcome = 'running' ORDER BY started_at DESC LIMIT ${MOST_OPEN}
     ), step AS (
       SELECT run_id, count(*) AS steps, count(*) FILTER (WHERE steps.outcome = 'running') AS running,
         count(result) AS results, max(steps.started_at) AS began, max(finished_at) AS ended, sum(attempt) AS attempts
       FROM open JOIN steps USING (run_id) GROUP BY run_id
     )
     SELECT md5(concat_ws('|',
       (SELECT string_agg(open.run_id || concat_ws(',', steps, running, results, began, ended, attempts), ';' ORDER BY open.run_id)
        FROM open LEFT JOIN step USING (run_id)),
       (SELECT string_agg(newest.run_id, ';' ORDER BY name) FROM unnest($1::text[]) AS name, LATERAL (
          SELECT run_id FROM runs WHERE pipeline = name ORDER BY started_at DESC LIMIT 1) AS newest),
       (SELECT string_agg(concat_ws(',', backfill_id, total, succeeded, failed, outcome), ';' ORDER BY backfill_id) FROM backfills
        WHERE outcome = 'running' OR finished_at > now() - interval '1 minute'),
       (SELECT concat_ws(',', count(*), count(taken_at), max(asked_at), max(taken_at)) FROM pool_places),
       (SELECT max(action_id) FROM actions)
     )) AS stamp`,
    [pipelines],
    'stamp',
  );
  return row?.stamp ?? '';
}
