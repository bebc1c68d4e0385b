import { Argument, type Command } from 'commander';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { checkBikestore, seedBikestore } from '../../seed/bikestore/index.ts';
import { checkFunnel, seedFunnel, type FunnelReport } from '../../seed/funnel/index.ts';
import {
  advanceOlist,
  checkDays,
  checkSeed,
  isSeeded,
  seedOlist,
  type SeedOptions,
  type SeedReport,
} from '../../seed/index.ts';
import { isSeededInMysql, seedOlistInMysql } from '../../seed/mysql/index.ts';
import { advanceRetail, checkRetail, seedRetail } from '../../seed/retail/index.ts';
import { homeFolder, runsOwnStack } from '../embedded/home.ts';
import { MYSQL_CONNECTION, wantMariaDb } from '../embedded/mariadb.ts';
import { runningState } from '../embedded/state.ts';
import {
  connectionOf,
  SeedMemory,
  seedOptions,
  seedText,
  sourceAddress,
  type SeedFlags,
} from '../seeding.ts';
import { count } from '../output.ts';
import type { ConnectionSettings } from '../../profiles/profile.ts';
import { loadProfile, withLedger, type GlobalOptions } from '../session.ts';
import { collect, durationOf, example, invocation } from './globals.ts';

interface SeedCommandFlags extends SeedFlags {
  readonly advance?: string;
  readonly ifEmpty?: boolean;
  readonly connection?: string;
}

const DEMO_SOURCE = 'olist';
/** What a source can be filled with; each has a connection of its name. */
const SHOPS = [DEMO_SOURCE, 'olist_lakehouse', 'bikestore', 'olist_funnel', 'retail'] as const;
/** What looks at what was asked for, touching nothing. */
const CHECKS: Readonly<Record<(typeof SHOPS)[number], (options: SeedOptions) => Promise<void>>> = {
  olist: checkSeed,
  olist_lakehouse: checkSeed,
  bikestore: checkBikestore,
  olist_funnel: checkFunnel,
  retail: checkRetail,
};
const DAY_MS = 86_400_000;

export function seedCommand(command: Command): void {
  command
    .addArgument(
      new Argument(
        '[shop]',
        `whose rows: ${SHOPS.join(' or ')}; by default as the connection is called, else olist`,
      ).choices(SHOPS),
    )
    .option('--orders <n>', 'how many orders to generate')
    .option(
      '--data <path>',
      'a folder or file of real data (repeatable; the first that has a table wins)',
      collect,
    )
    .option('--shift-to <date>', 'move all dates so that the newest order falls on this day')
    .option('--advance <days>', "add plausible next days of changes to what is there, like '1d'")
    .option('--if-empty', 'leave a source alone that has the tables already')
    .option('--connection <name>', 'which source, if it is not called as the shop')
    .addHelpText(
      'after',
      example(
        'sluice seed --orders 20000',
        'sluice seed --advance 1d',
        'sluice seed bikestore',
        'sluice seed olist_lakehouse',
        'sluice seed olist_funnel',
        'sluice seed retail --orders 1000',
      ),
    )
    .action(async (given: (typeof SHOPS)[number] | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation<SeedCommandFlags>(command);
      const shop = given ?? SHOPS.find((name) => name === options.connection) ?? DEMO_SOURCE;
      const connection = options.connection ?? shop;
      const isBikes = shop === 'bikestore';
      const isFunnel = shop === 'olist_funnel';
      const isRetail = shop === 'retail';
      const seed = await seedOptions(options, CHECKS[shop]);
      const days = options.advance === undefined ? undefined : daysOf(options);
      if (isBikes && days !== undefined)
        throw new InvalidInput('The command line', [
          '--advance: days of the bike stores do not go on by themselves; change rows by SQL, or seed anew.',
        ]);
      if (isFunnel && (days !== undefined || options.ifEmpty))
        throw new InvalidInput('The command line', [
          '--advance and --if-empty are of databases; files of behaviour are put there again, which changes no row.',
        ]);
      await prepare(options, connection);
      await withLedger(options, output, async ({ profile }) => {
        const settings = connectionOf(profile, connection);
        if (isFunnel) {
          output.result(...(await funnel(settings, connection, seed)));
          return;
        }
        if (isRetail) {
          const report = await retail(settings, connection, { seed, days, ...options });
          output.result(
            report ?? { skipped: true },
            report ? seedText(report) : `${connection}: has the tables already, left alone`,
          );
          return;
        }
        const address = sourceAddress(profile, connection);
        const isMysql = settings.type === 'mysql';
        if (isMysql && isBikes)
          throw new InvalidInput('The command line', [
            `--connection: '${connection}' is a MySQL source, and the bike stores are for PostgreSQL.`,
          ]);
        if (isMysql && days !== undefined)
          throw new InvalidInput('The command line', [
            `--advance: '${connection}' is a MySQL source, whose days do not go on by themselves; seed it anew.`,
          ]);
        if (options.ifEmpty && (await (isMysql ? isSeededInMysql(settings) : isSeeded(address)))) {
          output.result({ skipped: true }, `${connection}: has the tables already, left alone`);
          return;
        }
        const report = isBikes
          ? await seedBikestore(address, seed)
          : isMysql
            ? await seedOlistInMysql(settings, seed)
            : days === undefined
              ? await seedOlist(address, seed)
              : await advanceOlist(address, { days });
        if (runsOwnStack(options.profile, process.env) && connection === DEMO_SOURCE)
          new SeedMemory(homeFolder(process.env, options.profile)).remember(
            days === undefined ? seed : undefined,
          );
        output.result(report, seedText(report));
      });
    });
}

