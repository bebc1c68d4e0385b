import { Option, type Command } from 'commander';
import { inWords } from '../../core/duration.ts';
import { InvalidInput } from '../../core/errors.ts';
import { intervalText, millisecondsOf } from '../../core/interval.ts';
import { OUTCOMES, type Outcome } from '../../core/run.ts';
import type { StepRecord } from '../../connectors/ledger/port.ts';
import { registry } from '../../pipelines/index.ts';
import { inRegistryOrHistory, noLonger } from '../../operations/known-pipeline.ts';
import { briefly } from '../briefly.ts';
import { count, table } from '../output.ts';
import { withLedger } from '../session.ts';
import { noteOf } from '../../operations/step-notes.ts';
import { STANDS_STILL } from '../stands-still.ts';
import { example, invocation, wholeNumber } from './globals.ts';
import { newestRun, numbersOf } from '../../operations/find-run.ts';
import { runsOfInterval } from '../../operations/runs-of-interval.ts';

export function runsCommand(command: Command): void {
  command
    .option('-n, --limit <runs>', 'how many', wholeNumber, 20)
    .addOption(new Option('--outcome <outcome>', 'only those that ended so').choices(OUTCOMES))
    .option('--interval <span>', 'of one interval, each with its number: START, or START/END')
    .option('--run <id>', 'the steps of this run; ID#2 is the second that had the id')
    .addHelpText(
      'after',
      example(
        'sluice runs olist --limit 5',
        'sluice runs --outcome failed',
        'sluice runs olist --interval 2018-08-01',
        'sluice runs --run olist-2018-08-02T02:00:00Z#1',
        'sluice runs --run olist-2018-08-02T02:00:00Z',
      ),
    )
    .action(async (pipeline: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation<{
        limit: number;
        run?: string;
        interval?: string;
        outcome?: Outcome;
      }>(command);
      if (options.interval !== undefined && pipeline === undefined)
        throw new InvalidInput('The command line', [`--interval: name the pipeline whose interval it is.`]);
      await withLedger(options, output, async (session) => {
        if (options.run !== undefined) {
          const run = await newestRun(session, options.run);
          const steps = await session.ledger.steps([run.runId]);
          const rows = steps.map((step) => [
            step.step,
            step.table ?? '',
            step.outcome,
            String(step.attempt),
            step.rows === null ? '' : count(step.rows),
            took(step),
            firstLine(noteOf(step)),
          ]);
          if (!registry.has(run.pipeline)) output.progress(noLonger(registry, run.pipeline));
          const grid = table(['step', 'table', 'outcome', 'attempt', 'rows', 'took', 'note'], rows, [3, 4]);
          return output.result({ ...run, steps }, [grid, ...warningLines(steps)].join('\n'));
        }
        if (pipeline !== undefined && !(await inRegistryOrHistory(session.ledger, registry, pipeline)))
          output.progress(noLonger(registry, pipeline));
        const asked =
          options.interval === undefined || pipeline === undefined
            ? undefined
            : await runsOfInterval(session.ledger, registry, pipeline, options.interval);
        const runs = await session.ledger.runs({
          ...(pipeline === undefined ? {} : { pipeline }),
          ...(options.outcome === undefined ? {} : { outcomes: [options.outcome] }),
          ...asked,
          limit: options.limit,
        });
        if (session.stands && runs.some(({ outcome }) => outcome === 'running'))
          output.progress(STANDS_STILL);
        if (asked && !runs.length)
          output.progress(`no run of ${pipeline ?? ''} over an interval ${options.interval ?? ''} is known.`);
        const numbers = asked ? await numbersOf(session.ledger, runs) : undefined;
        const rows = runs.map((run) => [
          `${run.workflowId}${numbers?.get(run.runId) ?? ''}`,
          intervalText(run.interval),
          run.kind,
          run.outcome,
          run.startedAt.slice(0, 19),
          took(run),
          firstLine(run.error),
        ]);
        output.result(runs, table(['run', 'interval', 'kind', 'outcome', 'started', 'took', 'error'], rows));
      });
    });
}

/** What steps have warned of, for people. */
export function warningLines(steps: readonly Pick<StepRecord, 'step' | 'result'>[]): string[] {
  return steps.flatMap(({ step, result }) => {
    const { warnings } = (result ?? {}) as { readonly warnings?: readonly string[] };
    return (warnings ?? []).map((warning) => `! ${step}: ${warning}`);
  });
}

function took({ startedAt, finishedAt }: { startedAt: string; finishedAt: string | null }): string {
  return finishedAt === null ? '' : inWords(millisecondsOf(finishedAt) - millisecondsOf(startedAt));
}

function firstLine(error: string | null): string {
  return briefly(error ?? '').slice(0, 120);
}
