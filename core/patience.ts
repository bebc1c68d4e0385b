import { milliseconds, type DurationText } from './duration.ts';
import { TerminalError, Unreachable } from './errors.ts';

/** How long a step's failures that may pass are met with another attempt. */
export interface Patience {
  /** For failures that have nothing to do with somebody being away; and no fewer for those that have. */
  readonly attempts: number;
  /** For failures to reach somebody, counted from when the step was first scheduled. */
  readonly retryFor: DurationText;
}

export const DEFAULT_PATIENCE: Patience = { attempts: 5, retryFor: '30 minutes' };

export interface Attempt {
  /** Counted from 1. */
  readonly attempt: number;
  /** Since the step was first scheduled. */
  readonly elapsedMs: number;
}

/**
 * Whether a failure is the step's last: it cannot pass, or patience with it has come to its end. Patience with somebody who is away
 * ends when both the time and the attempts are used up, so that work of hours is not given up at the first lost connection.
 */
export function isLast(error: unknown, patience: Patience, made: Attempt): boolean {
  if (error instanceof TerminalError) return true;
  return error instanceof Unreachable
    ? isOver(patience, made) && made.attempt >= patience.attempts
    : made.attempt >= patience.attempts;
}

/** Whether attempts before this one, of whose end nobody knows, have used everything up: their worker died each time. */
export function isOverdue(patience: Patience, made: Attempt): boolean {
  return isOver(patience, made) && made.attempt > patience.attempts;
}

function isOver({ retryFor }: Patience, { elapsedMs }: Attempt): boolean {
  return elapsedMs >= milliseconds(retryFor);
}
