import {
  CancellationScope,
  isCancellation,
  log,
  patched,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Idle, OpenedRun } from '../activities/open-run.ts';
import type { Waiting } from '../activities/own-step.ts';
import type { ElementDone } from '../core/elements.ts';
import { modeOf } from '../core/extract-modes.ts';
import { DEFAULT_PATIENCE } from '../core/patience.ts';
import type { ResolvedPipeline, ResolvedTable } from '../core/pipeline.ts';
import type { ResolvedTask, TaskResult } from '../core/tasks.ts';
import { planOfRun, type Plan, type PlannedStep } from '../core/plan.ts';
import {
  stepKey,
  type RunRef,
  type RunSummary,
  type SkippedStep,
  type UndecidedStep,
  type Step,
  type StepDone,
  type StepResults,
} from '../core/run.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { ending, quick, reporting } from './activity-options.ts';
import { Approvals } from './approvals.ts';
import { details, type StepState } from './details.ts';
import { Execution, Skipped } from './execution.ts';
import { outcomeOf, PartlyFailed, reason, runFailed } from './failures.ts';
import { openedRun } from './opened-run.ts';
import { stepsFailed } from './steps-failed.ts';
import { withPlace } from './place.ts';
import { Skips } from './skips.ts';
import { searchAttributes } from './search-attributes.ts';

/** Bytes. Temporal ends a run whose activity is given more than 2 MB, without a word to the run. */
const TOGETHER_LIMIT = 1_500_000;

/** What a recipe does for each kind of step. */
export type Verbs = Readonly<Record<Step, (step: PlannedStep) => Promise<unknown>>>;

/** One execution over one interval: the plan, and how far it has come. */
export class Run {
  readonly ref: RunRef;
  readonly definition: ResolvedPipeline;
  /** All tables are extracted by one activity. */
  readonly extractsTogether: boolean;
  /** The pool that the source is, where it is one. */
  readonly sourcePool: string | undefined;
  /** What tasks and models get. */
  readonly params: Readonly<Record<string, string>>;
  /** Somebody is to hear of the run's end. */
  readonly reports: boolean;
  /** Steps that were left out so far, and why. */
  readonly skipped: SkippedStep[] = [];
  readonly undecided: UndecidedStep[] = [];
  /** Steps that wait for a person. */
  readonly approvals = new Approvals();
  readonly #skips: Skips;
  readonly #takesSkips: boolean;
  readonly #plan: Plan;
  readonly #reuse: Readonly<Record<string, unknown>>;
  readonly #parts: Readonly<Record<string, readonly ElementDone[]>>;
  readonly #states = new Map<string, StepState>();
  readonly #done: StepDone[] = [];
  #execution: Execution | undefined;
  #reused = 0;

  constructor(opened: OpenedRun, input: RunPipelineInput) {
    const { attempts, retryFor = DEFAULT_PATIENCE.retryFor } = opened.definition;
    this.ref = { ...opened.run, patience: { attempts, retryFor } };
    // Histories that are older than tasks know none.
    this.definition = { ...opened.definition, tasks: opened.plan ? opened.definition.tasks : [] };
    this.extractsTogether = opened.extractsTogether;
    this.sourcePool = opened.sourcePool;
    this.params = opened.params ?? input.params ?? {};
    this.reports = opened.reports ?? false;
    this.#plan = opened.plan ?? planOfRun(this.definition, input);
    this.#takesSkips = opened.takesSkips ?? false;
    this.#skips = new Skips(this.#plan, (step) => this.#objection(step));
    this.#reuse = opened.reuse;
    this.#parts = opened.parts ?? {};
  }

  get reused(): number {
    return this.#reused;
  }

  /** What was done so far in this run. */
  get done(): readonly StepDone[] {
    return this.#done;
  }

