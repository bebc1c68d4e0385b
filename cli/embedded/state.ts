import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const stackState = z.object({
  /** The process that started the stack and ends it. */
  pid: z.int(),
  /** `ledger`: the databases alone, for commands that only read what happened. */
  parts: z.enum(['ledger', 'all']),
  postgresPort: z.int(),
  temporalPort: z.int(),
  uiPort: z.int(),
  metricsPort: z.int(),
  healthPort: z.int(),
  /** Processes that must not outlive the stack, by name. */
  children: z.record(z.string(), z.int()),
  /** What else the profile asks for. */
  variables: z.record(z.string(), z.string()),
});
export type StackState = z.infer<typeof stackState>;
export type StackParts = StackState['parts'];

const file = (home: string) => join(home, 'stack.json');

/** What the running stack wrote down, or the remains of one that was killed. */
export function readState(home: string): StackState | undefined {
  try {
    return stackState.parse(JSON.parse(readFileSync(file(home), 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeState(home: string, state: StackState): void {
  writeFileSync(`${file(home)}.new`, JSON.stringify(state, null, 2));
  renameSync(`${file(home)}.new`, file(home));
}

export function clearState(home: string): void {
  rmSync(file(home), { force: true });
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

/** The password of the embedded PostgreSQL: made once, readable by its owner only. */
export function databasePassword(home: string): string {
  const path = join(home, 'postgres-password');
  if (existsSync(path)) return readFileSync(path, 'utf8');
  mkdirSync(home, { recursive: true });
  const password = randomBytes(18).toString('base64url');
  writeFileSync(path, password, { mode: 0o600 });
  return password;
}
