import type { Command } from 'commander';
import { table } from '../output.ts';
import { withLedger } from '../session.ts';
import { example, invocation, wholeNumber } from './globals.ts';

export function actionsCommand(command: Command): void {
  command
    .option('-n, --limit <actions>', 'how many', wholeNumber, 20)
    .addHelpText('after', example('sluice actions', 'sluice actions olist --limit 5'))
    .action(async (pipeline: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ limit: number }>(command);
      await withLedger(options, output, async ({ ledger }) => {
        const actions = await ledger.actions(pipeline, options.limit);
        const rows = actions.map(({ at, actor, action, subject, reason }) => [
          `${at.slice(0, 19)}Z`,
          actor,
          action,
          subject,
          reason ?? '',
        ]);
        const none = `Nobody has done anything${pipeline === undefined ? '' : ` with '${pipeline}'`} yet.`;
        output.result(actions, rows.length ? table(['at', 'who', 'did', 'what', 'why'], rows) : none);
      });
    });
}
