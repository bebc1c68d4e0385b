import type { RunRecord } from '../connectors/ledger/port.ts';
import { Cadence } from '../core/cadence.ts';
import { InvalidInput } from '../core/errors.ts';
import { exactText, intervalText, parseInstant } from '../core/interval.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { isTimed } from '../core/schedule.ts';
import { pipelineNamed, type Registry } from '../core/run-request.ts';
import { act } from './act.ts';
import { newestRun } from './find-run.ts';
import { asItIs } from './lost-run.ts';
import type { Session } from './session.ts';
import { startRun, type RunHandle } from './start-run.ts';

export interface RerunOptions {
  /** Repeat from this step on, and what comes after it. */
  readonly fromStep?: string | undefined;
  /** Repeat every step. */
  readonly all?: boolean | undefined;
}

/** Runs the interval of a run again, with what that was asked for; after a failure, or an end from outside, only what is missing. @throws as `startRun` does */
export async function rerun(
  session: Session,
  registry: Registry,
  id: string,
  options: RerunOptions,
  by: string,
  waits?: (text: string) => void,
): Promise<RunHandle> {
  const run = await asItIs(session, await newestRun(session, id));
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

/** A stretch of time as people write it: a date is one of each pipeline's own zone. */
export interface Span {
  readonly from: string;
  /** Exclusive. */
  readonly to: string;
}

/**
 * The runs of a span that have failed, or were ended from outside, and that no later run of their interval has made good, oldest first.
 * @param pipelines all of the registry where none is named
 */
export async function failedRuns(
  session: Pick<Session, 'ledger' | 'temporal'>,
  registry: Registry,
  { from, to }: Span,
  pipelines: readonly string[],
): Promise<RunRecord[]> {
  const asked = pipelines.length ? pipelines.map((name) => pipelineNamed(registry, name)) : registry.values();
  const found: RunRecord[] = [];
  for (const { name, schedule } of asked) {
    const instant = !isTimed(schedule) ? parseInstant : (text: string) => new Cadence(schedule).instant(text);
    const span = { start: instant(from), end: instant(to) };
    if (span.end <= span.start)
      throw new InvalidInput('The command line', [`--to: ${to} does not lie after ${from}.`]);
    const newest = new Map<string, RunRecord>();
    for (const run of await session.ledger.runs({ pipeline: name, overlapping: span })) {
      const of = intervalText(run.interval);
      if (!newest.has(of)) newest.set(of, run);
    }
    const ended = await Promise.all([...newest.values()].map((run) => asItIs(session, run)));
    found.push(...ended.filter(({ outcome }) => outcome === 'failed'));
  }
  return found.sort((a, b) => (a.interval.start < b.interval.start ? -1 : 1));
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
