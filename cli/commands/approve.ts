import type { Command } from 'commander';
import { answer } from '../../operations/answer.ts';
import { whoAmI } from '../../operations/act.ts';
import { decisionText } from '../../operations/step-notes.ts';
import { withSession } from '../session.ts';
import { example, invocation } from './globals.ts';

export function approveCommand(command: Command): void {
  command
    .option('--reject', 'say no: the step fails')
    .option('--reason <text>', 'why; recorded with the step')
    .option('--by <name>', 'who says so', whoAmI())
    .addHelpText(
      'after',
      example(
        'sluice approve olist-2018-08-02T02:00:00Z release --reason "numbers look right"',
        'sluice approve olist-2018-08-02T02:00:00Z release --reject --reason "revenue is half of last week\'s"',
      ),
    )
    .action(async (id: string, step: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ reject?: boolean; reason?: string; by: string }>(command);
      await withSession(options, output, async (session) => {
        const { by, reason } = options;
        const given = { step, by, ...(reason === undefined ? {} : { reason }) };
        const verdict = options.reject ? 'reject' : 'approve';
        const { workflowId, decision } = await answer(session, id, given, verdict);
        output.result({ workflowId, step, ...decision }, `${workflowId} ${step}: ${decisionText(decision)}`);
      });
    });
}
