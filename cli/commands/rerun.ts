import type { Command } from 'commander';
import { InvalidInput, messageOf, TerminalError } from '../../core/errors.ts';
import { intervalText } from '../../core/interval.ts';
import { whoAmI } from '../../operations/act.ts';
import { failedRuns, rerun, type RerunOptions } from '../../operations/rerun.ts';
import { registry } from '../../pipelines/index.ts';
import { briefly } from '../briefly.ts';
import { count, type Output } from '../output.ts';
import { withSession, type Session } from '../session.ts';
import { followRun } from '../follow-run.ts';
import { collect, example, invocation } from './globals.ts';

interface Options extends RerunOptions {
  readonly failed?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly pipeline?: string[];
  readonly dryRun?: boolean;
}

export function rerunCommand(command: Command): void {
  command
    .option(
      '--from-step <step>',
      'repeat from this step on, and what comes after it: transform, load:orders, a task, …',
    )
    .option('--all', 'repeat every step')
    .option(
      '--failed',
      'every interval between --from and --to of which the newest run has failed, one after the other',
    )
    .option('--from <time>', 'with --failed: start of the span, in each pipeline’s zone or with Z')
    .option('--to <time>', 'with --failed: end of the span, exclusive')
    .option('--pipeline <name>', 'with --failed: only of this one (repeatable)', collect)
    .option('--dry-run', 'with --failed: say which')
    .addHelpText(
      'after',
      example(
        'sluice rerun olist-2018-08-02T02:00:00Z',
        'sluice rerun olist-2018-08-02T02:00:00Z --from-step transform',
        'sluice rerun --failed --from 2018-08-01 --to 2018-08-08',
      ),
    )
    .action(async (id: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation<Options>(command);
      const span = spanOf(id, options);
      await withSession(options, output, async (session) => {
        if (span) return rerunFailed(session, span, options, output);
        const done = await rerunOne(session, id ?? '', options, output);
        output.result(done.document, done.text);
      });
    });
}

/** @throws {InvalidInput} where neither a run nor a span is named, or both */
function spanOf(id: string | undefined, { failed, from, to, pipeline, dryRun }: Options) {
  if (failed) {
    if (id === undefined && from !== undefined && to !== undefined) return { from, to };
    throw new InvalidInput('The command line', [
      id === undefined
        ? '--failed: name the span by --from and --to.'
        : `--failed: takes no run; leave out '${id}'.`,
    ]);
  }
  const stray = Object.entries({ from, to, pipeline, 'dry-run': dryRun }).find(
    ([, value]) => value !== undefined,
  );
  if (stray) throw new InvalidInput('The command line', [`--${stray[0]}: goes with --failed alone.`]);
  if (id === undefined)
    throw new InvalidInput('The command line', [
      `name a run ('sluice runs' lists them), or --failed with --from and --to.`,
    ]);
  return undefined;
}

async function rerunOne(session: Session, id: string, options: RerunOptions, output: Output) {
  const handle = await rerun(session, registry, id, options, whoAmI(), (text) => output.progress(text));
  output.progress(`run ${handle.workflowId}`);
  const summary = await followRun(session, handle, output);
  return {
    document: { workflowId: handle.workflowId, runId: handle.firstExecutionRunId, ...summary },
    text: `${summary.pipeline} ${intervalText(summary.interval)}: ${count(summary.rows)} rows, ${summary.reused} steps taken from the run before`,
  };
}

/** One that fails again does not keep the others from being tried. @throws {TerminalError} naming those that have */
async function rerunFailed(
  session: Session,
  span: { readonly from: string; readonly to: string },
  options: Options,
  output: Output,
): Promise<void> {
  const runs = await failedRuns(session, registry, span, options.pipeline ?? []);
  const lines = runs.map(
    (run) => `${run.pipeline} ${intervalText(run.interval)}: ${briefly(run.error ?? '')}`,
  );
  if (options.dryRun || !runs.length)
    return output.result(runs, lines.join('\n') || `nothing has failed from ${span.from} to ${span.to}`);
  const done: object[] = [];
  const again: string[] = [];
  for (const run of runs)
    try {
      const { document, text } = await rerunOne(session, run.runId, options, output);
      done.push(document);
      output.progress(text);
    } catch (error) {
      again.push(`${run.pipeline} ${intervalText(run.interval)}: ${messageOf(error)}`);
      output.progress(again.at(-1) ?? '');
    }
  if (again.length)
    throw new TerminalError(
      `${again.length} of ${runs.length} have failed again:\n  - ${again.join('\n  - ')}`,
    );
  output.result(done, `${runs.length} of ${runs.length} are done`);
}
