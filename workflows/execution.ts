import { CancellationScope, CancelledFailure, isCancellation } from '@temporalio/workflow';
import type { Plan, PlannedStep } from '../core/plan.ts';
import { decide, type Ending } from '../core/trigger.ts';

/** Does one step; what it gives is the step's result. @throws {Skipped} it asks that what comes after it is left out */
export type Perform = (step: PlannedStep) => Promise<unknown>;

/** Not a failure: a step that says that there is nothing to do, for itself and for what comes after it. */
export class Skipped extends Error {
  override name = 'Skipped';
}

/**
 * Carries a plan out: a step begins when all that it comes after have ended, if its trigger says so. One that fails holds up only
 * what comes after it; the others go on to their end.
 */
export class Execution {
  readonly endings = new Map<string, Ending>();
  readonly #plan: Plan;
  readonly #tablesAtOnce: number;
  readonly #perform: Perform;
  readonly #choices: (step: PlannedStep) => readonly string[];
  readonly #onSkip: (step: PlannedStep, reason: string) => void;
  readonly #onUndecided: (step: PlannedStep, error: unknown) => void;
  #waiting: PlannedStep[];
  #tables = 0;
  #running = new Set<Promise<void>>();
  #cancelled: unknown;

  constructor(
    plan: Plan,
    options: {
      /** Steps of tables at the same time. */
      readonly tablesAtOnce: number;
      readonly perform: Perform;
      /** The steps that the decider of this one may name, those of the whole definition. */
      readonly choicesBeside: (step: PlannedStep) => readonly string[];
      readonly onSkip: (step: PlannedStep, reason: string) => void;
      /** A step fails before it begins. */
      readonly onUndecided: (step: PlannedStep, error: unknown) => void;
    },
  ) {
    this.#plan = plan;
    this.#tablesAtOnce = options.tablesAtOnce;
    this.#perform = options.perform;
    this.#choices = options.choicesBeside;
    this.#onSkip = options.onSkip;
    this.#onUndecided = options.onUndecided;
    // A table that is extracted is loaded before the next one is begun.
    this.#waiting = [...plan].sort((a, b) => Number(b.kind === 'load') - Number(a.kind === 'load'));
  }

  /** Settles when every step has ended. @throws the cancellation, when the run was cancelled; then no further step begins */
  async run(): Promise<void> {
    this.#advance();
    while (this.#running.size) await Promise.race(this.#running);
    if (this.#cancelled !== undefined) throw this.#cancelled as Error;
  }

  /** Steps that failed, in the order of the plan. */
  get failures(): { readonly step: PlannedStep; readonly error: unknown }[] {
    return this.#plan.flatMap((step) => {
      const ending = this.endings.get(step.key);
      return ending?.state === 'failed' ? [{ step, error: ending.error }] : [];
    });
  }

  /** What a step gave; undefined when it was skipped, failed or is not in the plan. */
  resultOf(key: string): unknown {
    const ending = this.endings.get(key);
    return ending?.state === 'succeeded' ? ending.result : undefined;
  }

  #advance(): void {
    for (let next = this.#next(); next; next = this.#next()) {
      this.#waiting = this.#waiting.filter((step) => step !== next);
      this.#begin(next);
    }
  }

  #next(): PlannedStep | undefined {
    if (this.#cancelled !== undefined) return undefined;
    return this.#waiting.find(
      (step) =>
        (!isOfTable(step) || this.#tables < this.#tablesAtOnce) &&
        step.after.every((key) => this.endings.has(key)),
    );
  }

  #begin(step: PlannedStep): void {
    const decision = this.#decide(step);
    if (decision !== 'go') return this.#end(step, decision);
    if (isOfTable(step)) this.#tables += 1;
    const running = this.#perform(step)
      .then(
        (result) => this.#end(step, { state: 'succeeded', result }),
        (error: unknown) => {
          if (isCancellation(error)) this.#cancelled ??= error;
          // Its worker was dead when the run was cancelled, or it failed just then: the run ends as was asked for.
          else if (CancellationScope.current().consideredCancelled)
            this.#cancelled ??= new CancelledFailure('The run was cancelled.');
          else if (error instanceof Skipped)
            this.#end(step, { state: 'skipped', reason: error.message, failed: [] });
          else this.#end(step, { state: 'failed', error });
        },
      )
      .then(() => {
        this.#running.delete(running);
        if (isOfTable(step)) this.#tables -= 1;
        this.#advance();
      });
    this.#running.add(running);
  }

  #end(step: PlannedStep, ending: Ending): void {
    this.endings.set(step.key, ending);
    if (ending.state === 'skipped') this.#onSkip(step, ending.reason);
  }

  #decide(step: PlannedStep): Ending | 'go' {
    try {
      return decide(step, this.endings, this.#choices(step));
    } catch (error) {
      this.#onUndecided(step, error);
      return { state: 'failed', error };
    }
  }
}

function isOfTable({ kind }: PlannedStep): boolean {
  return kind === 'extract' || kind === 'load';
}
