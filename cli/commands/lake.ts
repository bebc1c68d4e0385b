import type { Command } from 'commander';
import { openLake, openWarehouse } from '../../profiles/open.ts';
import { TableUnknown } from '../../core/errors.ts';
import { intervalText } from '../../core/interval.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { registry } from '../../pipelines/index.ts';
import { count, table } from '../output.ts';
import { loadsInUse } from '../../core/loads-in-use.ts';
import { withLedger, withStores } from '../session.ts';
import { durationOf, example, invocation } from './globals.ts';

export function lakeCommand(lake: Command): void {
  lake
    .command('ls <pipeline> <table>')
    .description('the loads of a table')
    .addHelpText('after', example('sluice lake ls olist orders'))
    .action(async (pipeline: string, name: string, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const { tables } = pipelineNamed(registry, pipeline);
      const wanted = tables.find((each) => each.name === name);
      if (!wanted)
        throw new TableUnknown(
          pipeline,
          name,
          tables.map((each) => each.name),
        );
      const loads = await withStores(options, output, async (profile) => {
        const found = [];
        for await (const load of (await openLake(profile)).list({
          pipeline,
          domain: wanted.domain,
          table: name,
        }))
          found.push(load);
        return found;
      });
      const rows = loads.map(({ manifest }) => [
        manifest.loadId,
        intervalText(manifest.interval),
        count(manifest.rows),
        count(manifest.files.length),
        count(manifest.bytes),
      ]);
      output.result(loads, table(['load', 'interval', 'rows', 'files', 'bytes'], rows, [2, 3, 4]));
    });
  lake
    .command('gc')
    .description(
      'remove loads and datasets that newer ones have replaced, loads that will never be applied, and remains of failed attempts',
    )
    .option('--older-than <duration>', 'leave younger ones alone', '7 days')
    .option('--dry-run', 'say what would be removed')
    .addHelpText('after', example("sluice lake gc --older-than '1 day' --dry-run"))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation<{ olderThan: string; dryRun?: boolean }>(command);
      const olderThanMs = durationOf('--older-than', options.olderThan);
      await withLedger(options, output, async ({ profile, ledger }) => {
        // In this order: a run that ends in between has its load applied by then.
        const runs = await ledger.runs({ outcomes: ['running'] });
        const inUse = await loadsInUse(ledger);
        const warehouse = await openWarehouse(profile);
        const applied = await warehouse.appliedLoadIds().finally(() => warehouse.close());
        const dryRun = options.dryRun ?? false;
        const report = await (await openLake(profile)).gc({ olderThanMs, applied, inUse, runs, dryRun });
        const verb = options.dryRun ? 'would remove' : 'removed';
        output.result(
          report,
          `${verb} ${count(report.removedLoads)} loads: ${count(report.removedFiles)} files, ${count(report.removedBytes)} bytes`,
        );
      });
    });
}
