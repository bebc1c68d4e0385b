import type { Command } from 'commander';
import { whoAmI } from '../../operations/act.ts';
import { skip } from '../../operations/skip.ts';
import { withSession } from '../session.ts';
import { example, invocation } from './globals.ts';

export function skipCommand(command: Command): void {
  command
    .requiredOption('--reason <text>', 'why; shown with the step')
    .option('--by <name>', 'who says so', whoAmI())
    .addHelpText(
      'after',
      example('sluice skip olist-2018-08-02T02:00:00Z score --reason "the supplier is down today"'),
    )
    .action(async (id: string, step: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ reason: string; by: string }>(command);
      await withSession(options, output, async (session) => {
        const { by, reason } = options;
        const { workflowId, decision } = await skip(session, id, { step, by, reason });
        output.result(
          { workflowId, step, ...decision },
          `${workflowId} ${step}: ${by} leaves it out (${reason}), unless it has ended well by then; 'sluice runs --run ${workflowId}' shows it`,
        );
      });
    });
}
