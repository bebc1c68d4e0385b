import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { openWarehouse } from '../../profiles/open.ts';
import { inWords } from '../../core/duration.ts';
import { InvalidInput, TerminalError } from '../../core/errors.ts';
import { rawSchema } from '../../core/pipeline.ts';
import { Cadence } from '../../core/cadence.ts';
import { toInstant } from '../../core/interval.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { registry } from '../../pipelines/index.ts';
import { seedOlist } from '../../seed/index.ts';
import { isAlive, readState } from '../embedded/state.ts';
import { homeFolder, runsOwnStack } from '../embedded/home.ts';
import { count, table, type Output } from '../output.ts';
import { SeedMemory, seedOptions, seedText, sourceAddress, type SeedFlags } from '../seeding.ts';
import { withSession, type GlobalOptions, type Session } from '../session.ts';
import { followRun, startRun } from '../start-run.ts';
import { compareCounts } from '../compare-counts.ts';
import { collect, example, invocation } from './globals.ts';

const PIPELINE = 'olist';
const SEGMENTS = `select segment, count(*) as customers, sum(monetary) as monetary, round(avg(recency_days)) as avg_recency_days
from marts.mart_customer_segments group by 1 order by 3 desc`;

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
  const began = performance.now();
  if (!runsOwnStack(options.profile, process.env))
    throw new InvalidInput('The command line', [
      `--profile: the demo fills a source of its own, which '${options.profile}' has not; take embedded or aws-local.`,
    ]);
  const home = homeFolder(process.env, options.profile);
  const memory = new SeedMemory(home);
  const seed = seedOptions(options);
  const asked = options.orders !== undefined || options.data !== undefined || options.shiftTo !== undefined;
  const fill = asked ? !memory.isFilledWith(seed) : !memory.isFilled;
  if (fill && memory.isFilled) startOver(home, output);
  await withSession(options, output, async (session) => {
    if (fill) {
      output.progress(
        seed.data ? `loading ${seed.data.join(', ')} into the source` : 'generating the source',
      );
      output.progress(seedText(await seedOlist(sourceAddress(session.profile, PIPELINE), seed)));
      memory.remember(seed);
    }
    const handle = await startRun(session, registry, {
      pipeline: PIPELINE,
      interval: wholeHistory(),
      kind: 'manual',
    });
    output.progress(`run ${handle.workflowId}`);
    const summary = await followRun(session, handle, output);
    await show(session, options.profile, output, { rows: summary.rows, ms: performance.now() - began });
  });
}

/** Other data than before: what came from the old data would stand beside it, so warehouse and lake begin empty. */
function startOver(home: string, output: Output): void {
  const state = readState(home);
  if (state && isAlive(state.pid)) {
    throw new TerminalError(
      `The demo is to begin with other data, but a stack (process ${state.pid}) runs on ${home}. Stop it first, or set SLUICE_HOME to another folder.`,
    );
  }
  output.progress('other data than before: emptying the warehouse and the lake');
  for (const name of ['warehouse.duckdb', 'warehouse.duckdb.wal', 'lake', 'aws', 'dbt']) {
    rmSync(join(home, name), { recursive: true, force: true });
  }
}

function wholeHistory(): string {
  const { schedule, start } = pipelineNamed(registry, PIPELINE);
  if (schedule === 'manual')
    throw new TerminalError(
      `Pipeline '${PIPELINE}' has no schedule. Give it one in pipelines/${PIPELINE}.ts.`,
    );
  return `${start}/${new Cadence(schedule).floor(toInstant(new Date()))}`;
}

async function show(
  { profile }: Session,
  profileName: string,
  output: Output,
  { rows, ms }: { readonly rows: number; readonly ms: number },
): Promise<void> {
  const sluice = profileName === 'embedded' ? 'bin/sluice' : `bin/sluice --profile ${profileName}`;
  const warehouse = openWarehouse(profile);
  try {
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
      { seconds: ms / 1000, rows, counts, segments },
      [
        table(
          ['segment', 'customers', 'monetary', 'avg recency days'],
          segments.map((row) => Object.values(row).map(String)),
          [1, 2, 3],
        ),
        '',
        `${count(rows)} rows from PostgreSQL to customer segments in ${inWords(ms)}.`,
        `Go on:  ${sluice} dev            the stack in the foreground, with the Temporal Web UI`,
        `        ${sluice} sql "select * from marts.fct_orders limit 5"`,
        `        ${sluice} status olist   what ran`,
        `        ${sluice} seed --advance 1d   a next day of changes in the source`,
      ].join('\n'),
    );
    if (wrong.length)
      throw new TerminalError(
        `Rows in the warehouse are not those of the source: ${wrong.map((each) => each.table).join(', ')}. Look at 'sluice runs'.`,
      );
  } finally {
    await warehouse.close();
  }
}
