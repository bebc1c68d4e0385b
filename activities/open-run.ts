import { TerminalError } from '../core/errors.ts';
import type { ElementDone, ElementsDetail } from '../core/elements.ts';
import { intervalText, type Instant } from '../core/interval.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import { type Plan, without } from '../core/plan.ts';
import { poolOfConnection } from '../core/pools.ts';
import { stepKey, type RunRef } from '../core/run.ts';
import { parseInput, runPipelineInput, type RunPipelineInput } from '../core/run-input.ts';
import { mustBeRunnable, nothingDue, resolveRequest, type RunRequest } from '../core/run-request.ts';
import { onFilesOf } from '../core/schedule.ts';
import type { LeaseHolder } from '../connectors/ledger/port.ts';
import type { Connectors } from './connectors.ts';
import { earlierResults } from './earlier-results.ts';
import { brokenOf, type Broken } from './mended.ts';
import { evictIfLost } from './lost-runs.ts';

export interface OpenedRun {
  readonly run: RunRef;
  /** The definition as it was when the run began, with only the tables asked for. */
  readonly definition: ResolvedPipeline;
  readonly codeVersion: string;
  /** All tables are extracted by one activity. */
  readonly extractsTogether: boolean;
  /** Somebody is to hear of the run's end. Not in histories that are older than this. */
  readonly reports?: boolean;
  /** The pool that the source is, where the profile limits it. */
  readonly sourcePool?: string | undefined;
  /** The graph of its steps. Not in histories that are older than this. */
  readonly plan?: Plan;
  /** What tasks and models get. Not in histories that are older than this. */
  readonly params?: Readonly<Record<string, string>>;
  /** A person may leave out steps of it. Not in histories that are older than this. */
  readonly takesSkips?: boolean;
  /** Results of earlier runs that stand in for steps, by step key (`load:orders`). */
  readonly reuse: Readonly<Record<string, unknown>>;
  /** What an earlier run has done of steps that failed for some of their elements, by step key. */
  readonly parts?: Readonly<Record<string, readonly ElementDone[]>>;
  /** The run that has the interval; then this one was not opened. */
  readonly heldBy: LeaseHolder | null;
}

/** The schedule has woken the pipeline at a time at which no interval is due: there is no run to open. */
export interface Idle {
  /** In words. */
  readonly nothingDue: string;
}

export interface OpenRunRequest {
  readonly input: RunPipelineInput;
  readonly workflowId: string;
  readonly runId: string;
  /** When the schedule meant the run to start, else when it did. */
  readonly nominalTime: Instant;
}

/**
 * Resolves a run's definition, interval and earlier results, takes the interval's lease and records the run.
 * May be repeated: the same run gets the same answer.
 */
export async function openRun(
  connectors: Connectors,
  request: OpenRunRequest,
): Promise<OpenedRun | Idle | Broken> {
  const input = parseInput(runPipelineInput, request.input, 'The input of runPipeline');
  const broken = brokenOf(connectors.registry, input.pipeline);
  if (broken) return broken;
  const idle = nothingDue(connectors.registry, input, request.nominalTime);
  if (idle !== undefined) return { nothingDue: idle };
  const asked = resolveRequest(connectors.registry, input, request.nominalTime);
  const taken = await takenAlready(connectors, request, asked);
  if (taken !== undefined) return { nothingDue: taken };
  await mustBeRunnable(asked, (filter) => connectors.ledger.runs(filter));
  const { definition, interval, params } = asked;
  const plan = connectors.pages ? asked.plan : without(asked.plan, ({ kind }) => kind === 'pages');
  const run: RunRef = {
    runId: request.runId,
    workflowId: request.workflowId,
    pipeline: definition.name,
    interval,
  };
  const { codeVersion, extractsTogether, notify, metrics, pools } = connectors;
  const { source } = definition;
  const sourcePool = source === undefined ? undefined : poolOfConnection(source);
  const opened = {
    run,
    definition,
    codeVersion,
    extractsTogether: source !== undefined && extractsTogether(source),
    reports: notify !== undefined || metrics !== undefined,
    ...(sourcePool !== undefined && sourcePool in pools ? { sourcePool } : {}),
    plan,
    params,
    takesSkips: true,
  };
  const heldBy = await takeLease(connectors, run, input, asked);
  if (heldBy) return { ...opened, reuse: {}, heldBy };
  try {
    const reuse = await earlierResults(connectors.ledger, run, opened.plan, input);
    return { ...opened, reuse, parts: await earlierParts(connectors, input), heldBy: null };
  } catch (error) {
    // Nobody else closes a run that was never opened; another attempt needs it as it is.
    if (error instanceof TerminalError) await connectors.ledger.closeRun(run.runId, 'failed', error.message);
    throw error;
  }
}

/** A batch of files is run once by itself, however often it is started; people may run it again. */
async function takenAlready(
  { ledger }: Connectors,
  { input, runId }: OpenRunRequest,
  { definition, interval }: RunRequest,
): Promise<string | undefined> {
  if (input.kind !== 'scheduled' || !onFilesOf(definition.schedule)) return undefined;
  const taken = await ledger.takenBy(definition.name, interval);
  return taken === undefined || taken === runId
    ? undefined
    : `The files of ${intervalText(interval)} were taken by run ${taken}.`;
}

async function takeLease(
  connectors: Connectors,
  run: RunRef,
  input: RunPipelineInput,
  { definition, takesFiles }: RunRequest,
): Promise<LeaseHolder | undefined> {
  const { ledger, codeVersion } = connectors;
  const record = {
    ...run,
    kind: input.kind ?? 'manual',
    backfillId: input.backfillId ?? null,
    codeVersion,
    input,
    definition,
    ...(takesFiles && { takesFiles }),
  } as const;
  for (;;) {
    const holder = await ledger.openRun(record);
    if (!holder || (await evictIfLost(connectors, holder)) === 'open') return holder;
  }
}

/** Of the run to resume. */
async function earlierParts(
  { ledger }: Connectors,
  { resume }: RunPipelineInput,
): Promise<NonNullable<OpenedRun['parts']>> {
  const steps = resume === undefined ? [] : await ledger.steps([resume]);
  return Object.fromEntries(
    steps.flatMap((step) => {
      const { elements } = (step.result ?? {}) as Partial<ElementsDetail>;
      return step.outcome === 'failed' && step.step === 'task' && elements
        ? [[stepKey(step.step, step.table), elements]]
        : [];
    }),
  );
}
