import { Cadence } from './cadence.ts';
import { decidingTables, touching } from './coverage.ts';
import { InvalidInput, TableUnknown } from './errors.ts';
import { modeOf } from './extract-modes.ts';
import { interval as spanOf, intervalText, type DataInterval, type Instant } from './interval.ts';
import type { ResolvedPipeline } from './pipeline.ts';
import { hasTasksByInterval } from './plan.ts';
import { backfillInput, parseInput, type BackfillInput, type BackfillRequest } from './run-input.ts';
import { pipelineNamed, type Registry } from './run-request.ts';
import { isTimed, onFilesOf } from './schedule.ts';

/** What a plan needs to know of earlier runs; the ledger says what each means, and the warehouse which tables are still there. */
export interface Past {
  missing(pipeline: string, tables: readonly string[], span: DataInterval): Promise<readonly DataInterval[]>;
  failed(pipeline: string, tables: readonly string[], span: DataInterval): Promise<readonly DataInterval[]>;
  present(pipeline: string, tables: readonly string[]): Promise<ReadonlySet<string>>;
  /** Intervals of the batches of files that have arrived, within a span, oldest first. */
  batches(pipeline: string, span: DataInterval): Promise<readonly DataInterval[]>;
  /** Whether a backfill that meets the span has failed or was cancelled, and none has been brought to its end since. */
  unfinished(pipeline: string, span: DataInterval): Promise<boolean>;
}

/** Earlier runs as the ledger knows them, over the tables that a warehouse still has. */
export function pastOf(ledger: Omit<Past, 'present'>, { present }: Pick<Past, 'present'>): Past {
  return {
    missing: (...asked) => ledger.missing(...asked),
    failed: (...asked) => ledger.failed(...asked),
    batches: (...asked) => ledger.batches(...asked),
    unfinished: (...asked) => ledger.unfinished(...asked),
    present,
  };
}

export interface PlannedRun {
  readonly interval: DataInterval;
  /** When a schedule would have started it; part of its workflow id. */
  readonly nominalTime: Instant;
}

/** A backfill but for the intervals that it runs: as small for a thousand as for one. */
export interface BackfillOutline {
  readonly request: BackfillRequest;
  readonly range: DataInterval;
  /** How many runs there are. */
  readonly total: number;
  /** After them, one run over the whole range brings the tables of which every run brings the same, and the models. */
  readonly finish: boolean;
  /** Tables of which an interval has rows of its own. */
  readonly intervalTables: readonly string[];
  /** The others, of which a run brings the same whatever its interval: snapshots, and what is new past the mark. */
  readonly onceTables: readonly string[];
  /** As of the pipeline; absent in outlines that were recorded before runs of a backfill could wait for others of their name. */
  readonly onConflict?: ResolvedPipeline['onConflict'];
  /** The pipeline has no tables, and every interval has tasks of its own: models, and what follows them, come once at the end. */
  readonly byTasks?: boolean;
  /** Snapshots that are kept side by side: what the source was in the past cannot be read any more, so no backfill brings them. */
  readonly keptOut?: readonly string[];
}

export interface BackfillPlan extends BackfillOutline {
  /** Oldest first. */
  readonly runs: readonly PlannedRun[];
  /** How many intervals the range has. */
  readonly intervals: number;
  /** How many of them are not run, as their rows are there; of these, how many a later run has failed over. */
  readonly leftOut: { readonly loaded: number; readonly failed: number };
}

/** The id of the backfill of a range: asked for twice, it is the same one. */
export function backfillWorkflowId(pipeline: string, range: DataInterval): string {
  return `backfill-${pipeline}-${intervalText(range)
    .replaceAll(/(?<=-\d\d)Z/g, '')
    .replace('/', '-')}`;
}

/** Looks at what was asked for alone. @throws {InvalidInput} as `planBackfill` does */
export function checkBackfill(registry: Registry, input: BackfillInput, now: Instant): void {
  const request = parseInput(backfillInput, input, 'The input of backfillPipeline');
  const definition = pipelineNamed(registry, request.pipeline);
  const { cadence, range } = checkedRange(definition, request, now);
  cadence?.mustBeFew(range);
}

/**
 * Says what a backfill would do. Changes nothing.
 * @throws {InvalidInput} the range is reversed, not on the cadence or not over yet; the pipeline has no schedule
 */
