import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { TerminalError } from '../../core/errors.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { registry } from '../../pipelines/index.ts';
import { act } from '../act.ts';
import type { Output } from '../output.ts';
import { withSession, type Session } from '../session.ts';
import { UntakenTasks } from '../untaken.ts';
import { example, invocation } from './globals.ts';

const POLL_MS = 500;

export function cancelCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice cancel olist-2018-08-02T02:00:00Z'))
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      await withSession(options, output, (session) => cancel(session, id, output));
    });
}

/** Cancels a run or a backfill and waits for its end. @throws {TerminalError} when there is none, or it has ended in another way */
export async function cancel(session: Session, id: string, output: Output): Promise<void> {
  const handle = await handleOf(session, id);
  const before = (await known(id, () => handle.describe())).status.name;
  if (before === 'CANCELLED') return output.result({ id, status: before }, `${id}: was cancelled before`);
  if (before !== 'RUNNING')
    throw new TerminalError(
      `${id} has ended before (${before.toLowerCase()}): there is nothing left to cancel. 'sluice runs' lists the runs.`,
    );
  await known(id, () => handle.cancel());
  await act(session, { action: 'cancel', pipeline: await pipelineOf(session, id), subject: id });
  await untilEnded(session, handle, output);
  const { status } = await handle.describe();
  output.result({ id, status: status.name }, `${id}: ${status.name.toLowerCase()}`);
}

/** Whose a run, a backfill or a schedule is. */
async function pipelineOf({ ledger }: Session, id: string): Promise<string | null> {
  if (registry.has(id)) return id;
  const [run] = await ledger.runs({ id, limit: 1 });
  if (run) return run.pipeline;
  return (await ledger.backfills()).find(({ backfillId }) => backfillId === id)?.pipeline ?? null;
}

/** By the id of a workflow, or by that of one of its runs, which `sluice runs --json` shows beside it. */
async function handleOf({ temporal, ledger }: Session, id: string): Promise<WorkflowHandle> {
  const [run] = await ledger.runs({ id, limit: 1 });
  return run?.runId === id
    ? temporal.workflow.getHandle(run.workflowId, id)
    : temporal.workflow.getHandle(id);
}

/** Says so while nobody works on it: what is cancelled ends by its worker. */
async function untilEnded(session: Session, handle: WorkflowHandle, output: Output): Promise<void> {
  const untaken = new UntakenTasks(session, output);
  const watch = { ended: false };
  const end = handle
    .result()
    .catch(() => undefined)
    .finally(() => (watch.ended = true));
  while (!watch.ended) {
    void untaken.look([handle.workflowId]);
    await Promise.race([end, delay(POLL_MS)]);
  }
}

/** `pause` and `resume` take a pipeline (its schedule) or the id of a backfill. */
export function pauseCommand(command: Command): void {
  switchCommand(command, 'pause');
}

export function resumeCommand(command: Command): void {
  switchCommand(command, 'resume');
}

function switchCommand(command: Command, verb: 'pause' | 'resume'): void {
  command
    .addHelpText(
      'after',
      example(`sluice ${verb} olist`, `sluice ${verb} backfill-olist-2018-08-01-2018-08-08`),
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      if (!isBackfill(id)) pipelineNamed(registry, id); // what is mistyped is said before anything is started
      await withSession(options, output, async (session) => {
        await change(session, verb, id);
        await act(session, { action: verb, pipeline: await pipelineOf(session, id), subject: id });
        output.result({ id, state: `${verb}d` }, `${id}: ${verb}d`);
      });
    });
}

/** No pipeline has such a name. */
function isBackfill(id: string): boolean {
  return id.startsWith('backfill-');
}

async function change({ temporal }: Session, verb: 'pause' | 'resume', id: string): Promise<void> {
  if (isBackfill(id)) {
    await known(id, () => temporal.workflow.getHandle(id).executeUpdate(verb));
    return;
  }
  const schedule = temporal.schedule.getHandle(id);
  await known(`schedule ${id}`, () =>
    verb === 'pause' ? schedule.pause('by sluice pause') : schedule.unpause('by sluice resume'),
  );
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
