import type { Command } from 'commander';
import type { CareDone, CareReport, Measurement, Warehouse } from '../../connectors/warehouse/port.ts';
import { limitsOf, type CareLimits } from '../../core/care.ts';
import { caredTables, layoutsOf } from '../../core/cared-tables.ts';
import { thenCleanUp } from '../../core/clean-up.ts';
import { InvalidInput, TableUnknown } from '../../core/errors.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { registry } from '../../pipelines/index.ts';
import { openWarehouse } from '../../profiles/open.ts';
import type { Profile } from '../../profiles/profile.ts';
import { copyMarts, type CopiedMart } from '../copy-marts.ts';
import { interruptible } from '../interruption.ts';
import { count, table } from '../output.ts';
import { withStores } from '../session.ts';
import { collect, durationOf, example, invocation } from './globals.ts';

interface CareOptions {
  readonly table?: readonly string[];
  readonly dryRun?: boolean;
  readonly layout: boolean;
  readonly measure?: readonly string[];
  readonly unsorted?: string;
  readonly deleted?: string;
  readonly stale?: string;
  readonly skew?: string;
}

export function warehouseCommand(warehouse: Command): void {
  warehouse
    .command('care [pipeline]')
    .description(
      'statistics, sorting, the place of deleted rows, other keys: what tables are due for; of one pipeline, or of all',
    )
    .option('--table <name>', 'of the pipeline: only this one (repeatable)', collect)
    .option('--dry-run', 'say what would be done, and why')
    .option(
      '--no-layout',
      `leave the keys of tables as they are, whatever 'warehouse' in their definition says`,
    )
    .option('--unsorted <percent>', 'sort where more rows than this lie outside of the order (default 5)')
    .option('--deleted <percent>', 'give place back where more rows than this are deleted (default 5)')
    .option('--stale <number>', 'new statistics where they are off by more than this, of 100 (default 10)')
    .option(
      '--skew <number>',
      'a new index where an interleaved sort key is more uneven than this (default 1.4)',
    )
    .option('--measure <sql>', 'a query whose cost is told before and after (repeatable)', collect)
    .addHelpText(
      'after',
      example(
        'sluice warehouse care --dry-run',
        `sluice warehouse care olist --table orders --measure 'select count(*) from raw_olist.orders'`,
      ),
    )
    .action(async (pipeline: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation<CareOptions>(command);
      const { unsorted, deleted, stale, skew, measure = [], dryRun = false } = options;
      const limits = limitsOf({ unsorted, deleted, stale, skew });
      const wanted = wantedBy(pipeline, options);
      const done = await withStores(options, output, (profile) =>
        withWarehouse(profile, async (open) => {
          const before = await measured(open, measure);
          const report = await caredFor(open, wanted, { limits, dryRun }, (step) =>
            output.progress(lineOf(step, dryRun)),
          );
          return { ...report, costs: await compared(open, measure, before, dryRun) };
        }),
      );
      output.result(done, textOf(done, dryRun));
    });
  warehouse
    .command('copy [pipelines...]')
    .description(
      `copy the marts of pipelines, or of all, to the database that the profile names in 'readers' of its warehouse, for tools that keep open what they read`,
    )
    .option('--every <duration>', 'until it is ended, whenever the warehouse has changed meanwhile')
    .addHelpText('after', example('sluice warehouse copy', `sluice warehouse copy olist --every '1 minute'`))
    .action(async (names: readonly string[], _options: unknown, command: Command) => {
      const { options, output } = invocation<{ readonly every?: string }>(command);
      for (const name of names) pipelineNamed(registry, name);
      const pipelines = names.length ? names : [...registry.keys()];
      const everyMs = options.every === undefined ? undefined : durationOf('--every', options.every);
      if (everyMs !== undefined && (everyMs < 1_000 || everyMs > LONGEST_MS))
        throw new InvalidInput('The command line', [`--every: from '1 second' to '1 day'.`]);
      await withStores(options, output, (profile) =>
        interruptible((ending) =>
          copyMarts(
            profile,
            { pipelines, everyMs },
            (copied) => output.result(copied, copiedText(copied)),
            (why) => output.progress(`${why} Tried again in ${options.every ?? ''}.`),
            ending,
          ),
        ),
      );
    });
  warehouse
    .command('measure <sql>')
    .description('run a query past any cache of results, throw its rows away, and tell what it has cost')
    .addHelpText(
      'after',
      example(`sluice warehouse measure 'select count(*) from olist.mart_customer_segments'`),
    )
    .action(async (sql: string, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const cost = await withStores(options, output, (profile) =>
        withWarehouse(profile, (open) => open.measure(sql)),
      );
      output.result(cost, wordsOf(cost));
    });
}

