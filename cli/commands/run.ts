import type { Command } from 'commander';
import { inWords } from '../../core/duration.ts';
import { intervalText, toInstant } from '../../core/interval.ts';
import { mustBeRunnable, resolveRequest } from '../../core/run-request.ts';
import { parseInput, runPipelineInput, type RunPipelineInput } from '../../core/run-input.ts';
import { registry } from '../../pipelines/index.ts';
import { whoAmI } from '../../operations/act.ts';
import { count } from '../output.ts';
import { paramsOf } from '../params.ts';
import { withLedger, withSession } from '../session.ts';
import { untilOpened } from '../opened-run.ts';
import { followRun } from '../follow-run.ts';
import { run } from '../../operations/run.ts';
import { collect, example, invocation } from './globals.ts';

interface RunOptions {
  readonly interval?: string;
  readonly table?: string[];
  readonly fromStep?: string;
  readonly param?: string[];
  readonly detach?: boolean;
}

export function runCommand(command: Command): void {
  command
    .option(
      '-i, --interval <span>',
      "START, or START/END (half-open, in the pipeline's zone or with Z); default: the last interval that has ended",
    )
    .option('-t, --table <name>', 'only this table (repeatable)', collect)
    .option(
      '--from-step <step>',
      'start here, with the last results of the steps before it: transform, load:orders, a task, …',
    )
    .option('--param <name=value>', 'a parameter for tasks and models (repeatable)', collect)
    .option('-d, --detach', 'do not wait')
    .addHelpText(
      'after',
      example(
        'sluice run olist --interval 2018-08-01',
        'sluice run olist -i 2016-09-01/2018-11-01 --table orders',
      ),
    )
    .action(async (pipeline: string, _options: unknown, command: Command) => {
      const { options, output } = invocation<RunOptions>(command);
      const input = toInput(pipeline, options);
      const asked = resolveRequest(registry, input, toInstant(new Date())); // what is mistyped is said before anything is started
      if (asked.objection)
        await withLedger(options, output, ({ ledger }) =>
          mustBeRunnable(asked, (filter) => ledger.runs(filter)),
        );
      await withSession(options, output, async (session) => {
        const began = performance.now();
        const handle = await run(
          session,
          registry,
          input,
          whoAmI(),
          options.detach ? undefined : (text) => output.progress(text),
        );
        output.progress(`run ${handle.workflowId}`);
        if (session.profile.temporal.ui) {
          output.progress(
            `watch ${session.profile.temporal.ui}/namespaces/${session.profile.temporal.namespace}/workflows/${encodeURIComponent(handle.workflowId)}`,
          );
        }
        const ids = { workflowId: handle.workflowId, runId: handle.firstExecutionRunId };
        if (options.detach) {
          await untilOpened(session, handle, output);
          return output.result(ids, `started ${handle.workflowId}`);
        }
        const summary = await followRun(session, handle, output);
        const took = inWords(performance.now() - began);
        output.result(
          { ...ids, ...summary },
          `${pipeline} ${intervalText(summary.interval)}: ${summary.tables ? `${count(summary.rows)} rows in ${summary.tables} tables` : 'done'}, ${took}`,
        );
      });
    });
}

function toInput(pipeline: string, options: RunOptions): RunPipelineInput {
  const { params, problems } = paramsOf(options.param);
  return parseInput(
    runPipelineInput,
    {
      pipeline,
      kind: 'manual',
      ...(options.interval === undefined ? {} : { interval: options.interval }),
      ...(options.table ? { tables: options.table } : {}),
      ...(options.fromStep === undefined ? {} : { fromStep: options.fromStep }),
      ...(options.param ? { params } : {}),
    },
    'The command line',
    problems,
  );
}
