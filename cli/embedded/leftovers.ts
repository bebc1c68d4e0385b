import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerminalError } from '../../core/errors.ts';
import { POSTGRES_ASKING } from './postgres.ts';
import { commandOf, ended, isRunning, processId, signal, type ProcessId } from './processes.ts';
import { clearState, readState } from './state.ts';

const GRACE_MS = 30_000; // a worker lets its activities end for 20 s
const POSTGRES_GRACE_MS = 15_000;

/**
 * Ends what a killed stack left running on this home, in the order in which a stack ends: only processes that it wrote down,
 * and that still are what they were. Call it with the home's lock.
 * @throws {TerminalError} naming a process that cannot be ended
 */
export async function endLeftovers(home: string): Promise<void> {
  const state = readState(home);
  if (state && isRunning(state)) return; // not killed at all
  const { postgres, ...others } = { ...state?.children };
  // Who uses others first; whatever else was written down as well.
  for (const name of new Set(['pages', 'worker', 'aws-local', 'temporal', ...Object.keys(others)])) {
    const child = others[name];
    if (child) await end(name, child, ['SIGTERM'], GRACE_MS);
  }
  const postmaster = postmasterOf(join(home, 'postgres')) ?? postgres;
  if (postmaster) await end('PostgreSQL', postmaster, POSTGRES_ASKING, POSTGRES_GRACE_MS);
  clearState(home);
}

async function end(
  name: string,
  child: ProcessId,
  asking: readonly NodeJS.Signals[],
  graceMs: number,
): Promise<void> {
  for (const name of [...asking, 'SIGKILL' as const]) {
    signal(child, name);
    if (await ended(child, graceMs)) return;
  }
  throw new TerminalError(
    `Process ${child.pid} (${name}) of a stack that was killed cannot be ended. End it, then try again.`,
  );
}

/** The process that runs on a data folder, if its note and its command line say so. */
function postmasterOf(databaseDir: string): ProcessId | undefined {
  try {
    const pid = Number(readFileSync(join(databaseDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
    return commandOf(pid).includes(databaseDir) ? processId(pid) : undefined;
  } catch {
    return undefined;
  }
}
