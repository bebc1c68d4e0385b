import { Cadence, parseInterval } from './cadence.ts';
import { InvalidInput, PipelineUnknown, TableUnknown } from './errors.ts';
import { interval as spanOf, intervalText, type DataInterval, type Instant } from './interval.ts';
import type { ResolvedPipeline } from './pipeline.ts';
import { runWorkflowId } from './run.ts';
import type { RunPipelineInput } from './run-input.ts';

export type Registry = ReadonlyMap<string, ResolvedPipeline>;

export interface RunRequest {
  /** With only the tables asked for. */
  readonly definition: ResolvedPipeline;
  readonly interval: DataInterval;
  /** The id that a schedule would have given the run. */
  readonly workflowId: string;
}

/** @throws {PipelineUnknown} */
export function pipelineNamed(registry: Registry, name: string): ResolvedPipeline {
  const definition = registry.get(name);
  if (!definition) throw new PipelineUnknown(name, [...registry.keys()]);
  return definition;
}

/**
 * What a run's input asks for, at a nominal time.
 * @throws {PipelineUnknown | TableUnknown | InvalidInput} the interval is not on the cadence, reversed or not over yet
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
  const interval = askedInterval(whole, input, nominalTime);
  if (interval.end > nominalTime) {
    throw new InvalidInput(`Interval ${intervalText(interval)}`, [
      `it ends in the future (now: ${nominalTime}); its rows are not all there yet. Ask for one that has ended.`,
    ]);
  }
  return {
    definition: { ...whole, tables },
    interval,
    workflowId: runWorkflowId(whole.name, nominalTimeOf(whole, interval)),
  };
}

function nominalTimeOf({ schedule }: ResolvedPipeline, interval: DataInterval): Instant {
  return schedule === 'manual' ? interval.end : new Cadence(schedule).nominalTime(interval);
}

function askedInterval(
  definition: ResolvedPipeline,
  input: RunPipelineInput,
  nominalTime: Instant,
): DataInterval {
  if (definition.schedule === 'manual') {
    const [start, end] = input.interval?.split('/') ?? [];
    if (start !== undefined && end !== undefined) return spanOf(start, end);
    throw new InvalidInput(`A run of '${definition.name}'`, [
      `interval: a pipeline without schedule needs one, like "2018-08-01/2018-09-01".`,
    ]);
  }
  const cadence = new Cadence(definition.schedule);
  return input.interval === undefined
    ? cadence.intervalEndedAt(nominalTime)
    : parseInterval(input.interval, cadence);
}
