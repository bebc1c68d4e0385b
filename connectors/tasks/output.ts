import { OwnFailure, TerminalError, messageOf } from '../../core/errors.ts';
import { RESULT_LIMIT } from '../../core/tasks.ts';

/** @param place where it is to write it. @throws {TerminalError} the text is no JSON */
export function parseOutput(subject: string, text: string, place: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new TerminalError(
      `${subject} gave something that is no JSON: ${messageOf(error).replace(/ in JSON.*| is not valid JSON.*/s, '')}. Write JSON to ${place}, or nothing.`,
      { cause: error },
    );
  }
}

export function tooLarge(subject: string, bytes: number): TerminalError {
  return new TerminalError(
    `${subject} gave ${bytes} bytes; a result is ${RESULT_LIMIT} at most. Write data to the lake or the warehouse, and give where it is.`,
  );
}

export function tookTooLong(subject: string, timeout: string, lastLines: string): OwnFailure {
  return new OwnFailure(
    `${subject} took longer than its timeout of ${timeout} and was stopped.${lastLines}\nGive it more time ('timeout'), or less to do.`,
  );
}
