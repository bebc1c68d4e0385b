import { WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { messageOf, TerminalError } from '../core/errors.ts';
import { pipelineNamed, type Registry } from '../core/run-request.ts';
import { act } from './act.ts';
import type { Session } from './session.ts';

/**
 * Asks a run or a backfill to end. @returns its handle, or undefined when it was cancelled before
 * @throws {TerminalError} when there is none, or it has ended in another way
 */
export async function cancel(
  session: Session,
  registry: Registry,
  id: string,
  by: string,
): Promise<WorkflowHandle | undefined> {
  const handle = await handleOf(session, id);
  const before = (await known(id, () => handle.describe())).status.name;
  if (before === 'CANCELLED') return undefined;
  if (before !== 'RUNNING')
    throw new TerminalError(
      `${id} has ended before (${before.toLowerCase()}): there is nothing left to cancel. 'sluice runs' lists the runs.`,
    );
  await known(id, () => handle.cancel());
  const pipeline = await pipelineOf(session, registry, id);
  await act(session, { actor: by, action: 'cancel', pipeline, subject: id });
  return handle;
}

/** Pauses or resumes the schedule of a pipeline, or a backfill. @throws {PipelineUnknown | TerminalError} there is none of the id */
export async function pauseOrResume(
  session: Session,
  registry: Registry,
  verb: 'pause' | 'resume',
  id: string,
  by: string,
): Promise<void> {
  mustBePausable(registry, id);
  const { temporal } = session;
  if (isBackfill(id)) {
    await known(id, () => temporal.workflow.getHandle(id).executeUpdate(verb));
  } else {
    const schedule = temporal.schedule.getHandle(id);
    await known(`schedule ${id}`, () =>
      verb === 'pause' ? schedule.pause('by sluice pause') : schedule.unpause('by sluice resume'),
    );
  }
  const pipeline = await pipelineOf(session, registry, id);
  await act(session, { actor: by, action: verb, pipeline, subject: id });
}

/** Sets how many intervals of a backfill are run at the same time. @throws {TerminalError} there is none of the id, or it refuses the number */
export async function setConcurrency(session: Session, id: string, runs: number, by: string): Promise<void> {
  const handle = session.temporal.workflow.getHandle(id);
  try {
    await known(id, () => handle.executeUpdate<unknown, [number]>('setConcurrency', { args: [runs] }));
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw new TerminalError(messageOf(error.cause ?? error));
    throw error;
  }
  const [backfill] = await session.ledger.backfills({ id });
  await act(session, {
    actor: by,
    action: 'concurrency',
    pipeline: backfill?.pipeline ?? null,
    subject: id,
    input: { concurrency: runs },
  });
}

/** What is mistyped is said before anything is asked of Temporal. @throws {PipelineUnknown | TerminalError} it has no schedule */
export function mustBePausable(registry: Registry, id: string): void {
  if (isBackfill(id)) return;
  if (pipelineNamed(registry, id).schedule === 'manual')
    throw new TerminalError(
      `Pipeline '${id}' is run by hand: there is no schedule to pause or to resume. One of before is removed by 'sluice deploy'.`,
    );
}

/** No pipeline has such a name. */
function isBackfill(id: string): boolean {
  return id.startsWith('backfill-');
}

/** Whose a run, a backfill or a schedule is. */
async function pipelineOf({ ledger }: Session, registry: Registry, id: string): Promise<string | null> {
  if (registry.has(id)) return id;
  const [run] = await ledger.runs({ id, limit: 1 });
  if (run) return run.pipeline;
  return (await ledger.backfills({ id }))[0]?.pipeline ?? null;
}

/** By the id of a workflow, or by that of one of its runs, which `sluice runs --json` shows beside it. */
async function handleOf({ temporal, ledger }: Session, id: string): Promise<WorkflowHandle> {
  const [run] = await ledger.runs({ id, limit: 1 });
  return run?.runId === id
    ? temporal.workflow.getHandle(run.workflowId, id)
    : temporal.workflow.getHandle(id);
}

async function known<T>(what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Error) || !/NotFound/.test(error.name)) throw error;
    throw new TerminalError(
      `Temporal does not know ${what}. 'sluice runs' lists the runs; 'sluice deploy' makes the schedules.`,
    );
  }
}
