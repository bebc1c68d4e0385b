import type { Command } from 'commander';
import { intervalText } from '../../core/interval.ts';
import { whoAmI } from '../../operations/act.ts';
import { rerun } from '../../operations/rerun.ts';
import { registry } from '../../pipelines/index.ts';
import { count } from '../output.ts';
import { withSession } from '../session.ts';
import { followRun } from '../follow-run.ts';
import { example, invocation } from './globals.ts';

export function rerunCommand(command: Command): void {
  command
    .option(
      '--from-step <step>',
      'repeat from this step on, and what comes after it: transform, load:orders, a task, …',
    )
    .option('--all', 'repeat every step')
    .addHelpText(
      'after',
      example(
        'sluice rerun olist-2018-08-02T02:00:00Z',
        'sluice rerun olist-2018-08-02T02:00:00Z --from-step transform',
      ),
    )
    .action(async (id: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ fromStep?: string; all?: boolean }>(command);
      await withSession(options, output, async (session) => {
        const handle = await rerun(session, registry, id, options, whoAmI(), (text) => output.progress(text));
        output.progress(`run ${handle.workflowId}`);
        const summary = await followRun(session, handle, output);
        output.result(
          { workflowId: handle.workflowId, runId: handle.firstExecutionRunId, ...summary },
          `${summary.pipeline} ${intervalText(summary.interval)}: ${count(summary.rows)} rows, ${summary.reused} steps taken from the run before`,
        );
      });
    });
}
