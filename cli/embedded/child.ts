import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { LogFile } from './log-file.ts';

export interface Child {
  readonly pid: number;
  /** Settles when the process is gone. */
  readonly exited: Promise<number | null>;
  /** Asks the process to end, and insists after `graceMs`. */
  stop(graceMs?: number): Promise<void>;
}

export interface ChildOptions {
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Of the user that it runs as; absent: this process's. */
  readonly uid?: number;
  readonly gid?: number;
  /** How it is asked to end, politely first; then comes SIGKILL. Absent: SIGTERM. */
  readonly asking?: readonly NodeJS.Signals[];
}

/** Starts a process that writes to a log file. It gets its own process group, so that Ctrl-C reaches only us. */
export function startChild(command: string, args: readonly string[], options: ChildOptions): Child {
  const { uid, gid, asking = ['SIGTERM'] } = options;
  const child: ChildProcess = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const log = new LogFile(options.log);
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => log.write(chunk));
  child.once('error', (error) => log.write(Buffer.from(`${error.message}\n`)));
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', (code) => resolve(code));
  });
  const closed = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => resolve());
  });
  void closed.then(() => log.close());
  return {
    pid: child.pid ?? -1,
    exited,
    async stop(graceMs = 30_000) {
      for (const signal of [...asking, 'SIGKILL' as const]) {
        if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
        child.kill(signal);
        const waiting = new AbortController();
        const patience = delay(graceMs, undefined, { signal: waiting.signal }).catch(() => undefined);
        await Promise.race([exited, ...(signal === 'SIGKILL' ? [] : [patience])]);
        waiting.abort();
      }
    },
  };
}

/** Watches whether a child has ended, for those who wait until it is ready. */
export function whetherEnded(child: Child): () => boolean {
  let has = false;
  void child.exited.then(() => (has = true));
  return () => has;
}
