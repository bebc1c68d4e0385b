import type { RunRecord } from '../connectors/ledger/port.ts';
import { exactText } from '../core/interval.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import type { Registry } from '../core/run-request.ts';
import { act } from './act.ts';
import { newestRun } from './find-run.ts';
import type { Session } from './session.ts';
import { startRun, type RunHandle } from './start-run.ts';

export interface RerunOptions {
  /** Repeat from this step on, and what comes after it. */
  readonly fromStep?: string | undefined;
  /** Repeat every step. */
  readonly all?: boolean | undefined;
}

/** Runs the interval of a run again, with what that was asked for; after a failure only what is missing. @throws as `startRun` does */
export async function rerun(
  session: Session,
  registry: Registry,
  id: string,
  options: RerunOptions,
  by: string,
  waits?: (text: string) => void,
): Promise<RunHandle> {
  const run = await newestRun(session, id);
  const input = inputFor(run, options);
  const handle = await startRun(session, registry, input, waits);
  if (!handle.joined)
    await act(session, {
      actor: by,
      action: 'rerun',
      pipeline: run.pipeline,
      subject: handle.workflowId,
      input,
    });
  return handle;
}

function inputFor(run: RunRecord, { fromStep, all = false }: RerunOptions): RunPipelineInput {
  const { tables, skip, params } = run.input;
  const incomplete = run.outcome === 'failed' || run.outcome === 'cancelled';
  return {
    pipeline: run.pipeline,
    interval: exactText(run.interval),
    kind: 'rerun',
    ...(tables ? { tables } : {}),
    ...(skip ? { skip } : {}),
    ...(params ? { params } : {}),
    ...(fromStep ? { fromStep } : incomplete && !all ? { resume: run.runId } : {}),
  };
}
