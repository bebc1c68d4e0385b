import { TerminalError, messageOf } from '../../core/errors.ts';

/** @throws {TerminalError} the text is no JSON */
export function parseOutput(subject: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new TerminalError(
      `${subject} gave something that is no JSON: ${messageOf(error).replace(/ in JSON.*| is not valid JSON.*/s, '')}. Write JSON to the file $SLUICE_OUTPUT, or nothing.`,
      { cause: error },
    );
  }
}
