import type { AttemptRecord, Ledger, RunRecord, StepRecord } from '../../connectors/ledger/port.ts';
import { millisecondsOf } from '../../core/interval.ts';
import { stepKey } from '../../core/run.ts';
import { waitingFor } from '../../operations/step-notes.ts';
import { NotFound } from '../errors.ts';
import {
  dashboardLines,
  dbtNodes,
  loadLines,
  warnings,
  type DashboardLine,
  type DbtNode,
  type LoadLine,
} from './results.ts';

/** A step with its attempts, oldest first. */
export interface StepLine {
  readonly key: string;
  readonly step: StepRecord;
  readonly attempts: readonly AttemptRecord[];
  /** What it waits for, in words. */
  readonly waits: string | undefined;
}

export interface RunData {
  readonly run: RunRecord;
  readonly steps: readonly StepLine[];
  /** Other runs of its interval, newest first. */
  readonly others: readonly RunRecord[];
  readonly nodes: readonly DbtNode[];
  readonly loads: readonly LoadLine[];
  readonly dashboards: readonly DashboardLine[];
  readonly warnings: readonly string[];
  /** Milliseconds: when the run began and ended, or now. */
  readonly span: { readonly start: number; readonly end: number };
}

const OTHERS = 10;

/** @param id a run id, or a workflow id: then its newest run @throws {NotFound} */
export async function runData(ledger: Ledger, id: string, now: Date): Promise<RunData> {
  const run = await runOf(ledger, id);
  const [steps, attempts, same] = await Promise.all([
    ledger.steps([run.runId]),
    ledger.attempts(run.runId),
    ledger.runs({ pipeline: run.pipeline, interval: run.interval, limit: OTHERS + 1 }),
  ]);
  const start = millisecondsOf(run.startedAt);
  const end = run.finishedAt === null ? now.getTime() : millisecondsOf(run.finishedAt);
  return {
    run,
    steps: steps.map((step) => ({
      key: stepKey(step.step, step.table),
      step,
      attempts: attempts.filter((each) => each.step === step.step && each.table === step.table),
      waits: waitingFor(step),
    })),
    others: same.filter(({ runId }) => runId !== run.runId).slice(0, OTHERS),
    nodes: dbtNodes(steps, attempts),
    loads: loadLines(steps),
    dashboards: dashboardLines(steps),
    warnings: warnings(steps),
    span: { start, end: Math.max(end, start + 1) },
  };
}

export interface LogData {
  readonly run: RunRecord;
  readonly key: string;
  readonly attempts: readonly AttemptRecord[];
}

/** What a step has written, all that is kept. @throws {NotFound} */
export async function logData(ledger: Ledger, id: string, key: string): Promise<LogData> {
  const run = await runOf(ledger, id);
  const all = await ledger.attempts(run.runId);
  const attempts = all.filter(({ step, table }) => stepKey(step, table) === key);
  if (!attempts.length) throw new NotFound(`No step '${key}' of run '${run.workflowId}' has begun.`);
  return { run, key, attempts };
}

async function runOf(ledger: Ledger, id: string): Promise<RunRecord> {
  const [run] = await ledger.runs({ id, limit: 1 });
  if (run) return run;
  throw new NotFound(`There is no run '${id}'. Its pipeline's page lists the runs that there are.`);
}
