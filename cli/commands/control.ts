import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { Command } from 'commander';
import { registry } from '../../pipelines/index.ts';
import { whoAmI } from '../../operations/act.ts';
import { cancel, mustBePausable, pauseOrResume, setConcurrency } from '../../operations/control.ts';
import type { Output } from '../output.ts';
import { withSession, type Session } from '../session.ts';
import { UntakenTasks } from '../untaken.ts';
import { example, invocation, wholeNumber } from './globals.ts';

const POLL_MS = 500;

export function cancelCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice cancel olist-2018-08-02T02:00:00Z'))
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      await withSession(options, output, (session) => cancelAndWait(session, id, output));
    });
}

/** Cancels a run or a backfill and waits for its end. @throws {TerminalError} when there is none, or it has ended in another way */
export async function cancelAndWait(session: Session, id: string, output: Output): Promise<void> {
  const handle = await cancel(session, registry, id, whoAmI());
  if (!handle) return output.result({ id, status: 'CANCELLED' }, `${id}: was cancelled before`);
  await untilEnded(session, handle, output);
  const { status } = await handle.describe();
  output.result({ id, status: status.name }, `${id}: ${status.name.toLowerCase()}`);
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

export function concurrencyCommand(command: Command): void {
  command.registeredArguments[1]?.argParser(wholeNumber);
  command
    .addHelpText('after', example('sluice concurrency backfill-olist-2018-08-01-2018-08-08 8'))
    .action(async (id: string, concurrency: number, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      await withSession(options, output, async (session) => {
        await setConcurrency(session, id, concurrency, whoAmI());
        output.result({ id, concurrency }, `${id}: ${concurrency} at a time`);
      });
    });
}

function switchCommand(command: Command, verb: 'pause' | 'resume'): void {
  command
    .addHelpText(
      'after',
      example(`sluice ${verb} olist`, `sluice ${verb} backfill-olist-2018-08-01-2018-08-08`),
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      mustBePausable(registry, id); // what is mistyped is said before anything is started
      await withSession(options, output, async (session) => {
        await pauseOrResume(session, registry, verb, id, whoAmI());
        output.result({ id, state: `${verb}d` }, `${id}: ${verb}d`);
      });
    });
}
