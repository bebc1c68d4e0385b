import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

export interface Fenced {
  /** Of the fence, whose child the command is. */
  readonly pid: number | undefined;
  /** Settles with the exit code when the process is gone; 128 + signal where it was ended. */
  readonly exited: Promise<number>;
  /** Ends the process and every child of its own: asks, and insists after a few seconds. May be called again. */
  stop(): Promise<void>;
}

export interface FencedOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Takes what the process prints. */
  readonly log: string;
  /** Between asking and insisting. */
  readonly graceSeconds?: number;
}

/** Starts a process that cannot outlive this one, even if this one is killed: see `fence.sh`. */
export function startFenced(command: string, args: readonly string[], options: FencedOptions): Fenced {
  const { env = process.env, cwd, graceSeconds = 5 } = options;
  const child = spawn('bash', [join(import.meta.dirname, 'fence.sh'), command, ...args], {
    cwd,
    env: { ...env, FENCE_GRACE: String(graceSeconds) },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true, // Ctrl-C reaches us, and we end it
  });
  const log = createWriteStream(options.log, { flags: 'a' });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code ?? 1));
  }).finally(() => log.end());
  return {
    pid: child.pid,
    exited,
    async stop() {
      child.stdin.destroy();
      await exited;
    },
  };
}
