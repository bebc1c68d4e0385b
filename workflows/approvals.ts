import { condition, defineUpdate, setHandler } from '@temporalio/workflow';
import { toInstant, type Instant } from '../core/interval.ts';

/** What somebody says of a step that waits for it; small enough to type into the Web UI. */
export interface Answer {
  readonly step: string;
  /** Who says so. */
  readonly by: string;
  readonly reason?: string;
}

/** What the step's result says of it. */
export interface Decision {
  readonly approved: boolean;
  readonly by: string;
  readonly reason: string | null;
  readonly at: Instant;
}

export const approve = defineUpdate<Decision, [Answer]>('approve');
export const reject = defineUpdate<Decision, [Answer]>('reject');

const LONGEST_REASON = 2_000; // characters
const EXAMPLE = '{"step": "release", "by": "anna", "reason": "numbers look right"}';

/** Steps of a run that wait for a person, and the doors through which the answers come. */
export class Approvals {
  /** By step; undefined while nobody has answered. */
  readonly #answers = new Map<string, Decision | undefined>();

  constructor() {
    setHandler(approve, (answer) => this.#settle(answer, true), {
      description: `Let a step go ahead that waits for approval: ${EXAMPLE}`,
      validator: (answer) => this.#mustBeAsked(answer),
    });
    setHandler(reject, (answer) => this.#settle(answer, false), {
      description: `Refuse a step that waits for approval, which then fails: ${EXAMPLE}`,
      validator: (answer) => this.#mustBeAsked(answer),
    });
  }

  /** Waits for the answer. @returns undefined when nobody has given one in time, in milliseconds */
  async answer(step: string, within: number): Promise<Decision | undefined> {
    this.#answers.set(step, undefined);
    try {
      await condition(() => this.#answers.get(step) !== undefined, within);
      return this.#answers.get(step);
    } finally {
      if (this.#answers.get(step) === undefined) this.#answers.delete(step);
    }
  }

  #settle({ step, by, reason }: Answer, approved: boolean): Decision {
    const decision = { approved, by, reason: reason ?? null, at: toInstant(new Date()) };
    this.#answers.set(step, decision);
    return decision;
  }

  #mustBeAsked(answer: unknown): void {
    const { step, by, reason } = (answer ?? {}) as Partial<Record<keyof Answer, unknown>>;
    if (typeof step !== 'string' || typeof by !== 'string' || !by.trim())
      throw new Error(`An answer names the step and who gives it: ${EXAMPLE}`);
    if (reason !== undefined && (typeof reason !== 'string' || reason.length > LONGEST_REASON))
      throw new Error(`'reason' must be a text of ${LONGEST_REASON} characters at most.`);
    if (!this.#answers.has(step)) {
      const asked = [...this.#answers].flatMap(([name, given]) => (given ? [] : [`'${name}'`]));
      throw new Error(
        `Step '${step}' does not wait for approval. ${asked.length ? `Waiting: ${asked.join(', ')}.` : 'No step of this run does now.'}`,
      );
    }
    const given = this.#answers.get(step);
    if (given)
      throw new Error(
        `Step '${step}' was ${given.approved ? 'approved' : 'rejected'} by ${given.by} already.`,
      );
  }
}