const LONGEST_MS = 86_400_000;

type Wanted = ReturnType<typeof caredTables>;

/** Checked before anything is opened. */
function wantedBy(pipeline: string | undefined, { table: names, layout }: CareOptions): readonly Wanted[] {
  if (pipeline === undefined) {
    if (names)
      throw new InvalidInput('The command line', [
        `--table: of which pipeline? Name it: sluice warehouse care PIPELINE --table ${names.join(' --table ')}.`,
      ]);
    return [...registry.values()].map(({ name, tables }) =>
      caredTables(name, { layout, layouts: layoutsOf(tables) }),
    );
  }
  const { tables } = pipelineNamed(registry, pipeline);
  const known = tables.map(({ name }) => name);
  for (const name of names ?? []) if (!known.includes(name)) throw new TableUnknown(pipeline, name, known);
  return [caredTables(pipeline, { tables: names, layout, layouts: layoutsOf(tables) })];
}

async function caredFor(
  warehouse: Warehouse,
  wanted: readonly Wanted[],
  how: { readonly limits: CareLimits; readonly dryRun: boolean },
  onStep: (step: CareDone) => void,
): Promise<CareReport> {
  return warehouse.care(
    {
      schemas: wanted.flatMap(({ schemas }) => schemas),
      ...(wanted.some(({ tables }) => tables) && { tables: wanted.flatMap(({ tables }) => tables ?? []) }),
      layouts: wanted.flatMap(({ layouts }) => layouts),
      ...how,
    },
    new AbortController().signal, // whoever ends the command ends the process
    onStep,
  );
}

interface Cost {
  readonly sql: string;
  readonly before: Measurement;
  /** Null where nothing was done. */
  readonly after: Measurement | null;
}

async function measured(warehouse: Warehouse, sqls: readonly string[]): Promise<readonly Measurement[]> {
  const costs: Measurement[] = [];
  for (const sql of sqls) costs.push(await warehouse.measure(sql));
  return costs;
}

async function compared(
  warehouse: Warehouse,
  sqls: readonly string[],
  before: readonly Measurement[],
  dryRun: boolean,
): Promise<readonly Cost[]> {
  const after = dryRun ? [] : await measured(warehouse, sqls);
  return before.map((cost, at) => ({ sql: sqls[at] ?? '', before: cost, after: after[at] ?? null }));
}

function textOf(
  { looked, steps, passedOver, costs }: CareReport & { readonly costs: readonly Cost[] },
  dryRun: boolean,
): string {
  const rows = steps.map(({ schema, table: name, does, why, seconds, after }) => [
    name ? `${schema}.${name}` : 'the file',
    does,
    why,
    ...(dryRun ? [] : [seconds === null ? '–' : `${seconds.toFixed(1)} s`, after ?? '–']),
  ]);
  const head = ['table', dryRun ? 'would be done' : 'done', 'because', ...(dryRun ? [] : ['took', 'now'])];
  return [
    rows.length
      ? table(head, rows)
      : `Nothing is due: ${count(looked)} ${looked === 1 ? 'table was' : 'tables were'} looked at.`,
    ...passedOver.map(({ schema, table: name, why }) => `${schema}.${name}: ${why}`),
    ...costs.map(({ sql, before, after }) =>
      [sql, `  before: ${wordsOf(before)}`, ...(after ? [`  after:  ${wordsOf(after)}`] : [])].join('\n'),
    ),
  ].join('\n');
}

function copiedText(copied: readonly CopiedMart[]): string {
  if (!copied.length) return 'There are no marts yet: nothing was copied. A run builds them.';
  const rows = copied.map((each) => [`${each.schema}.${each.table}`, count(each.rows)]);
  return table(['table', 'rows'], rows);
}

function lineOf({ schema, table: name, does }: CareDone, dryRun: boolean): string {
  return `${dryRun ? 'due: ' : ''}${does}${name ? ` ${schema}.${name}` : ''}`;
}

function wordsOf({ seconds, rowsScanned, bytesScanned, unknown }: Measurement): string {
  return [
    `${seconds.toFixed(3)} s`,
    ...(rowsScanned === null ? [] : [`${count(rowsScanned)} rows scanned`]),
    ...(bytesScanned === null ? [] : [`${count(bytesScanned)} bytes scanned`]),
    ...(unknown === null ? [] : [`(${unknown})`]),
  ].join(', ');
}

async function withWarehouse<T>(profile: Profile, use: (warehouse: Warehouse) => Promise<T>): Promise<T> {
  const warehouse = await openWarehouse(profile);
  return thenCleanUp(
    () => use(warehouse),
    () => warehouse.close(),
  );
}
