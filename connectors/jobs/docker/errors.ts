import {
  messageOf,
  PipelineError,
  TerminalError,
  TransientError,
  Unreachable,
} from '../../../core/errors.ts';

/** The engine's own no. */
export class Refused extends Error {
  override name = 'Refused';
  readonly status: number;

  constructor(status: number, said: string) {
    super(said.trim() || `status ${status}`);
    this.status = status;
  }
}

export function isRefused(error: unknown, status: number): error is Refused {
  return error instanceof Refused && error.status === status;
}

/** Where the engine did not answer at all. */
export function unreached(host: string, error: unknown): Error {
  if (error instanceof PipelineError) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const cause = { cause: error };
  if (code === 'EACCES' || code === 'EPERM')
    return new TerminalError(
      `The container engine at ${host} may not be used by this worker. Let its user use the socket (group 'docker'), or correct 'jobs.container.host' in the profile.`,
      cause,
    );
  return new Unreachable(
    `The container engine at ${host} could not be reached: ${code ?? messageOf(error)}. Start it, or correct 'jobs.container.host' in the profile.`,
    cause,
  );
}

/** Turns the engine's no into ours, once. */
export function engineFailure(error: unknown, subject: string): unknown {
  if (!(error instanceof Refused)) return error;
  const { status, message } = error;
  const cause = { cause: error };
  return status >= 500 && status !== 501
    ? new TransientError(
        `${subject}: the container engine failed: ${message}. If it stays, look at its log.`,
        cause,
      )
    : new TerminalError(
        `${subject}: the container engine refuses it: ${message}. Correct 'container'.`,
        cause,
      );
}

/** Of a container that was made and could not be started: mostly its command. */
export function startFailure(error: unknown, subject: string, command: readonly string[]): unknown {
  if (!(error instanceof Refused)) return error;
  const { message } = error;
  if (!/exec|executable|not found|permission denied|no such file/i.test(message))
    return engineFailure(error, subject);
  const [program] = command;
  const what = program === undefined ? "what the image starts ('ENTRYPOINT', 'CMD')" : `'${program}'`;
  const said = message.replace(/^.*?(exec: |error during container init: )/s, '');
  return new TerminalError(
    `${subject} cannot be run: ${what} was not found in the image, or is no program (${said}). Correct 'command', or the image.`,
    { cause: error },
  );
}
