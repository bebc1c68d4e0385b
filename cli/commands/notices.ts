import type { Command } from 'commander';
import { noticesNow, type KnownIncident } from '../../operations/notices.ts';
import { table } from '../output.ts';
import { withLedger } from '../session.ts';
import { example, invocation } from './globals.ts';

export function noticesCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice notices'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const found = await withLedger(options, output, ({ ledger, profile }) => noticesNow(ledger, profile));
      const { receivers, incidents, questions } = found;
      const asked = questions.map(({ pipeline, workflowId, table: step, since, waitingFor }) => [
        pipeline,
        since,
        `sluice approve ${workflowId} ${step ?? ''}: ${waitingFor.replace(/^approval: /, '')}`,
      ]);
      const parts = [
        receivers.length
          ? `told: ${receivers.join(', ')}`
          : "The profile has no 'notify': nobody is told of anything, and no incidents are kept.",
        incidents.length
          ? table(['pipeline', 'what', 'since', 'told', 'not told yet'], incidents.map(rowOf), [])
          : 'Nothing is open.',
        ...(asked.length
          ? [`Waiting for an answer:\n${table(['pipeline', 'since', 'question'], asked, [])}`]
          : []),
      ];
      output.result(found, parts.join('\n\n'));
    });
}

function rowOf({ pipeline, kind, subject, since, told, untold }: KnownIncident): string[] {
  return [
    pipeline,
    subject ? `${kind} ${subject}` : kind,
    since,
    told.map(({ who, at }) => (at === null ? who : `${who} ${at}`)).join('\n'),
    untold.join('\n'),
  ];
}
