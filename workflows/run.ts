import {
  CancellationScope,
  log,
  setCurrentDetails,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Idle, OpenedRun } from '../activities/open-run.ts';
import { intervalText } from '../core/interval.ts';
import { DEFAULT_PATIENCE } from '../core/patience.ts';
import type { ResolvedPipeline, ResolvedTable } from '../core/pipeline.ts';
import {
  stepKey,
  type RunRef,
  type RunSummary,
  type Step,
  type StepDone,
  type StepResults,
} from '../core/run.ts';
import type { RunPipelineInput } from '../core/run-input.ts';
import { quick, reporting } from './activity-options.ts';
import { details, type StepState } from './details.ts';
import { outcomeOf, reason, runFailed } from './failures.ts';
import { nominalTime } from './nominal-time.ts';
import { searchAttributes } from './search-attributes.ts';

const LEASE_POLL = '15 seconds'; // how often a run that waits for its interval looks again

/** One execution over one interval: what every recipe gets for its steps. */
export class Run {
  readonly ref: RunRef;
  readonly definition: ResolvedPipeline;
  /** All tables are extracted by one activity. */
  readonly extractsTogether: boolean;
  /** Somebody is to hear of the run's end. */
  readonly reports: boolean;
  readonly #reuse: Readonly<Record<string, unknown>>;
  readonly #skip: ReadonlySet<string>;
  readonly #states = new Map<string, StepState>();
  readonly #done: StepDone[] = [];
  #reused = 0;

  constructor(opened: OpenedRun, input: RunPipelineInput) {
    const { attempts, retryFor = DEFAULT_PATIENCE.retryFor } = opened.definition;
    this.ref = { ...opened.run, patience: { attempts, retryFor } };
    this.definition = opened.definition;
    this.extractsTogether = opened.extractsTogether;
    this.reports = opened.reports ?? false;
    this.#reuse = opened.reuse;
    this.#skip = new Set(input.skip);
  }

  get reused(): number {
    return this.#reused;
  }

  /** What was done so far in this run. */
  get done(): readonly StepDone[] {
    return this.#done;
  }

  /** Whether the run leaves this step out because its input says so. */
  skips(step: 'transform' | 'check'): boolean {
    return this.#skip.has(step);
  }

  /** Tables whose result of this step no earlier run has left. */
  without(step: Step): ResolvedTable[] {
    return this.definition.tables.filter((table) => !(stepKey(step, table.name) in this.#reuse));
  }

  /** Does a step, or takes the result that an earlier run left for it. */
  async step<S extends Step>(
    step: S,
    table: ResolvedTable | null,
    work: () => Promise<StepResults[S]>,
  ): Promise<StepResults[S]> {
    const key = stepKey(step, table?.name ?? null);
    if (key in this.#reuse) {
      this.#reused += 1;
      this.#mark(key, 'reused');
      return this.#reuse[key] as StepResults[S];
    }
    this.#mark(key, 'running');
    try {
      const result = await work();
      this.#done.push({ step, table: table?.name ?? null, result });
      this.#mark(key, 'done', 'rows' in result ? result.rows : undefined);
      return result;
    } catch (error) {
      this.#mark(key, 'failed');
      throw error;
    }
  }

  /**
   * Does `work` for every table, a bounded number at a time. A table that fails holds nobody else up: the others go on to
   * their end, then the run fails, naming each table that did.
   */
  async forEachTable<T>(work: (table: ResolvedTable) => Promise<T>): Promise<T[]> {
    const { tables, concurrency } = this.definition;
    const results = new Map<string, T>();
    const failures: { table: string; error: unknown }[] = [];
    const waiting = [...tables];
    const lane = async (): Promise<void> => {
      for (let table = waiting.shift(); table; table = waiting.shift()) {
        try {
          results.set(table.name, await work(table));
        } catch (error) {
          if (outcomeOf(error) === 'cancelled') throw error;
          failures.push({ table: table.name, error });
        }
      }
    };
    const lanes = await Promise.allSettled(
      Array.from({ length: Math.min(concurrency, tables.length) }, lane),
    );
    const cancelled = lanes.find((ended) => ended.status === 'rejected');
    if (cancelled) throw cancelled.reason;
    if (failures.length) throw tablesFailed(failures, tables.length, this.ref.runId);
    return tables.map((table) => results.get(table.name) as T);
  }

  #mark(key: string, state: StepState['state'], rows?: number): void {
    this.#states.set(key, { state, rows });
    setCurrentDetails(details(this.ref, this.#states));
  }
}

/**
 * Opens a run, follows the recipe, closes the run: with its outcome, whatever happens. The recipe returns how many rows
 * each table brought.
 */
export async function withRun(
  input: RunPipelineInput,
  recipe: (run: Run) => Promise<number[]>,
): Promise<RunSummary | Idle> {
  const opened = await open(input);
  if ('nothingDue' in opened) {
    setCurrentDetails(opened.nothingDue);
    return opened;
  }
  const run = new Run(opened, input);
  const close = async (outcome: 'succeeded' | 'failed' | 'cancelled', error: string | null) => {
    upsertSearchAttributes(searchAttributes({ outcome }));
    await CancellationScope.nonCancellable(async () => {
      await quick.closeRun(run.ref.runId, outcome, error, run.done);
      if (run.reports) await tell(run.ref);
    });
  };
  try {
    const rows = await recipe(run);
    await close('succeeded', null);
    return {
      pipeline: run.ref.pipeline,
      interval: run.ref.interval,
      rows: rows.reduce((sum, count) => sum + count, 0),
      tables: rows.length,
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

async function open(input: RunPipelineInput): Promise<OpenedRun | Idle> {
  const { workflowId, runId } = workflowInfo();
  for (;;) {
    // Not to be cancelled in between: the ledger would keep a run, and its lease, that nobody closes.
    const opened = await CancellationScope.nonCancellable(() =>
      quick.openRun({ input, workflowId, runId, nominalTime: nominalTime() }),
    );
    if ('nothingDue' in opened) return opened;
    if (!opened.heldBy) {
      upsertSearchAttributes(
        searchAttributes({
          pipeline: opened.run.pipeline,
          interval: opened.run.interval,
          kind: input.kind ?? 'manual',
          outcome: 'running',
          backfillId: input.backfillId,
          codeVersion: opened.codeVersion,
        }),
      );
      return opened;
    }
    const held = `Interval ${intervalText(opened.run.interval)} of ${opened.run.pipeline} is already being run by ${opened.heldBy.workflowId} (run ${opened.heldBy.runId})`;
    if (opened.definition.onConflict === 'fail') {
      throw runFailed(
        'IntervalHeld',
        `${held}. Wait for it, or cancel it with 'sluice cancel ${opened.heldBy.workflowId}'.`,
      );
    }
    setCurrentDetails(`${held}. Waiting for it.`);
    await sleep(LEASE_POLL);
  }
}

/** The outcome is recorded by now, and stands whether or not anybody can be told. */
async function tell(run: RunRef): Promise<void> {
  try {
    await reporting.report(run);
  } catch (error) {
    log.error('The end of the run was not reported', { error: reason(error) });
  }
}

function tablesFailed(failures: { table: string; error: unknown }[], tables: number, runId: string): Error {
  const lines = failures.map(({ table, error }) => `  - ${table}: ${reason(error)}`);
  return runFailed(
    'TablesFailed',
    `${failures.length} of ${tables} tables failed${failures.length < tables ? '; the others are loaded' : ''}:\n${lines.join('\n')}\n` +
      `Mend the cause, then 'sluice rerun ${runId}' does only what is missing.`,
    failures[0]?.error,
  );
}
