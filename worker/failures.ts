import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { NotYet, PipelineError, TerminalError, TransientError, messageOf } from '../core/errors.ts';
import { inWords } from '../core/duration.ts';
import { withoutValues } from '../core/values.ts';
import { isLast, isLastOfCounted, type Attempt, type Patience } from '../core/patience.ts';

const MAX_MESSAGE = 4_000; // characters; a failure of megabytes cannot be reported to Temporal at all

/** An attempt and the patience that there is with it. */
export type Tried = Attempt & {
  readonly patience: Patience;
  /** Not done more often than was asked for: somebody who is away is not waited for beyond that. */
  readonly isCounted: boolean;
};

/**
 * What Temporal is told of anything an activity throws. Terminal errors are not retried, nor are others once patience with them has come
 * to its end; the links of the cause chain keep their names, which a plain `Error` would lose on the way.
 * @param tried of a step; absent where the activity's own options bound its attempts
 * @param masked takes secrets out of a text
 */
export function toFailure(
  error: unknown,
  tried?: Tried,
  masked: (text: string) => string = (text) => text,
): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const cause =
    error instanceof Error && error.cause !== undefined
      ? toFailure(error.cause, undefined, masked)
      : undefined;
  const isLastOf = tried?.isCounted ? isLastOfCounted : isLast;
  const last = tried ? isLastOf(error, tried.patience, tried) : error instanceof TerminalError;
  return ApplicationFailure.create({
    message: shorten(masked(wordsOf(error))) + (last ? inHindsight(error, tried) : ''),
    type: error instanceof Error ? error.name : 'Error',
    nonRetryable: last,
    ...(error instanceof TransientError && error.pauseMs !== undefined && { nextRetryDelay: error.pauseMs }),
    // Neither logged nor counted as a failure.
    ...(error instanceof NotYet ? { category: ApplicationFailureCategory.BENIGN } : {}),
    // A message of ours says all there is to say; a stack helps only with what nobody foresaw.
    ...(cause && !(error instanceof PipelineError) ? { cause } : {}),
  });
}

/** What may be said of anything thrown. Adapters have taken the values of rows out of their words; nobody has out of others'. */
export function wordsOf(error: unknown): string {
  return error instanceof PipelineError ? error.message : withoutValues(messageOf(error));
}

function shorten(message: string): string {
  return message.length <= MAX_MESSAGE
    ? message
    : `${message.slice(0, MAX_MESSAGE)} … (${message.length} characters)`;
}

function inHindsight(error: unknown, tried: Tried | undefined): string {
  if (!tried || error instanceof TerminalError || tried.attempt === 1) return '';
  return ` (${tried.attempt} attempts in ${inWords(tried.elapsedMs)})`;
}