/** @returns undefined where the tables were there, and that was enough */
async function retail(
  settings: ConnectionSettings,
  connection: string,
  { seed, days, ifEmpty }: { seed: SeedOptions; days: number | undefined; ifEmpty?: boolean },
): Promise<SeedReport<string> | undefined> {
  if (settings.type !== 'mysql')
    throw new TerminalError(
      `Connection '${connection}' is no MySQL source, which retail is for. Name one of type 'mysql'.`,
    );
  if (ifEmpty && (await isSeededInMysql(settings, 'sales'))) return undefined;
  return days === undefined ? seedRetail(settings, seed) : advanceRetail(settings, { days });
}

/** Puts files where they are waited for. */
async function funnel(
  settings: ConnectionSettings,
  connection: string,
  seed: SeedOptions,
): Promise<[FunnelReport, string]> {
  if (settings.type !== 'files' || settings.root.startsWith('s3://'))
    throw new TerminalError(
      `Connection '${connection}' is no folder that files arrive in. Name one of type 'files', or put the files there yourself.`,
    );
  const report = await seedFunnel(settings.root, seed);
  const lines = Object.entries(report.files).map(([name, bytes]) => `${name}: ${count(bytes)} bytes`);
  return [report, lines.join('\n')];
}

/** `1d` or `3 days` */
function daysOf({ advance = '', ...others }: SeedCommandFlags): number {
  const rival = (['orders', 'data', 'shiftTo', 'ifEmpty'] as const).find(
    (flag) => others[flag] !== undefined,
  );
  if (rival) {
    const flag = rival.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`);
    throw new InvalidInput('The command line', [
      `--advance and --${flag} exclude each other: move on what is there, or fill anew.`,
    ]);
  }
  const days = /^\d+d$/.test(advance)
    ? Number(advance.slice(0, -1))
    : durationOf('--advance', advance) / DAY_MS;
  if (!Number.isInteger(days) || days < 1)
    throw new InvalidInput('The command line', [
      `--advance: '${advance}' is no whole number of days, like 1d.`,
    ]);
  checkDays(days);
  return days;
}

/**
 * A home has a MySQL once it is seeded.
 * @throws {TerminalError} for a connection that the profile has not, where no stack has to run first to know; a stack runs without the MySQL
 */
async function prepare({ profile }: GlobalOptions, connection: string): Promise<void> {
  const isOwn = runsOwnStack(profile, process.env);
  if (profile === 'aws-local' && isOwn) {
    // Its stand-ins, which the profile is read with, start after the MySQL.
    if (connection !== MYSQL_CONNECTION) return;
  } else {
    const settings = connectionOf(await loadProfile(profile), connection);
    if (!isOwn || settings.type !== 'mysql' || settings.host !== '127.0.0.1') return;
  }
  const home = homeFolder(process.env, profile);
  const running = runningState(home);
  if (running && running.mysqlPort === undefined)
    throw new TerminalError(
      `The stack that runs on ${home} (process ${running.pid}) was started without a MySQL. End it (Ctrl-C), seed, and start it again.`,
    );
  wantMariaDb(home);
}
