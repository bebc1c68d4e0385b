import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isRunning, ownProcessId } from './processes.ts';

const POLL_MS = 200;
const SILENT_MS = 5_000;
const folder = (home: string) => join(home, 'users');

/** Notes that this process uses a stack that another one runs. @returns what takes the note away */
export function useStack(home: string): () => void {
  mkdirSync(folder(home), { recursive: true });
  const { pid, began } = ownProcessId();
  const file = join(folder(home), String(pid));
  writeFileSync(file, began);
  return () => rmSync(file, { force: true });
}

/** Waits until no other process uses this stack: a command that started it stays until the last one is done. */
export async function unused(home: string, say: (what: string) => void, ending: AbortSignal): Promise<void> {
  const began = Date.now();
  for (let told = false; !ending.aborted;) {
    const users = usersOf(home);
    if (!users.length) return;
    if (!told && Date.now() - began > SILENT_MS) {
      say(
        `the stack is still used by process ${users.join(', ')}: it ends with the last of them, or with Ctrl-C`,
      );
      told = true;
    }
    await delay(POLL_MS);
  }
}

export function hasUsers(home: string): boolean {
  return usersOf(home).length > 0;
}

/** Numbers of processes; the notes of those that were killed go. */
function usersOf(home: string): string[] {
  return names(home).filter((name) => {
    const lives = isRunning({ pid: Number(name), began: note(home, name) });
    if (!lives) rmSync(join(folder(home), name), { force: true });
    return lives;
  });
}

function names(home: string): string[] {
  try {
    return readdirSync(folder(home));
  } catch {
    return [];
  }
}

function note(home: string, name: string): string {
  try {
    return readFileSync(join(folder(home), name), 'utf8');
  } catch {
    return '';
  }
}
