import { milliseconds, type DurationText } from './duration.ts';
import { HandedOver, TerminalError, Unreachable } from './errors.ts';

/** How long a step's failures that may pass are met with another attempt. */
export interface Patience {
  /** For failures that have nothing to do with somebody being away; and no fewer for those that have. */
  readonly attempts: number;
  /** For failures to reach somebody, counted from when the step was first scheduled. */
  readonly retryFor: DurationText;
}

export const DEFAULT_PATIENCE: Patience = { attempts: 5, retryFor: '30 minutes' };

/** The longest that the server waits between two attempts, as workflows/activity-options.ts asks for. */
export const LONGEST_PAUSE_MS = 60_000;

export interface Attempt {
  /** Counted from 1. */
  readonly attempt: number;
  /** Since the step was first scheduled. */
  readonly elapsedMs: number;
  /** As much of that as the step may take for itself, whoever is away; absent: nothing. */
  readonly ownMs?: number;
}

/**
 * Whether a failure is the step's last: it cannot pass, or patience with it has come to its end. Patience with somebody who is away
 * ends when both the time and the attempts are used up, so that work of hours is not given up at the first lost connection. Work that
 * goes on elsewhere while its worker stops has not failed at all.
 */
export function isLast(error: unknown, patience: Patience, made: Attempt): boolean {
  if (error instanceof TerminalError) return true;
  if (error instanceof HandedOver) return false;
  return error instanceof Unreachable
    ? isOver(patience, made) && made.attempt >= patience.attempts
    : made.attempt >= patience.attempts;
}

/**
 * The failure among several that asks for another attempt: that of which patience has most left decides for all.
 * @returns undefined when each is its step's last
 */
export function notLast<E>(errors: readonly E[], patience: Patience, made: Attempt): E | undefined {
  return errors.find((error) => !isLast(error, patience, made));
}

/**
 * Whether attempts before this one, of whose end nobody knows, have used everything up: their worker died each time. One that said in
 * time why it failed, and is followed by a pause, is not among them: what it said would be lost.
 * @param made `elapsedMs` at which this attempt was scheduled, however late it is begun
 */
export function isOverdue(patience: Patience, { attempt, elapsedMs, ownMs = 0 }: Attempt): boolean {
  // As long again as the pause: for the word of the failure to reach the server.
  const mostMs = milliseconds(patience.retryFor) + 2 * LONGEST_PAUSE_MS + ownMs;
  return attempt > patience.attempts && elapsedMs > mostMs;
}

/** As `isLast`, of work that is not to be done more often than was asked for, whoever is away. */
export function isLastOfCounted(error: unknown, { attempts }: Patience, { attempt }: Attempt): boolean {
  if (error instanceof HandedOver) return false;
  return error instanceof TerminalError || attempt >= attempts;
}

/** As `isOverdue`, of work that is not to be done more often than was asked for, whatever became of its workers. */
export function isUsedUp({ attempts }: Patience, { attempt }: Attempt): boolean {
  return attempt > attempts;
}

function isOver({ retryFor }: Patience, { elapsedMs, ownMs = 0 }: Attempt): boolean {
  return elapsedMs >= milliseconds(retryFor) + ownMs;
}
