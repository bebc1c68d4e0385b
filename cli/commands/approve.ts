import { WorkflowUpdateFailedError } from '@temporalio/client';
import type { Command } from 'commander';
import { TerminalError, TransientError } from '../../core/errors.ts';
import type { Answer, Decision } from '../../workflows/approvals.ts';
import { act, whoAmI } from '../act.ts';
import { decisionText } from '../step-notes.ts';
import { withSession, type Session } from '../session.ts';
import { example, invocation } from './globals.ts';
import { newestRun } from './rerun.ts';

const PATIENCE_MS = 30_000; // for a worker to take the answer

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
        const answer = { step, by, ...(reason === undefined ? {} : { reason }) };
        const { workflowId, runId, pipeline } = await newestRun(session, id);
        const decision = await decide(session, { workflowId, runId }, answer, options.reject ?? false);
        await act(session, {
          actor: by,
          action: options.reject ? 'reject' : 'approve',
          pipeline,
          subject: `${workflowId} ${step}`,
          reason: reason ?? null,
        });
        output.result({ workflowId, step, ...decision }, `${workflowId} ${step}: ${decisionText(decision)}`);
      });
    });
}

async function decide(
  { temporal, profile }: Session,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  answer: Answer,
  rejects: boolean,
): Promise<Decision> {
  const handle = temporal.workflow.getHandle(workflowId, runId);
  try {
    return await temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
      handle.executeUpdate<Decision, [Answer]>(rejects ? 'reject' : 'approve', { args: [answer] }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause)
      throw new TerminalError(
        `${workflowId}: ${error.cause.message} 'sluice runs --run ${workflowId}' shows its steps.`,
      );
    if (!(error instanceof Error)) throw error;
    if (/NotFound/.test(error.name))
      throw new TerminalError(
        `Run ${workflowId} has ended: nothing waits any more. 'sluice rerun ${workflowId}' asks again.`,
      );
    if (/Timeout/.test(error.name))
      throw new TransientError(
        `No worker has taken the answer within ${PATIENCE_MS / 1000} s. Start one on queue '${profile.temporal.taskQueue}' ('sluice worker'), then look whether it has arrived: 'sluice runs --run ${workflowId}'.`,
      );
    throw error;
  }
}
