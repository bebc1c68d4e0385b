import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { setTimeout as delay } from 'node:timers/promises';
import { inWords } from '../core/duration.ts';
import { TerminalError } from '../core/errors.ts';
import { millisecondsOf } from '../core/interval.ts';
import type { RunSummary } from '../core/run.ts';
import type { StepRecord } from '../connectors/ledger/port.ts';
import { briefly } from './briefly.ts';
import { goesOn } from './goes-on.ts';
import { sayWhereOlder } from './older-definition.ts';
import { count, type Output } from './output.ts';
import type { RunHandle } from '../operations/start-run.ts';
import type { Session } from './session.ts';
import { waitingFor } from '../operations/step-notes.ts';
import { UntakenTasks } from './untaken.ts';
import { WaitsForInterval } from './waiting.ts';

const POLL_MS = 200;

/** Waits for a run's end and says meanwhile which steps are done. @throws {TerminalError} with the run's failure */
export async function followRun(session: Session, handle: RunHandle, output: Output): Promise<RunSummary> {
  const runId = handle.firstExecutionRunId;
  if (handle.joined) output.progress('it is being run already, with the same inputs: following that run');
  const state = { ended: false, opened: false };
  output.farewell(goesOn(session, handle.workflowId));
  const result = handle.result().finally(() => (state.ended = true));
  result.catch(() => undefined); // awaited below
  const said = new Set<string>();
  const untaken = new UntakenTasks(session, output);
  const waits = new WaitsForInterval(output);
  for (;;) {
    void untaken.look([handle.workflowId]);
    if (!said.size) void waits.look(handle);
    const last = state.ended;
    state.opened ||= await sayWhereOlder(session, handle, output);
    for (const step of await session.ledger.steps([runId])) {
      const key = `${step.step}:${step.table ?? ''}:${step.attempt}:${step.outcome}`;
      const waits = waitingFor(step);
      if ((step.outcome === 'running' && waits === undefined) || said.has(key)) continue;
      said.add(key);
      output.progress(
        waits === undefined ? stepLine(step) : `  ⏸ ${step.table ?? step.step} waits for ${waits}`,
      );
    }
    if (last) break;
    await Promise.race([result.catch(() => undefined), delay(POLL_MS)]);
  }
  output.farewell(undefined);
  const summary = await result.catch((error: unknown) => {
    throw failureOf(error, handle.workflowId);
  });
  if ('nothingDue' in summary) throw new TerminalError(summary.nothingDue);
  return summary;
}

function stepLine(step: StepRecord): string {
  const took = step.finishedAt
    ? inWords(millisecondsOf(step.finishedAt) - millisecondsOf(step.startedAt))
    : '';
  if (step.outcome === 'skipped')
    return `  – ${step.step.padEnd(9)} ${(step.table ?? '').padEnd(34)} ${step.error ?? ''}`;
  const mark = step.outcome === 'succeeded' ? '✓' : '✗';
  const rows = step.rows === null ? '' : `${count(step.rows)} rows`;
  const retried = step.attempt > 1 ? `, attempt ${step.attempt}` : '';
  // Of one that is tried again nothing else is heard until the run has ended.
  const why = step.outcome === 'failed' && step.error !== null ? `\n      ${briefly(step.error)}` : '';
  return `  ${mark} ${step.step.padEnd(9)} ${(step.table ?? '').padEnd(34)} ${rows.padStart(16)}  ${took}${retried}${why}`;
}

export function failureOf(error: unknown, workflowId: string): Error {
  if (!(error instanceof WorkflowFailedError)) return error as Error;
  const { cause } = error;
  if (cause instanceof CancelledFailure) return new TerminalError(`Run ${workflowId} was cancelled.`);
  if (!cause) return new TerminalError(`Run ${workflowId} was ended from outside.`);
  let inner: Error = cause;
  while (!(inner instanceof ApplicationFailure) && inner.cause instanceof Error) inner = inner.cause;
  return new TerminalError(`Run ${workflowId} failed: ${inner.message}`);
}