export async function planBackfill(
  registry: Registry,
  input: BackfillInput,
  now: Instant,
  past: Past,
): Promise<BackfillPlan> {
  const request = parseInput(backfillInput, input, 'The input of backfillPipeline');
  const { pipeline, reprocess, transform } = request;
  const definition = pipelineNamed(registry, pipeline);
  const { cadence, range } = checkedRange(definition, request, now);
  const intervals = cadence ? cadence.intervalsWithin(range) : await past.batches(pipeline, range);
  const asked = definition.tables.filter(({ name }) => request.tables?.includes(name) ?? true);
  const keptOut = asked.filter((table) => keepsSnapshots(table)).map(({ name }) => name);
  const tables = asked.filter(({ name }) => !keptOut.includes(name));
  if (!tables.length && keptOut.length)
    throw new InvalidInput(`A backfill of '${pipeline}'`, [
      `${keptOut.join(', ')}: snapshots that are kept ('append') cannot be had of the past; 'sluice run ${pipeline}' takes one of now.`,
    ]);
  const [intervalTables, onceTables] = [tablesOf(tables, true), tablesOf(tables, false)];

  const byTasks = !definition.tables.length && hasTasksByInterval(definition);
  const each = intervalTables.length > 0 || byTasks;
  if (transform === 'each' && !each)
    throw new InvalidInput(`A backfill of '${pipeline}'`, [
      `transform: with 'each' every run would do the very same, as no table${tables.length ? '' : ', and no task beside the models,'} goes by interval. Leave it out: one run does.`,
    ]);
  const deciding = decidingTables(tables);
  const present = await past.present(pipeline, [...intervalTables, ...onceTables]);
  const isGone = (table: string) => !present.has(table);
  // What was loaded into a table that was dropped is missing, whatever the ledger says of it.
  const missing = deciding.some(isGone)
    ? intervals
    : touching(intervals, await past.missing(pipeline, deciding, range));
  const failed = touching(intervals, await past.failed(pipeline, intervalTables, range));
  const wanted = new Set(reprocess === 'failed' ? [...missing, ...failed] : missing);
  const isDue = (each: DataInterval) => reprocess === 'all' || wanted.has(each);
  const due = intervals.filter(isDue);
  const left = failed.filter((each) => !isDue(each));
  // Where nothing goes by interval, a run for each would do the same again and again.
  const runs = each
    ? due.map((one) => ({ interval: one, nominalTime: cadence?.nominalTime(one) ?? one.end }))
    : [];
  const isFinishOwed = async () =>
    onceTables.some(isGone) ||
    (reprocess === 'failed' && (await past.failed(pipeline, onceTables, range)).length > 0) ||
    (await past.unfinished(pipeline, range));
  return {
    request,
    range,
    runs,
    total: runs.length,
    finish:
      transform === 'once' &&
      !(byTasks && !definition.transform) &&
      (due.length > 0 || (await isFinishOwed())),
    intervals: intervals.length,
    leftOut: { loaded: intervals.length - due.length, failed: left.length },
    intervalTables,
    onceTables,
    onConflict: definition.onConflict,
    keptOut,
    ...(byTasks && { byTasks }),
  };
}

function checkedRange(
  { name, schedule, tables }: ResolvedPipeline,
  { from, to, tables: asked = [] }: BackfillRequest,
  now: Instant,
): { cadence?: Cadence; range: DataInterval } {
  const known = tables.map((table) => table.name);
  const unknown = asked.find((table) => !known.includes(table));
  if (unknown !== undefined) throw new TableUnknown(name, unknown, known);
  // The files of every batch that was claimed in the range, again.
  if (onFilesOf(schedule)) return { range: spanOf(from, to) };
  if (!isTimed(schedule)) {
    throw new InvalidInput(`A backfill of '${name}'`, [
      'the pipeline has no schedule, so there are no intervals to fill; run it with an interval instead.',
    ]);
  }
  const cadence = new Cadence(schedule);
  const range = cadence.span(from, to);
  if (range.end > now) {
    throw new InvalidInput(`A backfill over ${intervalText(range)}`, [
      `it ends in the future (now: ${now}).`,
    ]);
  }
  cadence.mustFit(range);
  return { cadence, range };
}

function keepsSnapshots({ extract, write }: ResolvedPipeline['tables'][number]): boolean {
  return write === 'append' && modeOf(extract).covers === 'all';
}

function tablesOf(tables: ResolvedPipeline['tables'], byInterval: boolean): string[] {
  return tables
    .filter(({ extract }) => (modeOf(extract).covers === 'interval') === byInterval)
    .map(({ name }) => name);
}
