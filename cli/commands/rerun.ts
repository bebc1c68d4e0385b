import type { Command } from 'commander';
import { TerminalError } from '../../core/errors.ts';
import { exactText, intervalText } from '../../core/interval.ts';
import type { RunPipelineInput } from '../../core/run-input.ts';
import { registry } from '../../pipelines/index.ts';
import type { RunRecord } from '../../connectors/ledger/port.ts';
import { act } from '../act.ts';
import { count } from '../output.ts';
import { withSession, type Session } from '../session.ts';
import { followRun, startRun } from '../start-run.ts';
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
        const run = await newestRun(session, id);
        const input = inputFor(run, options.fromStep, options.all ?? false);
        const handle = await startRun(session, registry, input);
        output.progress(`run ${handle.workflowId}`);
        if (!handle.joined)
          await act(session, { action: 'rerun', pipeline: run.pipeline, subject: handle.workflowId, input });
        const summary = await followRun(session, handle, output);
        output.result(
          { workflowId: handle.workflowId, runId: handle.firstExecutionRunId, ...summary },
          `${summary.pipeline} ${intervalText(summary.interval)}: ${count(summary.rows)} rows, ${summary.reused} steps taken from the run before`,
        );
      });
    });
}

/** The newest run with this run or workflow id. @throws {TerminalError} when there is none */
export async function newestRun({ ledger }: Pick<Session, 'ledger'>, id: string): Promise<RunRecord> {
  const [run] = await ledger.runs({ id, limit: 1 });
  if (run) return run;
  throw new TerminalError(`There is no run '${id}'. 'sluice runs' lists the ids.`);
}

function inputFor(run: RunRecord, fromStep: string | undefined, all: boolean): RunPipelineInput {
  const { tables, skip, params } = run.input;
  const incomplete = run.outcome === 'failed' || run.outcome === 'cancelled';
  return {
    pipeline: run.pipeline,
    interval: exactText(run.interval),
    kind: 'rerun',
    ...(tables ? { tables } : {}),
    ...(skip ? { skip } : {}),
    ...(params ? { params } : {}),
    ...(fromStep ? { fromStep } : incomplete && !all ? { resume: run.runId } : {}),
  };
}