  /** Tables that are to be extracted together, and not taken from an earlier run. */
  get readTogether(): ResolvedTable[] {
    return this.definition.tables.filter(
      (table) => !this.isFollowed(table) && !(stepKey('extract', table.name) in this.#reuse),
    );
  }

  /** Names of the tables that go by a stream of changes. */
  get followed(): string[] {
    return this.definition.tables.filter((table) => this.isFollowed(table)).map(({ name }) => name);
  }

  /** Whether a table goes by a stream of changes, which the worker itself reads. */
  isFollowed({ extract }: ResolvedTable): boolean {
    return modeOf(extract).mark === 'position';
  }

  /** The table that a step is about. */
  tableOf({ key, subject }: PlannedStep): ResolvedTable {
    const table = this.definition.tables.find(({ name }) => name === subject);
    if (!table) throw runFailed('StepUnknown', `Step '${key}' is of no table of ${this.ref.pipeline}.`);
    return table;
  }

  /** The task that a step is. */
  taskOf({ key }: PlannedStep): ResolvedTask {
    const task = this.definition.tasks.find(({ name }) => name === key);
    if (!task) throw runFailed('StepUnknown', `${this.ref.pipeline} has no task '${key}'.`);
    return task;
  }

  /** Does a step that the run carries out by itself, which nobody else would write down: in the ledger, and shown as waiting where it is. */
  async ownStep<T>(step: PlannedStep, work: () => Promise<T>, waiting?: Waiting): Promise<T> {
    const { key, kind, subject } = step;
    if (waiting) this.#mark(key, { state: 'waiting', waitingFor: waiting.for });
    await quick.beginStep(this.ref.runId, kind, subject, waiting?.for, waiting?.asks);
    let end: Parameters<typeof ending.endStep>[3] | undefined;
    try {
      const result = await work();
      end = { result };
      return result;
    } catch (error) {
      // Closing the run ends a step that was cancelled.
      if (error instanceof PartlyFailed) end = { error: error.message, detail: error.detail };
      else if (!isCancellation(error)) end = { error: reason(error) };
      throw error;
    } finally {
      if (end) await ending.endStep(this.ref.runId, kind, subject, end);
    }
  }

  /**
   * Does a step's work in a place of a pool, where one is named. Where none is, nothing comes between: a promise more would change the order
   * in which histories of before have their steps.
   */
  placed<T>(step: string, pool: string | undefined, work: () => Promise<T>): Promise<T> {
    if (pool === undefined) return work();
    const place = { pool, step, priority: this.priority };
    return withPlace(this.ref, place, work, (waits) =>
      this.#mark(
        step,
        waits ? { state: 'waiting', waitingFor: `a place in pool '${pool}'` } : { state: 'running' },
      ),
    );
  }

  /** The connection that tables are read from; a definition that needs one has it. */
  get source(): string {
    return this.definition.source ?? '';
  }

  get priority(): number {
    return this.definition.priority ?? 0;
  }

  /** What an earlier run has done of a step that is done for each element of a list. */
  elementsDone({ key }: PlannedStep): readonly ElementDone[] {
    return this.#parts[key] ?? [];
  }

  /** The run, as a task is told of it: with the attempts that it has. */
  refFor({ attempts }: Pick<ResolvedTask, 'attempts'>): RunRef {
    const patience = this.ref.patience ?? DEFAULT_PATIENCE;
    return { ...this.ref, patience: { ...patience, attempts: attempts ?? patience.attempts } };
  }

  /** What the steps gave that this one comes after, by their keys; nothing of those that were skipped or failed. */
  resultsBefore({ key, kind, subject, after }: PlannedStep): Record<string, unknown> {
    const results = after.map((key) => [key, this.#execution?.resultOf(key)] as const);
    const found = Object.fromEntries(results.filter(([, result]) => result !== undefined));
    const size = new TextEncoder().encode(JSON.stringify(found)).length;
    if (size <= TOGETHER_LIMIT || !patched('results-have-a-limit')) return found;
    const failure = runFailed(
      'ResultsTooLarge',
      `${this.ref.pipeline}'s task '${key}' comes after ${after.length} steps, whose results have ${size} bytes together; ${TOGETHER_LIMIT} at most are given to a task. ` +
        `Let them write data to the lake or the warehouse, and give where it is.`,
    );
    this.undecided.push({ step: kind, table: subject, error: reason(failure) });
    throw failure;
  }

  /** What an earlier step of this run gave. */
  resultOf<S extends keyof StepResults>(step: S, table: string): StepResults[S] {
    return this.#execution?.resultOf(stepKey(step, table)) as StepResults[S];
  }

  /** How a step of this run has ended; undefined where the plan has none of that key. */
  stateOf(key: string): 'succeeded' | 'failed' | 'skipped' | undefined {
    return this.#execution?.endings.get(key)?.state;
  }

  /** What the models and their tests gave; undefined where they did not succeed. */
  get transformed(): StepResults['transform'] | undefined {
    return this.#execution?.resultOf('transform') as StepResults['transform'] | undefined;
  }

  /** What the tables' loads gave, in the order of the definition; nothing of those that were skipped. */
  get loads(): { readonly table: string; readonly load: StepResults['load'] }[] {
    return this.definition.tables.flatMap(({ name }) => {
      const load = this.#execution?.resultOf(stepKey('load', name)) as StepResults['load'] | undefined;
      return load ? [{ table: name, load }] : [];
    });
  }

  /** Tables whose rows may be missing in the warehouse without the run failing, where there are any: the rest of what a check is told. */
  get lenient(): [] | [string[]] {
    const names = this.definition.tables.filter(({ checks }) => checks?.landed?.severity === 'warn');
    return names.length ? [names.map(({ name }) => name)] : [];
  }

  /**
   * Carries out the plan. A step that fails holds up only what comes after it.
   * @throws when all that can be done is done: one failure that names every step that failed
   */
  async execute(verbs: Verbs): Promise<void> {
    this.#execution = new Execution(this.#plan, {
      tablesAtOnce: this.definition.concurrency,
      perform: (step) => this.#perform(step, verbs[step.kind]),
      choicesBeside: ({ onlyIf }) =>
        this.definition.tasks.filter((task) => task.onlyIf === onlyIf).map(({ name }) => name),
      onSkip: ({ key, kind, subject }, reason) => {
        this.skipped.push({ step: kind, table: subject, reason });
        this.#mark(key, { state: 'skipped' });
      },
      onUndecided: ({ key, kind, subject }, error) => {
        this.undecided.push({ step: kind, table: subject, error: reason(error) });
        this.#mark(key, { state: 'failed' });
      },
    });
    await this.#execution.run();
    const { failures } = this.#execution;
    if (failures.length) throw stepsFailed(failures, this.definition.tables.length, this.ref.runId);
  }

