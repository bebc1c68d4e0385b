import { CancellationScope, defineUpdate, setHandler } from '@temporalio/workflow';
import { hint } from '../core/hint.ts';
import { toInstant, type Instant } from '../core/interval.ts';
import type { PlannedStep } from '../core/plan.ts';

/** What somebody wants left out of a run under way; small enough to type into the Web UI. */
export interface SkipRequest {
  readonly step: string;
  /** Who says so. */
  readonly by: string;
  readonly reason: string;
}

export interface SkipDecision {
  readonly by: string;
  readonly reason: string;
  readonly at: Instant;
}

export const skip = defineUpdate<SkipDecision, [SkipRequest]>('skip');

const LONGEST_REASON = 2_000; // characters
const EXAMPLE = '{"step": "score", "by": "anna", "reason": "the supplier is down today"}';

/** Steps of a run that a person may leave out while they wait, are tried again or work, and the door through which it is said. */
export class Skips {
  readonly #plan: readonly PlannedStep[];
  /** Why a step cannot be left out; undefined where it can. */
  readonly #objection: (step: PlannedStep) => string | undefined;
  /** Of steps that have begun and not ended. */
  readonly #scopes = new Map<string, CancellationScope>();
  readonly #ended = new Set<string>();
  readonly #decisions = new Map<string, SkipDecision>();

  constructor(plan: readonly PlannedStep[], objection: (step: PlannedStep) => string | undefined) {
    this.#plan = plan;
    this.#objection = objection;
    setHandler(skip, (request) => this.#settle(request), {
      description: `Leave out a step that waits, is tried again or works: ${EXAMPLE}`,
      validator: (request) => this.#mustBePossible(request),
    });
  }

  /** Does a step's work so that a person can end it. @throws whatever the work does; `decision` says whether somebody ended it */
  async around<T>(key: string, work: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    this.#scopes.set(key, scope);
    try {
      const done = await scope.run(work);
      this.#decisions.delete(key); // said too late: it has ended well
      return done;
    } finally {
      this.#scopes.delete(key);
      this.#ended.add(key);
    }
  }

  /** What somebody has said of a step, if anything. */
  decision(key: string): SkipDecision | undefined {
    return this.#decisions.get(key);
  }

  #settle({ step, by, reason }: SkipRequest): SkipDecision {
    const decision = { by, reason, at: toInstant(new Date()) };
    this.#decisions.set(step, decision);
    this.#scopes.get(step)?.cancel();
    return decision;
  }

  #mustBePossible(request: unknown): void {
    const { step, by, reason } = (request ?? {}) as Partial<Record<keyof SkipRequest, unknown>>;
    if (typeof step !== 'string' || typeof by !== 'string' || !by.trim())
      throw new Error(`To skip a step, name it, who says so and why: ${EXAMPLE}`);
    if (typeof reason !== 'string' || !reason.trim() || reason.length > LONGEST_REASON)
      throw new Error(
        `'reason' must be a text of 1 to ${LONGEST_REASON} characters: it is shown with the step.`,
      );
    const planned = this.#plan.find(({ key }) => key === step);
    if (!planned) {
      const keys = this.#plan.map(({ key }) => key);
      throw new Error(`'${step}' is no step of this run${hint(step, keys)}`);
    }
    const earlier = this.#decisions.get(step);
    if (earlier) throw new Error(`Step '${step}' is skipped by ${earlier.by} already.`);
    const objection = this.#objection(planned);
    if (objection !== undefined) throw new Error(`Step '${step}' cannot be skipped: ${objection}`);
    if (this.#scopes.has(step)) return;
    if (this.#ended.has(step))
      throw new Error(`Step '${step}' has ended already: there is nothing left to skip.`);
    const open = [...this.#scopes.keys()].map((key) => `'${key}'`).join(', ');
    throw new Error(`Step '${step}' has not begun, or was left out. Under way: ${open || 'none'}.`);
  }
}
