import type { Ledger, RunRecord, StepCount, StepMark } from '../../connectors/ledger/port.ts';
import { Cadence } from '../../core/cadence.ts';
import { decidingTables, overlap, without, type Gap } from '../../core/coverage.ts';
import { dataUpTo, freshness, type Freshness } from '../../core/freshness.ts';
import { toInstant, type DataInterval, type Instant } from '../../core/interval.ts';
import type { ResolvedPipeline } from '../../core/pipeline.ts';
import type { Registry } from '../../core/registry.ts';
import { STEPS, type Step } from '../../core/run.ts';
import { isTimed } from '../../core/schedule.ts';
import { inRegistryOrHistory, noLonger } from '../../operations/known-pipeline.ts';

/** An interval with its newest run, or a stretch that is not loaded. */
export type Column =
  | {
      readonly interval: DataInterval;
      readonly run: RunRecord;
      readonly steps: Readonly<Partial<Record<Step, StepCount>>>;
      /** Tables that are not loaded in it, in part or whole, though it was run. */
      readonly lacking: readonly string[];
    }
  | {
      readonly interval: DataInterval;
      /** How many intervals of today's cadence lie in it; counted up to `MOST_COUNTED`. */
      readonly missing: number;
      readonly tables: readonly string[];
    };

export interface GridAsked {
  /** Only what starts before it. */
  readonly before?: Instant | undefined;
  /** A kind of step whose tables are shown one by one. */
  readonly expanded?: Step | undefined;
}

export interface GridData {
  readonly name: string;
  /** Undefined for a pipeline that is no longer in the registry. */
  readonly definition: ResolvedPipeline | undefined;
  /** What to say of such a one. */
  readonly gone: string | undefined;
  /** Newest first. */
  readonly columns: readonly Column[];
  /** Kinds of steps that any of the runs has. */
  readonly kinds: readonly Step[];
  readonly asked: GridAsked;
  /** By table, of the kind that is expanded. */
  readonly marks: ReadonlyMap<string, ReadonlyMap<string, StepMark['outcome']>>;
  /** Where the page of older intervals begins; null when there are none. */
  readonly older: Instant | null;
  readonly upTo: Instant | undefined;
  readonly freshness: Freshness | undefined;
}

/** Intervals of a page. */
export const PAGE = 42;
export const MOST_COUNTED = 1_000;
const MOST_TABLES = 200; // rows of a kind that is expanded
const MOST_ALONE = 10; // missing intervals in a row that have a column each

/** One page of a pipeline's intervals; reads the same however many there are. @throws {PipelineUnknown} */
export async function gridData(
  ledger: Ledger,
  registry: Registry,
  name: string,
  asked: GridAsked,
  now: Date,
): Promise<GridData> {
  const definition = await inRegistryOrHistory(ledger, registry, name);
  const found = await ledger.newestIntervals(name, PAGE + 1, asked.before);
  const runs = found.slice(0, PAGE);
  const oldest = found.length > PAGE ? (runs.at(-1)?.interval.start ?? null) : null;
  const ids = runs.map(({ runId }) => runId);
  const [counts, marks, gaps, upTo] = await Promise.all([
    ledger.stepCounts(ids),
    asked.expanded ? ledger.stepMarks(ids, asked.expanded, MOST_TABLES) : [],
    definition ? gapsOf(ledger, definition, runs, oldest, asked.before, toInstant(now)) : [],
    definition && dataUpTo(ledger, definition),
  ]);
  const ofRuns = runs.map((run): Column => {
    const own = counts.filter(({ runId }) => runId === run.runId);
    const lacking = gaps.filter((gap) => overlap(gap, run.interval)).flatMap(({ tables }) => tables);
    return {
      interval: run.interval,
      run,
      steps: Object.fromEntries(own.map((each) => [each.step, each])),
      lacking: run.outcome === 'running' ? [] : [...new Set(lacking)].sort(),
    };
  });
  const columns = [...ofRuns, ...(definition ? missingColumns(definition, gaps, runs) : [])];
  const newest = ({ interval: { start, end } }: Column) => `${start} ${end}`;
  return {
    name,
    definition,
    gone: definition ? undefined : noLonger(registry, name),
    columns: columns.sort((a, b) => newest(b).localeCompare(newest(a))),
    kinds: STEPS.filter((step) => counts.some((each) => each.step === step)),
    asked,
    marks: byTable(marks),
    older: oldest,
    upTo,
    freshness: definition && freshness(definition, upTo, now),
  };
}

/** What is not loaded between the bounds of the page; the last page reaches back to the pipeline's start. */
async function gapsOf(
  ledger: Ledger,
  { name, schedule, start, tables }: ResolvedPipeline,
  runs: readonly RunRecord[],
  oldest: Instant | null,
  before: Instant | undefined,
  now: Instant,
): Promise<readonly Gap[]> {
  if (!isTimed(schedule)) return [];
  const cadence = new Cadence(schedule);
  const first = cadence.floor(start);
  const earliest = runs.at(-1)?.interval.start ?? first;
  const span = {
    start: oldest ?? (earliest < first ? earliest : first),
    end: before ?? cadence.intervalEndedAt(now).end,
  };
  if (span.start >= span.end) return [];
  return ledger.missingOf(name, decidingTables(tables), span);
}

/** What no run of the page lies over: an interval each while they are few, else the stretch as one. */
function missingColumns(
  { schedule }: ResolvedPipeline,
  gaps: readonly Gap[],
  runs: readonly RunRecord[],
): Column[] {
  if (!isTimed(schedule)) return [];
  const cadence = new Cadence(schedule);
  const taken = runs.map(({ interval }) => interval);
  const lacking = (span: DataInterval) => [
    ...new Set(gaps.filter((gap) => overlap(gap, span)).flatMap(({ tables }) => tables)),
  ];
  return without(gaps, taken).flatMap((piece): Column[] => {
    const missing = cadence.count(piece, MOST_COUNTED);
    const isOnTicks = cadence.isTick(piece.start) && cadence.isTick(piece.end);
    if (missing > MOST_ALONE || !isOnTicks) return [{ interval: piece, missing, tables: lacking(piece) }];
    const each = cadence.intervalsWithin(piece);
    return each.map((interval) => ({ interval, missing: 1, tables: lacking(interval) }));
  });
}

function byTable(marks: readonly StepMark[]): Map<string, Map<string, StepMark['outcome']>> {
  const rows = new Map<string, Map<string, StepMark['outcome']>>();
  for (const { table, runId, outcome } of marks) {
    const row = rows.get(table ?? '') ?? new Map<string, StepMark['outcome']>();
    rows.set(table ?? '', row.set(runId, outcome));
  }
  return rows;
}
