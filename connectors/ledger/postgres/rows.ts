import { toInstant } from '../../../core/interval.ts';
import type { Outcome, RunKind, Step, StepOutcome } from '../../../core/run.ts';
import type { BackfillRequest, RunPipelineInput } from '../../../core/run-input.ts';
import type { AttemptRecord, BackfillRecord, RunRecord, StepRecord } from '../port.ts';

/** Characters of an error message that are kept. */
export const MAX_ERROR = 8_000;

/** What a `RunRow` is read from. */
export const RUN_COLUMNS =
  'run_id, workflow_id, pipeline, interval_start, interval_end, kind, backfill_id, outcome, started_at, finished_at, error, input';

export interface RunRow {
  run_id: string;
  workflow_id: string;
  pipeline: string;
  interval_start: Date;
  interval_end: Date;
  kind: RunKind;
  backfill_id: string | null;
  outcome: Outcome;
  started_at: Date;
  finished_at: Date | null;
  error: string | null;
  input: RunPipelineInput;
}

export interface StepRow {
  run_id: string;
  step: Step;
  table_name: string;
  outcome: StepOutcome;
  attempt: number;
  started_at: Date;
  finished_at: Date | null;
  rows: string | null;
  bytes: string | null;
  result: unknown;
  error: string | null;
}

export interface AttemptRow {
  step: Step;
  table_name: string;
  attempt: number;
  outcome: AttemptRecord['outcome'];
  started_at: Date;
  finished_at: Date | null;
  error: string | null;
  detail: unknown;
  log: string[];
}

export interface BackfillRow {
  backfill_id: string;
  pipeline: string;
  range_start: Date;
  range_end: Date;
  request: BackfillRequest;
  total: number;
  succeeded: number;
  failed: number;
  outcome: Outcome;
  started_at: Date;
  finished_at: Date | null;
}

export function toRun(row: RunRow): RunRecord {
  return {
    runId: row.run_id,
    workflowId: row.workflow_id,
    pipeline: row.pipeline,
    interval: { start: toInstant(row.interval_start), end: toInstant(row.interval_end) },
    kind: row.kind,
    backfillId: row.backfill_id,
    outcome: row.outcome,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    error: row.error,
    input: row.input,
  };
}

export function toStep(row: StepRow): StepRecord {
  return {
    runId: row.run_id,
    step: row.step,
    table: row.table_name || null,
    outcome: row.outcome,
    attempt: row.attempt,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    rows: row.rows === null ? null : Number(row.rows),
    bytes: row.bytes === null ? null : Number(row.bytes),
    result: row.result,
    error: row.error,
  };
}

export function toAttempt(row: AttemptRow): AttemptRecord {
  const { step, attempt, outcome, error, detail, log } = row;
  return {
    step,
    table: row.table_name || null,
    attempt,
    outcome,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    error,
    detail,
    log,
  };
}

export function toBackfill(row: BackfillRow): BackfillRecord {
  return {
    backfillId: row.backfill_id,
    pipeline: row.pipeline,
    range: { start: toInstant(row.range_start), end: toInstant(row.range_end) },
    request: row.request,
    total: row.total,
    succeeded: row.succeeded,
    failed: row.failed,
    outcome: row.outcome,
    startedAt: row.started_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
