import type { Command } from 'commander';
import { TerminalError } from '../../core/errors.ts';
import { intervalText } from '../../core/interval.ts';
import type { BackfillRecord } from '../../connectors/ledger/port.ts';
import { registry } from '../../pipelines/index.ts';
import { inRegistryOrHistory, noLonger } from '../../operations/known-pipeline.ts';
import { briefly } from '../briefly.ts';
import { count, table } from '../output.ts';
import { withLedger } from '../session.ts';
import { example, invocation, wholeNumber } from './globals.ts';

export function backfillsCommand(command: Command): void {
  command
    .option('-n, --limit <backfills>', 'how many, or how many intervals of one', wholeNumber, 20)
    .option('--backfill <id>', 'the intervals of this one that have failed or were cancelled')
    .addHelpText(
      'after',
      example('sluice backfills olist', 'sluice backfills --backfill backfill-olist-2018-08-01-2018-08-08'),
    )
    .action(async (pipeline: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation<{ limit: number; backfill?: string }>(command);
      await withLedger(options, output, async ({ ledger }) => {
        if (options.backfill !== undefined) {
          const id = options.backfill;
          const [backfill] = await ledger.backfills({ id });
          if (!backfill)
            throw new TerminalError(`There is no backfill '${id}'. 'sluice backfills' lists them.`);
          const failed = await ledger.failedIntervals(id, options.limit);
          const lines = failed.map(({ interval, outcome, error }) => [
            intervalText(interval),
            outcome,
            briefly(error ?? ''),
          ]);
          const text = lines.length ? `\n${table(['interval', 'outcome', 'error'], lines)}` : '';
          return output.result({ ...backfill, failedIntervals: failed }, `${grid([backfill])}${text}`);
        }
        if (pipeline !== undefined && !(await inRegistryOrHistory(ledger, registry, pipeline)))
          output.progress(noLonger(registry, pipeline));
        const { limit } = options;
        const all = await ledger.backfills(pipeline === undefined ? { limit } : { pipeline, limit });
        output.result(
          all,
          all.length
            ? grid(all)
            : `no backfills yet: 'sluice backfill ${pipeline ?? '<pipeline>'}' starts one.`,
        );
      });
    });
}

function grid(backfills: readonly BackfillRecord[]): string {
  const rows = backfills.map((each) => [
    each.backfillId,
    intervalText(each.range),
    each.outcome,
    `${count(each.succeeded)} of ${count(each.total)}`,
    each.failed ? count(each.failed) : '',
    each.startedAt.slice(0, 19),
  ]);
  return table(['backfill', 'range', 'outcome', 'done', 'failed', 'started'], rows, [3, 4]);
}
