import { Cadence, parseInterval } from './cadence.ts';
import { InvalidInput, PipelineUnknown, TableUnknown } from './errors.ts';
import { boundsOf, interval as spanOf, intervalText, type DataInterval, type Instant } from './interval.ts';
import type { ResolvedPipeline } from './pipeline.ts';
import { paramsOf } from './params.ts';
import { fromStepOn, planOfRun, type Plan } from './plan.ts';
import type { Registry } from './registry.ts';
import { runWorkflowId } from './run.ts';
import { isTimed, onFilesOf } from './schedule.ts';
import type { RunPipelineInput } from './run-input.ts';
import { isWake, wakesOf } from './wakes.ts';

export type { Registry };

export interface RunRequest {
  /** With only the tables asked for. */
  readonly definition: ResolvedPipeline;
  /** The steps of the run: of the whole definition, as far as they are asked for. */
  readonly plan: Plan;
  /** What tasks and models get: what was given, and defaults. */
  readonly params: Readonly<Record<string, string>>;
  readonly interval: DataInterval;
  /** The id that a schedule would have given the run. */
  readonly workflowId: string;
  /** What a person asked for is not on the cadence: it may be run only if a run of it exists, see `mustBeRunnable`. */
  readonly objection?: InvalidInput;
  /** It reads all files that have arrived in the interval, so nobody else need. */
  readonly takesFiles?: boolean;
}

/** @throws {PipelineUnknown | InvalidInput} there is none of the name, or it does not hold */
export function pipelineNamed(registry: Registry, name: string): ResolvedPipeline {
  const definition = registry.get(name);
  if (!definition) throw registry.broken?.get(name) ?? new PipelineUnknown(name, [...registry.keys()]);
  return definition;
}

/**
 * What a run's input asks for, at a nominal time.
 * @throws {PipelineUnknown | TableUnknown | InvalidInput} the parameters do not hold; the interval is reversed, not over yet, or begins off the cadence
 */
export function resolveRequest(
  registry: Registry,
  input: RunPipelineInput,
  nominalTime: Instant,
): RunRequest {
  const whole = pipelineNamed(registry, input.pipeline);
  const known = whole.tables.map((table) => table.name);
  for (const name of input.tables ?? [])
    if (!known.includes(name)) throw new TableUnknown(whole.name, name, known);
  const tables = whole.tables.filter((table) => input.tables?.includes(table.name) ?? true);
  const plan = planOfRun(whole, input);
  if (input.fromStep !== undefined) fromStepOn(plan, input.fromStep);
  const { params, problems } = paramsOf(whole.params, input.params);
  if (problems.length) throw new InvalidInput(`A run of '${whole.name}'`, problems);
  const { interval, objection } = askedInterval(whole, input, nominalTime);
  // Intervals of files are given to them when they are claimed, by another clock.
  if (interval.end > nominalTime && !onFilesOf(whole.schedule)) {
    throw new InvalidInput(`Interval ${intervalText(interval)}`, [
      `it ends in the future (now: ${nominalTime}); its rows are not all there yet. Ask for one that has ended.`,
    ]);
  }
  return {
    definition: { ...whole, tables },
    plan,
    params,
    interval,
    workflowId: runWorkflowId(whole.name, nominalTimeOf(whole, interval)),
    ...(objection ? { objection } : {}),
    ...(takesFiles(whole, input) ? { takesFiles: true } : {}),
  };
}

/** Whether it reads all that has arrived anew. Another run may have read less of it, or before it had all arrived. */
function takesFiles(
  { schedule, tables }: ResolvedPipeline,
  { tables: asked, fromStep, resume }: RunPipelineInput,
): boolean {
  const all = tables.every(({ name }) => asked?.includes(name) ?? true);
  return onFilesOf(schedule) !== undefined && all && fromStep === undefined && resume === undefined;
}

/**
 * Why a start by a schedule has nothing to do: it wakes its pipeline at every time of day at which something may be due.
 * Undefined when an interval is due, and when the start is none of the schedule's own, but somebody's who triggered it.
 * @throws {PipelineUnknown}
 */
export function nothingDue(
  registry: Registry,
  input: RunPipelineInput,
  nominalTime: Instant,
): string | undefined {
  if (input.kind !== 'scheduled' || input.interval !== undefined) return undefined;
  const definition = pipelineNamed(registry, input.pipeline);
  const { schedule = definition.schedule, start = definition.start } = input;
  if (!isTimed(schedule)) return undefined;
  const due = new Cadence(schedule).intervalDueAt(nominalTime);
  if (due)
    return due.end > start
      ? undefined
      : `Nothing of ${definition.name} is due at ${nominalTime}: ${intervalText(due)} ends before its start, ${start}.`;
  return isWake(wakesOf(schedule, start), nominalTime)
    ? `Nothing of ${definition.name} is due at ${nominalTime}: no interval ended at that hour of this day.`
    : undefined;
}

/**
 * Lets an interval off the cadence pass that has been run before, under another schedule: it may be run again.
 * @throws {InvalidInput} naming the nearest bounds, when there is no such run
 */
export async function mustBeRunnable(
  { definition, interval, objection }: RunRequest,
  runsOf: (filter: {
    readonly pipeline: string;
    readonly interval: DataInterval;
    readonly limit: number;
  }) => Promise<readonly unknown[]>,
): Promise<void> {
  if (!objection) return;
  const runs = await runsOf({ pipeline: definition.name, interval, limit: 1 });
  if (!runs.length) throw objection;
}

function nominalTimeOf({ schedule }: ResolvedPipeline, interval: DataInterval): Instant {
  return !isTimed(schedule) ? interval.end : new Cadence(schedule).nominalTime(interval);
}

function askedInterval(
  definition: ResolvedPipeline,
  input: RunPipelineInput,
  nominalTime: Instant,
): Pick<RunRequest, 'interval' | 'objection'> {
  const [start, end] = input.interval === undefined ? [] : boundsOf(input.interval);
  // What Sluice itself has written: an interval that was planned once is not measured by today's cadence.
  if (start !== undefined && end !== undefined && (input.kind ?? 'manual') !== 'manual')
    return { interval: spanOf(start, end) };
  const schedule = (input.kind === 'scheduled' ? input.schedule : undefined) ?? definition.schedule;
  if (!isTimed(schedule)) {
    if (start !== undefined && end !== undefined) return { interval: spanOf(start, end) };
    throw new InvalidInput(`A run of '${definition.name}'`, [
      onFilesOf(schedule)
        ? `interval: it runs when files arrive. To run files again, name the interval of their run, which 'sluice runs ${definition.name}' shows.`
        : `interval: a pipeline without schedule needs one, like "2018-08-01/2018-09-01".`,
    ]);
  }
  const cadence = new Cadence(schedule);
  if (input.interval === undefined) return { interval: cadence.intervalEndedAt(nominalTime) };
  const interval = parseInterval(input.interval, cadence);
  const objection = cadence.objection(interval);
  return { interval, ...(objection ? { objection } : {}) };
}
