import type { Command } from 'commander';
import { TerminalError } from '../../core/errors.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { registry } from '../../pipelines/index.ts';
import { withSession, type Session } from '../session.ts';
import { example, invocation } from './globals.ts';

export function cancelCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice cancel olist-2018-08-02T02:00:00Z'))
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      await withSession(options, output, async ({ temporal }) => {
        const handle = temporal.workflow.getHandle(id);
        await known(id, () => handle.cancel());
        await handle.result().catch(() => undefined);
        const { status } = await handle.describe();
        output.result({ id, status: status.name }, `${id}: ${status.name.toLowerCase()}`);
      });
    });
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
      await withSession(options, output, async (session) => {
        await change(session, verb, id);
        output.result({ id, state: `${verb}d` }, `${id}: ${verb}d`);
      });
    });
}

async function change({ temporal }: Session, verb: 'pause' | 'resume', id: string): Promise<void> {
  if (id.startsWith('backfill-')) {
    await known(id, () => temporal.workflow.getHandle(id).executeUpdate(verb));
    return;
  }
  const schedule = temporal.schedule.getHandle(pipelineNamed(registry, id).name);
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
