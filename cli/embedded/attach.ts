import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TerminalError } from '../../core/errors.ts';
import { listens } from './listens.ts';
import { servesFolder } from './postgres.ts';
import { isRunning } from './processes.ts';
import { ownProject, runningState, type StackParts, type StackState } from './state.ts';
import { useStack } from './users.ts';
import { answersAs } from './health.ts';

const POLL_MS = 50;
const TIMEOUT_MS = 60_000;

export interface Attached {
  readonly state: StackState;
  /** Gives it up; it ends with its last user. */
  readonly leave: () => void;
}

/**
 * Uses the stack that another process runs on this home, once all answers that is needed.
 * @returns undefined when there is none after all: it has ended, or had too few parts and has ended since
 * @throws {TerminalError} naming what does not get ready
 */
export async function attach(
  home: string,
  needed: StackParts,
  say: (what: string) => void,
  ending: AbortSignal,
): Promise<Attached | undefined> {
  const leave = useStack(home);
  try {
    const state = await ready(home, needed, say, ending);
    if (state) return { state, leave };
  } catch (error) {
    leave();
    throw error;
  }
  leave();
  await gone(home, ending);
  return undefined;
}

async function ready(
  home: string,
  needed: StackParts,
  say: (what: string) => void,
  ending: AbortSignal,
): Promise<StackState | undefined> {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    ending.throwIfAborted();
    const state = runningState(home);
    if (!state || state.ending) return undefined;
    if (needed === 'all' && state.parts === 'ledger') {
      say(`waiting for process ${state.pid}, which has only a part of the stack running`);
      return undefined;
    }
    if (needed === 'all') mustBeOfProject(home, state);
    const missing = await notReady(home, state);
    if (!missing) return state;
    if (Date.now() > deadline)
      throw new TerminalError(
        `The stack of process ${state.pid} on ${home} does not work: ${missing} has not been ready for ${TIMEOUT_MS / 1000} s. Look at ${join(home, 'logs')}, or end it with 'sluice stop'.`,
      );
    await delay(POLL_MS);
  }
}

/** A worker runs the pipelines of its own project, whatever another one's are that have the same names. */
function mustBeOfProject(home: string, { pid, project }: StackState): void {
  if (project === undefined || project === ownProject()) return;
  throw new TerminalError(
    `The stack that process ${pid} runs on ${home} is that of the project in ${project}, and does not run the pipelines of ${ownProject()}. ` +
      `Set SLUICE_HOME to another folder for this project, or end that stack with 'sluice stop'.`,
  );
}

/** Which of the parts does not answer: each is asked whether it is the process that this stack has started. */
async function notReady(home: string, state: StackState): Promise<string | undefined> {
  const { postgres, temporal, worker } = state.children;
  if (!postgres || !isRunning(postgres) || !servesFolder(join(home, 'postgres'), postgres.pid))
    return 'PostgreSQL';
  if (state.parts === 'ledger') return undefined;
  if (!temporal || !isRunning(temporal) || !listens(temporal.pid, state.temporalPort)) return 'Temporal';
  if (!worker || !(await answersAs(worker.pid, state.healthPort))) return 'the worker';
  return undefined;
}

/** Waits for the end of a stack that cannot be used. */
async function gone(home: string, ending: AbortSignal): Promise<void> {
  const mark = (state: StackState | undefined) => state && `${state.pid} ${state.began} ${state.parts}`;
  const before = mark(runningState(home));
  while (before !== undefined && mark(runningState(home)) === before) {
    const state = runningState(home);
    if (state?.parts === 'all' && !state.ending) return; // it goes on, since we had said that we use it
    ending.throwIfAborted();
    await delay(POLL_MS);
  }
}