  /** Does a step, or takes the result that an earlier run left for it. */
  async #perform(step: PlannedStep, verb: (step: PlannedStep) => Promise<unknown>): Promise<unknown> {
    const { key } = step;
    if (key in this.#reuse) {
      this.#reused += 1;
      this.#mark(key, { state: 'reused' });
      return resultOf(step, this.#reuse[key]);
    }
    this.#mark(key, { state: 'running' });
    try {
      const result = await (this.#takesSkips ? this.#begun(step, verb) : verb(step));
      this.#done.push({ step: step.kind, table: step.subject, result });
      this.#mark(key, { state: 'done', rows: rowsOf(result) });
      return resultOf(step, result);
    } catch (error) {
      if (!(error instanceof Skipped)) this.#mark(key, { state: 'failed' });
      throw error;
    }
  }

  /**
   * Does a step so that a person may skip it. Histories that are older than that do without: a promise more would change their order.
   * @throws {Skipped} somebody has
   */
  async #begun(step: PlannedStep, verb: (step: PlannedStep) => Promise<unknown>): Promise<unknown> {
    const { key, kind, subject } = step;
    try {
      return await this.#skips.around(key, () => verb(step));
    } catch (error) {
      const decision = this.#skips.decision(key);
      // With the whole run cancelled, its steps are.
      if (!decision || CancellationScope.current().consideredCancelled) throw error;
      const reason = `skipped by ${decision.by}: ${decision.reason}`;
      await quick.skipStep(this.ref.runId, { step: kind, table: subject, reason });
      throw new Skipped(reason);
    }
  }

  /** Why a person cannot leave out a step, whatever its state. */
  #objection({ kind, subject }: PlannedStep): string | undefined {
    const { workflowId } = this.ref;
    const instead = `End the run with 'sluice cancel ${workflowId}', then rerun.`;
    if (!this.#takesSkips) return `the run began with a version that knew no skips. ${instead}`;
    if (kind === 'load') return `a load is done whole or not at all. ${instead}`;
    const table = this.definition.tables.find(({ name }) => name === subject);
    if (kind === 'extract' && this.extractsTogether && table && !this.isFollowed(table))
      return `all tables of its source are extracted together. ${instead}`;
    return undefined;
  }

  #mark(key: string, state: StepState): void {
    this.#states.set(key, state);
    setCurrentDetails(details(this.ref, this.#plan, this.#states));
  }
}

/** Opens a run, follows the recipe, closes the run: with its outcome, whatever happens. */
export async function withRun(
  input: RunPipelineInput,
  recipe: (run: Run) => Promise<void>,
): Promise<RunSummary | Idle> {
  const opened = await openedRun(input);
  if ('nothingDue' in opened) {
    setCurrentDetails(opened.nothingDue);
    return opened;
  }
  const run = new Run(opened, input);
  const close = async (outcome: 'succeeded' | 'failed' | 'cancelled', error: string | null) => {
    upsertSearchAttributes(searchAttributes({ outcome }));
    await CancellationScope.nonCancellable(async () => {
      await ending.closeRun(run.ref.runId, outcome, error, run.done, run.skipped, run.undecided);
      if (run.reports) await tell(run.ref);
    });
  };
  try {
    await recipe(run);
    await close('succeeded', null);
    return {
      pipeline: run.ref.pipeline,
      interval: run.ref.interval,
      rows: run.loads.reduce((sum, { load }) => sum + load.rows, 0),
      tables: run.loads.length,
      reused: run.reused,
    };
  } catch (error) {
    // What ended the run is what is told, should the ledger be away for so long as well.
    await close(outcomeOf(error), reason(error)).catch((away: unknown) => {
      log.error('The end of the run was not recorded', { error: reason(away) });
    });
    throw error;
  }
}

/**
 * The outcome is recorded by now, and stands whether or not anybody can be told. Of the patience that the pipeline asks for, its steps are
 * meant; how often this is tried is said with the activity.
 */
async function tell(run: RunRef): Promise<void> {
  try {
    await reporting.report({ ...run, patience: undefined });
  } catch (error) {
    log.error('The end of the run was not reported', { error: reason(error) });
  }
}

/** What a step gave to those after it; of a task, what its author's code gave. */
function resultOf({ kind }: PlannedStep, given: unknown): unknown {
  if (kind !== 'task') return given;
  const result = given as TaskResult;
  if ('skipped' in result) throw new Skipped(result.skipped);
  return result.output;
}

/** Rows that a step says it moved. */
function rowsOf(result: unknown): number | undefined {
  const { rows } = (result ?? {}) as { readonly rows?: unknown };
  return typeof rows === 'number' ? rows : undefined;
}
