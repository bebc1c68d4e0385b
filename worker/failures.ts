import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { PipelineError, TerminalError, messageOf } from '../core/errors.ts';

const MAX_MESSAGE = 4_000; // characters; a failure of megabytes cannot be reported to Temporal at all

/**
 * What Temporal is told of anything an activity throws. Terminal errors are not retried; the links of the cause chain
 * keep their names, which a plain `Error` would lose on the way.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof CancelledFailure || error instanceof ApplicationFailure) return error;
  const cause = error instanceof Error && error.cause !== undefined ? toFailure(error.cause) : undefined;
  return ApplicationFailure.create({
    message: shorten(messageOf(error)),
    type: error instanceof Error ? error.name : 'Error',
    nonRetryable: error instanceof TerminalError,
    // A message of ours says all there is to say; a stack helps only with what nobody foresaw.
    ...(cause && !(error instanceof PipelineError) ? { cause } : {}),
  });
}

function shorten(message: string): string {
  return message.length <= MAX_MESSAGE
    ? message
    : `${message.slice(0, MAX_MESSAGE)} … (${message.length} characters)`;
}
