import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TransientError } from '../../core/errors.ts';
import { isRunning, ownProcessId, type ProcessId } from './processes.ts';

export type Release = () => void;

const POLL_MS = 50;
const FREE = '{}';

/**
 * Takes what one process at a time may have; who dies has it no longer. Files `<path>.<n>` stand for it, in a folder that is there: the
 * one with the greatest number says who has it. A number is never used twice while somebody could still act on what it said before, so that
 * of several who find a dead holder only one takes its place.
 * @returns what gives it back, or the process that has it
 */
export function tryLock(path: string): Release | ProcessId {
  for (;;) {
    const last = numbers(path).at(-1);
    const holder = last === undefined ? undefined : holderOf(`${path}.${last}`);
    if (holder && isRunning(holder)) return holder;
    const mine = (last ?? 0) + 1;
    if (!create(`${path}.${mine}`)) continue;
    const others = numbers(path).filter((number) => number !== mine);
    if (others.some((number) => number > mine)) {
      rmSync(`${path}.${mine}`, { force: true });
      continue;
    }
    for (const number of others) rmSync(`${path}.${number}`, { force: true });
    return () => replace(`${path}.${mine}`, FREE);
  }
}

/** Waits for it as long as a living process has it. @param waiting told once whom it waits for @throws the reason of `ending` */
export async function lock(
  path: string,
  ending: AbortSignal,
  waiting: (holder: ProcessId) => void,
): Promise<Release> {
  let told = false;
  for (;;) {
    const taken = tryLock(path);
    if (typeof taken === 'function') return taken;
    ending.throwIfAborted();
    if (!told) waiting(taken);
    told = true;
    await delay(POLL_MS);
  }
}

function numbers(path: string): number[] {
  const prefix = `${basename(path)}.`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((one, other) => one - other);
}

function holderOf(file: string): ProcessId | undefined {
  try {
    const { pid, began } = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessId>;
    return pid === undefined || began === undefined ? undefined : { pid, began };
  } catch {
    return undefined; // given back, or taken by somebody else meanwhile
  }
}

/** With its content, at once. @returns whether it was not there */
function create(file: string): boolean {
  const draft = drafted(file, JSON.stringify(ownProcessId()));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

function replace(file: string, content: string): void {
  renameSync(drafted(file, content), file);
}

/** @returns a file beside it with the content; none is left where that fails */
function drafted(file: string, content: string): string {
  const draft = `${dirname(file)}/.${randomUUID()}`;
  try {
    writeFileSync(draft, content);
    return draft;
  } catch (error) {
    rmSync(draft, { force: true });
    throw new TransientError(
      `Nothing can be written to ${dirname(file)}: ${messageOf(error)}. Mend that (make room, give the right to), then do it again.`,
      { cause: error },
    );
  }
}
