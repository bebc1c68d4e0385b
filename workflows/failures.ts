import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
} from '@temporalio/workflow';
import type { Outcome } from '../core/run.ts';

/** What went wrong in words: the innermost message, without the frames that Temporal puts around it. */
export function reason(error: unknown): string {
  let inner = error;
  while ((inner instanceof ActivityFailure || inner instanceof ChildWorkflowFailure) && inner.cause)
    inner = inner.cause;
  return inner instanceof Error ? inner.message : String(inner);
}

/** A step of which a part was done. */
export class PartlyFailed extends Error {
  override name = 'PartlyFailed';
  /** What the ledger keeps of it. */
  readonly detail: unknown;

  constructor(message: string, detail: unknown) {
    super(message);
    this.detail = detail;
  }
}

export function outcomeOf(error: unknown): Extract<Outcome, 'failed' | 'cancelled'> {
  return isCancellation(error) ? 'cancelled' : 'failed';
}

/** A failure of the run as a whole: never retried, its message is what the Web UI and `sluice status` show. */
export function runFailed(type: string, message: string, cause?: unknown): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nonRetryable: true,
    ...(cause instanceof Error ? { cause } : {}),
  });
}
