/**
 * The two kinds of failure that run through everything. A terminal one cannot be cured by trying again
 * (a missing column, a wrong password); a transient one may (a lost connection). Each adapter translates its
 * vendor's errors once, into these; the worker turns `TerminalError` into a failure that Temporal does not retry.
 * What an adapter cannot place is transient: only what is known to be of no use is not tried again.
 *
 * Every message names the object and ends with the next step to take.
 */
export class PipelineError extends Error {
  override name = 'PipelineError';
  /** What the ledger keeps beside the message: JSON, without values of rows. */
  detail?: unknown;
}

/** Retrying cannot help. */
export class TerminalError extends PipelineError {
  override name = 'TerminalError';
}

/** What the project's author wrote has failed by itself: an exit code, an exception, its time. Tried again where its task asks for that. */
export class OwnFailure extends TerminalError {
  override name = 'OwnFailure';
}

/** Somebody does not let us in. Whoever can, looks whether the password was changed, and tries once more with the new one. */
export class LoginRefused extends TerminalError {
  override name = 'LoginRefused';
}

/** Retrying may help: so many times, as `attempts` of the pipeline says. Also what an adapter cannot place. */
export class TransientError extends PipelineError {
  override name = 'TransientError';
  /** How long to wait before; absent: as long as steps wait, 2 seconds to 1 minute. */
  pauseMs?: number;
}

/** Nothing is wrong: what is looked for is not there yet. Looked for again for as long as the step waits. */
export class NotYet extends TransientError {
  override name = 'NotYet';
}

/** Somebody else is away or busy, and comes back by itself: retried for as long as `retryFor` of the pipeline says. */
export class Unreachable extends TransientError {
  override name = 'Unreachable';
}

/**
 * The reason of an abort that concerns this process alone: work that is under way elsewhere goes on, and the next attempt joins
 * it. With any other reason nobody wants the work any more, and it is ended.
 */
export class HandedOver extends Unreachable {
  override name = 'HandedOver';
}

/** A definition, profile or input that does not hold; carries every problem, not only the first. */
export class InvalidInput extends TerminalError {
  override name = 'InvalidInput';
  readonly problems: readonly string[];

  constructor(subject: string, problems: readonly string[]) {
    super(
      `${subject} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n` +
        problems.map((problem) => `  - ${problem}`).join('\n'),
    );
    this.problems = problems;
  }
}

export class PipelineUnknown extends TerminalError {
  override name = 'PipelineUnknown';

  constructor(name: string, known: readonly string[]) {
    super(
      `Pipeline '${name}' is not in the registry. Known pipelines: ${known.join(', ') || 'none'}. ` +
        `Add a file for it to pipelines/, or correct the name; where it is there already, restart the worker: it runs older code.`,
    );
  }
}

export class TableUnknown extends TerminalError {
  override name = 'TableUnknown';

  constructor(pipeline: string, table: string, known: readonly string[]) {
    super(
      `Pipeline '${pipeline}' has no table '${table}'. It has: ${known.join(', ')}. Correct the name in 'tables'.`,
    );
  }
}

/** The message of anything thrown, without a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
