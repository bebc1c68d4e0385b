import { milliseconds } from '../../core/duration.ts';
import { OwnFailure, TerminalError, TransientError } from '../../core/errors.ts';
import { bytesOf } from '../../core/size.ts';
import type { Container, TaskResult } from '../../core/tasks.ts';
import type { ContainerJob, ContainerOutcome, ContainerRunner } from '../jobs/port.ts';
import { NOT_EXECUTABLE, NOT_FOUND, signalOf, SKIP, TRY_AGAIN } from '../process/exit-codes.ts';
import { documentOf, runVariablesOf } from './input.ts';
import { TaskLog } from './log.ts';
import { parseOutput, tookTooLong, tooLarge } from './output.ts';
import type { TaskInput } from './port.ts';
import { tokenOf } from './token.ts';

export interface ContainerCall {
  /** `olist's task 'score'`, for messages. */
  readonly subject: string;
  readonly name: string;
  readonly container: Container;
  readonly timeout: string;
  readonly retriesFailures: boolean;
  /** Secrets of the profile. */
  readonly environment: Readonly<Record<string, string>>;
  /** Takes secrets out of what it writes. */
  readonly masked: (text: string) => string;
}

/** Runs a container to its end, with the contract that a script has. An attempt joins the container that an earlier one has started. */
export async function runContainer(
  call: ContainerCall,
  runner: ContainerRunner,
  input: TaskInput,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<TaskResult> {
  const log = new TaskLog(call.masked, onLine);
  const outcome = await runner
    .run(
      jobOf(call, input),
      signal,
      ({ jobRunId, state }) => onLine(`container ${jobRunId} of ${call.container.image}: ${state}`),
      log.take,
    )
    .finally(() => log.end());
  const { subject } = call;
  if (outcome.ending === 'exited' && outcome.exitCode === SKIP)
    return { skipped: log.lastLine ?? 'it ended with exit code 99' };
  if (!outcome.succeeded) throw failureOf(call, outcome, log.lastLines);
  const { output } = outcome;
  if (output === null) return { output: null };
  if (output.text === null) throw tooLarge(subject, output.bytes);
  return { output: parseOutput(subject, output.text, 'the file $SLUICE_OUTPUT') };
}

function jobOf(call: ContainerCall, input: TaskInput): ContainerJob {
  const { subject, name, container, timeout, retriesFailures, environment } = call;
  const { run, element } = input;
  const { image, command = [], cpu, memory, env } = container;
  return {
    subject,
    token: tokenOf(input, name),
    owner: run.runId,
    name: [run.pipeline, name, ...(element ? [String(element.index)] : [])].join('-').replaceAll('_', '-'),
    image,
    command,
    cpu,
    memory: memory === undefined ? undefined : bytesOf(memory),
    environment: { ...env, ...environment, ...runVariablesOf(input) },
    input: JSON.stringify(documentOf(input)),
    timeoutMs: milliseconds(timeout),
    retriesFailures,
  };
}

function failureOf(
  { subject, container, timeout }: ContainerCall,
  { ending, exitCode, message }: ContainerOutcome,
  last: string,
): Error {
  const code = String(exitCode);
  if (ending === 'timed out') return tookTooLong(subject, timeout, last);
  if (ending === 'out of memory') {
    const limit =
      container.memory === undefined ? 'the memory there is' : `its memory of ${container.memory}`;
    return new OwnFailure(
      `${subject} ran out of ${limit} and was killed (exit code ${code}).${last}\nGive it more ('container.memory'), or less to do.`,
    );
  }
  if (ending === 'killed')
    return new TransientError(
      `${subject} was ended by ${signalOf(exitCode) ?? 'a signal'}${exitCode === null ? '' : ` (exit code ${code})`}: somebody has stopped its container, its machine went down, or has no memory left.${last}\nIt is tried again.`,
    );
  if (exitCode === null)
    return new TerminalError(
      `${subject} could not be started: ${message ?? 'nobody says why'}.${last}\nCorrect 'container', then rerun.`,
    );
  if (exitCode === TRY_AGAIN)
    return new TransientError(`${subject} asked to be tried again (exit code ${TRY_AGAIN}).${last}`);
  if (exitCode === NOT_FOUND || exitCode === NOT_EXECUTABLE) {
    const [program] = container.command ?? [];
    const what = program === undefined ? 'what the image starts' : `'${program}'`;
    const why = exitCode === NOT_FOUND ? 'is not' : 'may not be run';
    return new TerminalError(
      `${subject} failed with exit code ${code}: ${what}, or a program that it starts, ${why} in image ${container.image}.${last}\nCorrect 'command', or the image.`,
    );
  }
  return new OwnFailure(`${subject} failed with exit code ${code}.${last}\nCorrect it, then rerun.`);
}
