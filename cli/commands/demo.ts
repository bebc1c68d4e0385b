import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { openWarehouse, pagesPlace } from '../../profiles/open.ts';
import { thenCleanUp } from '../../core/clean-up.ts';
import { inWords } from '../../core/duration.ts';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { rawSchema } from '../../core/pipeline.ts';
import { Cadence } from '../../core/cadence.ts';
import { toInstant } from '../../core/interval.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { isTimed } from '../../core/schedule.ts';
import { registry } from '../../pipelines/index.ts';
import { isSeeded, seedOlist, type SeedOptions } from '../../seed/index.ts';
import { homeFolder, runsOwnStack } from '../embedded/home.ts';
import { count, table, type Output } from '../output.ts';
import { demoFolder, SeedMemory, seedOptions, seedText, sourceAddress, type SeedFlags } from '../seeding.ts';
import { withSession, type GlobalOptions, type Session } from '../session.ts';
import { followRun } from '../follow-run.ts';
import { startRun } from '../../operations/start-run.ts';
import { compareCounts } from '../compare-counts.ts';
import { collect, example, invocation } from './globals.ts';

const PIPELINE = 'olist';
const DASHBOARD = 'olist-segments';
const SEGMENTS = `select segment, count(*) as customers, sum(monetary) as monetary, round(avg(recency_days)) as avg_recency_days
from olist.mart_customer_segments group by 1 order by 3 desc`;

export function demoCommand(command: Command): void {
  command
    .option('--orders <n>', 'how many orders to generate (default 5000)')
    .option(
      '--data <path>',
      'real data instead: a folder or file (repeatable; the first that has a table wins)',
      collect,
    )
    .option('--shift-to <date>', 'move all dates so that the newest order falls on this day')
    .addHelpText('after', example('npm run demo', 'npm run demo -- --data ~/olist'))
    .action(async (_options: unknown, command: Command) => {
      const { options, output } = invocation<SeedFlags>(command);
      await demo(options, output);
    });
}

async function demo(options: SeedFlags & GlobalOptions, output: Output): Promise<void> {
  if (!runsOwnStack(options.profile, process.env))
    throw new InvalidInput('The command line', [
      `--profile: the demo fills a source of its own, which '${options.profile}' has not; take embedded or aws-local.`,
    ]);
  const seed = await seedOptions(options);
  if ((await demoAtHome(options, seed, output)) === 'done') return;
  const before = homeFolder(process.env);
  const within = /^demo-[0-9a-f]{8}$/.test(basename(before)) ? dirname(before) : before;
  const home = join(within, demoFolder(seed));
  output.progress(`${before} holds other data, which stay; the demo of these has a home of its own: ${home}`);
  process.env['SLUICE_HOME'] = home;
  await demoAtHome(options, seed, output, home);
}

/**
 * The demo on the home folder as it is set.
 * @param own that folder, where it is not the one that commands take by themselves
 * @returns `other data` when the source there holds something else than was asked for: then nothing has been done
 */
async function demoAtHome(
  options: SeedFlags & GlobalOptions,
  seed: SeedOptions,
  output: Output,
  own?: string,
): Promise<'done' | 'other data'> {
  const began = performance.now();
  const memory = new SeedMemory(homeFolder(process.env, options.profile));
  const asked = options.orders !== undefined || options.data !== undefined || options.shiftTo !== undefined;
  const holdsOther = () => asked && memory.isFilled && !memory.isFilledWith(seed);
  if (holdsOther()) return 'other data';
  return withSession(options, output, async (session) => {
    const source = sourceAddress(session.profile, PIPELINE);
    if (!memory.isFilled && (await isSeeded(source))) memory.remember();
    if (holdsOther()) return 'other data';
    if (!memory.isFilled) {
      output.progress(
        seed.data ? `loading ${seed.data.join(', ')} into the source` : 'generating the source',
      );
      output.progress(seedText(await seedOlist(source, seed)));
      memory.remember(seed);
    }
    const handle = await startRun(session, registry, {
      pipeline: PIPELINE,
      interval: wholeHistory(),
      kind: 'manual',
    });
    output.progress(`run ${handle.workflowId}`);
    const { rows } = await followRun(session, handle, output);
    const sluice = options.profile === 'embedded' ? 'bin/sluice' : `bin/sluice --profile ${options.profile}`;
    await show(session, sluice, output, { rows, ms: performance.now() - began, ...(own && { own }) });
    return 'done';
  });
}

function wholeHistory(): string {
  const { schedule, start } = pipelineNamed(registry, PIPELINE);
  if (!isTimed(schedule))
    throw new TerminalError(
      `Pipeline '${PIPELINE}' has no schedule. Give it one in pipelines/${PIPELINE}.ts.`,
    );
  return `${start}/${new Cadence(schedule).floor(toInstant(new Date()))}`;
}

async function show(
  { profile }: Session,
  sluice: string,
  output: Output,
  { rows, ms, own }: { readonly rows: number; readonly ms: number; readonly own?: string },
): Promise<void> {
  const warehouse = await openWarehouse(profile);
  await thenCleanUp(
    async () => {
      const counts = await compareCounts(
        sourceAddress(profile, PIPELINE),
        warehouse,
        pipelineNamed(registry, PIPELINE),
      );
      const wrong = counts.filter((each) => each.source !== each.warehouse);
      const segments = (await warehouse.query(SEGMENTS)).rows;
      output.progress(
        table(
          ['table', 'source', rawSchema(PIPELINE)],
          counts.map((each) => [each.table, count(each.source), count(each.warehouse)]),
          [1, 2],
        ),
      );
      output.result(
        { seconds: ms / 1000, rows, counts, segments, home: homeFolder(process.env) },
        [
          table(
            ['segment', 'customers', 'monetary', 'avg recency days'],
            segments.map((row) => Object.values(row).map(String)),
            [1, 2, 3],
          ),
          '',
          `${count(rows)} rows from PostgreSQL to customer segments in ${inWords(ms)}.`,
          ...(own === undefined ? [] : [`Go on:  export SLUICE_HOME=${own}   where these data are`]),
          `${own === undefined ? 'Go on:  ' : '        '}${sluice} dev            the stack in the foreground, and what it does in a browser: http://127.0.0.1:8088`,
          `        ${sluice} sql "select * from olist.fct_orders limit 5"`,
          `        ${sluice} status olist   what ran`,
          `        ${sluice} seed --advance 1d   a next day of changes in the source`,
          ...pageOf(profile).map((address) => `\nOpen:   ${address}`),
        ].join('\n'),
      );
      if (wrong.length)
        throw new TerminalError(
          `Rows in the warehouse are not those of the source: ${wrong.map((each) => each.table).join(', ')}. Look at 'sluice runs'.`,
        );
    },
    () => warehouse.close(),
  );
}

/** Where the run has published its page, for who opens files; in S3 nobody does. */
function pageOf(profile: Session['profile']): string[] {
  const place = pagesPlace(profile);
  return place?.type === 'folder' ? [pathToFileURL(join(place.path, DASHBOARD, 'index.html')).href] : [];
}
