import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PROJECT } from '../../profiles/project.ts';
import { isRunning } from './processes.ts';

const processId = z.object({ pid: z.int(), began: z.string() });

const stackState = z.object({
  /** The process that started the stack and ends it. */
  ...processId.shape,
  /** `ledger`: the databases alone, for commands that only read what happened. */
  parts: z.enum(['ledger', 'all']),
  /** The folder of the project whose pipelines its worker runs. */
  project: z.exactOptional(z.string()),
  /** Nobody may begin to use it any more. */
  ending: z.boolean(),
  postgresPort: z.int(),
  temporalPort: z.int(),
  uiPort: z.int(),
  metricsPort: z.int(),
  healthPort: z.int(),
  /** Absent: the home has no MySQL. */
  mysqlPort: z.int().optional(),
  /** Of the pages, where they are served. */
  pagesPort: z.exactOptional(z.int()),
  /** Processes that must not outlive the stack, by name. */
  children: z.record(z.string(), processId),
  /** What else the profile asks for. */
  variables: z.record(z.string(), z.string()),
});
export type StackState = z.infer<typeof stackState>;
export type StackParts = StackState['parts'];

/** The folder of this process' project, as `StackState.project` has it. */
export function ownProject(): string {
  return realpathSync(PROJECT);
}

const file = (home: string) => join(home, 'stack.json');

/** What the running stack wrote down, or the remains of one that was killed. */
export function readState(home: string): StackState | undefined {
  try {
    return stackState.parse(JSON.parse(readFileSync(file(home), 'utf8')));
  } catch {
    return undefined;
  }
}

/** What the stack that runs on this home wrote down, if one does. */
export function runningState(home: string): StackState | undefined {
  const state = readState(home);
  return state && isRunning(state) ? state : undefined;
}

export function writeState(home: string, state: StackState): void {
  writeFileSync(`${file(home)}.new`, JSON.stringify(state, null, 2));
  renameSync(`${file(home)}.new`, file(home));
}

export function clearState(home: string): void {
  rmSync(file(home), { force: true });
}

const passwordFile = (home: string) => join(home, 'postgres-password');

/** The password of the embedded PostgreSQL; undefined before its first start. */
export function knownPassword(home: string): string | undefined {
  return existsSync(passwordFile(home)) ? readFileSync(passwordFile(home), 'utf8') : undefined;
}

/** The password of the embedded PostgreSQL: made once, readable by its owner only. */
export function databasePassword(home: string): string {
  const known = knownPassword(home);
  if (known !== undefined) return known;
  mkdirSync(home, { recursive: true });
  const password = randomBytes(18).toString('base64url');
  writeFileSync(passwordFile(home), password, { mode: 0o600 });
  return password;
}
