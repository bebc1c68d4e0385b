import type { Command } from 'commander';
import { milliseconds } from '../../core/duration.ts';
import { InvalidInput } from '../../core/errors.ts';
import { advanceOlist, isSeeded, seedOlist } from '../../seed/index.ts';
import { homeFolder, runsOwnStack } from '../embedded/home.ts';
import { SeedMemory, seedOptions, seedText, sourceAddress, type SeedFlags } from '../seeding.ts';
import { withLedger } from '../session.ts';
import { collect, example, invocation } from './globals.ts';

interface SeedCommandFlags extends SeedFlags {
  readonly advance?: string;
  readonly ifEmpty?: boolean;
  readonly connection: string;
}

const DEMO_SOURCE = 'olist';
const DAY_MS = 86_400_000;

export function seedCommand(command: Command): void {
  command
    .option('--orders <n>', 'how many orders to generate')
    .option(
      '--data <path>',
      'a folder or file of real data (repeatable; the first that has a table wins)',
      collect,
    )
    .option('--shift-to <date>', 'move all dates so that the newest order falls on this day')
    .option('--advance <days>', "add plausible next days of changes to what is there, like '1d'")
    .option('--if-empty', 'leave a source alone that has the tables already')
    .option('--connection <name>', 'which source', DEMO_SOURCE)
    .addHelpText('after', example('sluice seed --orders 20000', 'sluice seed --advance 1d'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation<SeedCommandFlags>(command);
      const seed = seedOptions(options);
      const days = options.advance === undefined ? undefined : daysOf(options.advance);
      await withLedger(options, output, async ({ profile }) => {
        const address = sourceAddress(profile, options.connection);
        if (options.ifEmpty && (await isSeeded(address))) {
          output.result({ skipped: true }, `${options.connection}: has the tables already, left alone`);
          return;
        }
        const report =
          days === undefined ? await seedOlist(address, seed) : await advanceOlist(address, { days });
        if (runsOwnStack(options.profile, process.env) && options.connection === DEMO_SOURCE)
          new SeedMemory(homeFolder(process.env, options.profile)).remember(
            days === undefined ? seed : undefined,
          );
        output.result(report, seedText(report));
      });
    });
}

/** `1d` or `3 days` */
function daysOf(text: string): number {
  const days = /^\d+d$/.test(text) ? Number(text.slice(0, -1)) : milliseconds(text) / DAY_MS;
  if (Number.isInteger(days) && days > 0) return days;
  throw new InvalidInput('The command line', [`--advance: '${text}' is no whole number of days, like 1d.`]);
}
