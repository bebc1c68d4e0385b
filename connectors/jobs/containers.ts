import { createHash } from 'node:crypto';
import { signalOf, SKIP, TRY_AGAIN } from '../process/exit-codes.ts';
import type { ContainerJob, JobEnding } from './port.ts';

/** Where a container finds its input and leaves its output, for all runners. */
export const FOLDER = '/sluice';
export const INPUT = `${FOLDER}/input.json`;
export const OUTPUT = `${FOLDER}/output.json`;

/** How a container's first process ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly outOfMemory: boolean;
  readonly ranMs: number;
  /** Its service, or that one's machine, went down beneath it. */
  readonly lost?: boolean;
}

/** Why it ended, by what the service says of it. */
export function endingOf({ exitCode, outOfMemory, ranMs, lost }: Ended, timeoutMs: number): JobEnding {
  if (outOfMemory && exitCode !== 0) return 'out of memory';
  // One that is told to stop may end as it will.
  if (ranMs >= timeoutMs) return 'timed out';
  return signalOf(exitCode) === undefined && !lost ? 'exited' : 'killed';
}

/** Whether it did all that it was to do. One that is stopped for its time may end with exit code 0 all the same. */
export function endedWell(ended: Ended, timeoutMs: number): boolean {
  return ended.exitCode === 0 && endingOf(ended, timeoutMs) === 'exited';
}

/** Whether an attempt that finds it ended takes what it gave; otherwise it is run again. */
export function isFinal(
  ended: Ended,
  { timeoutMs, retriesFailures }: Pick<ContainerJob, 'timeoutMs' | 'retriesFailures'>,
): boolean {
  const ending = endingOf(ended, timeoutMs);
  if (retriesFailures) return ending === 'exited' && (ended.exitCode === 0 || ended.exitCode === SKIP);
  return ended.exitCode !== TRY_AGAIN && ending !== 'killed';
}

/** What a job is called where names are of one service: the same for every attempt. */
export function nameOf({ name, token }: Pick<ContainerJob, 'name' | 'token'>): string {
  return `sluice-${name}-${createHash('sha256').update(token).digest('hex').slice(0, 16)}`;
}

/** What it finds beside its own variables. */
export function variablesOf({ environment }: Pick<ContainerJob, 'environment'>): Record<string, string> {
  return { ...environment, SLUICE_INPUT: INPUT, SLUICE_OUTPUT: OUTPUT };
}
