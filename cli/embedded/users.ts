import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './state.ts';

const POLL_MS = 200;
const folder = (home: string) => join(home, 'users');

/** Notes that this process uses a stack that another one runs. @returns what takes the note away */
export function useStack(home: string): () => void {
  mkdirSync(folder(home), { recursive: true });
  const file = join(folder(home), String(process.pid));
  writeFileSync(file, '');
  return () => rmSync(file, { force: true });
}

/** Waits until no other process uses this stack: a command that started it stays until the last one is done. */
export async function unused(home: string): Promise<void> {
  for (;;) {
    const users = names(home).filter((name) => isAlive(Number(name)));
    if (!users.length) return rmSync(folder(home), { recursive: true, force: true });
    await delay(POLL_MS);
  }
}

function names(home: string): string[] {
  try {
    return readdirSync(folder(home));
  } catch {
    return [];
  }
}
