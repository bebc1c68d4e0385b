import { spawn } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import type { Readable } from 'node:stream';
import { Lines } from './lines.ts';

/** After SIGINT dbt cancels its queries, and a script may clean up; after each further step less patience. Milliseconds. */
const patience = [
  { signal: 'SIGINT', wait: 5_000 },
  { signal: 'SIGTERM', wait: 2_000 },
  { signal: 'SIGKILL', wait: Infinity },
] as const;

/** For what a program leaves behind, twice. */
const LAST_LINES_MS = 2_000;

/** Characters of standard error that are kept: enough for a traceback's end, far below what Temporal refuses. */
const tailLength = 4_000;

interface FencedCommand extends Output {
  readonly program: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Where it works; absent: where this process does. */
  readonly folder?: string;
}

interface Output {
  /** Takes each line of its standard output. */
  readonly onLine: (line: string) => void;
  /** Takes each line of its standard error; absent: only the tail is kept. */
  readonly onErrorLine?: (line: string) => void;
}

/** A process that leads a process group of its own. */
export interface GroupLeader {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** `error`, `exit` and `close` as a child process has them: https://nodejs.org/api/child_process.html#event-close */
  readonly events: EventEmitter;
  killGroup(signal: NodeJS.Signals): void;
}

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderrTail: string;
  /** Set when the program could not be started. */
  readonly notStarted: string | undefined;
}

/**
 * Runs a program in a process group of its own and settles when nothing of the group is left: after its end, or after an
 * abort has ended it. It must watch its standard input, which closes when this process ends, whatever way that is, and end its
 * group then: see `fence.sh`, which does so for any program, and `dbt_runner.py`.
 */
export function runFenced(command: FencedCommand, signal: AbortSignal): Promise<Exit> {
  const child = spawn(command.program, command.arguments, {
    detached: true,
    cwd: command.folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: command.environment,
  });
  // The runner never reads what is written; a broken pipe here only says that it has ended.
  child.stdin.on('error', () => undefined);
  const { stdout, stderr } = child;
  const kill = (by: NodeJS.Signals) => {
    if (child.pid !== undefined) killGroup(child.pid, by);
  };
  return untilEnded({ stdout, stderr, events: child, killGroup: kill }, command, signal);
}

/** As `runFenced`, of what was started otherwise. */
export async function untilEnded(child: GroupLeader, output: Output, signal: AbortSignal): Promise<Exit> {
  let stderrTail = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderrTail = (stderrTail + chunk).slice(-tailLength);
  });
  new Lines(output.onLine).readFrom(child.stdout);
  if (output.onErrorLine) new Lines(output.onErrorLine).readFrom(child.stderr);

  const ended = new Promise<Exit>((resolve) => {
    const settle = (code: number | null, by: NodeJS.Signals | null) =>
      resolve({ code, signal: by, stderrTail, notStarted: undefined });
    child.events.once('error', (error: Error) =>
      resolve({ code: null, signal: null, stderrTail, notStarted: error.message }),
    );
    child.events.once('close', settle);
    // What it left running holds its output open: a filter may have its last lines yet, what has left the group is not ours to end.
    child.events.once(
      'exit',
      (code: number | null, by: NodeJS.Signals | null) => void closed(child, () => settle(code, by)),
    );
  });

  const escalation = new AbortController();
  const abort = () => void endStepByStep(child, escalation.signal);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await ended;
  } finally {
    signal.removeEventListener('abort', abort);
    escalation.abort();
  }
}

/** Lets what a program has left behind write its last lines, then ends its group; gives up on what is no longer in it. */
async function closed(child: GroupLeader, giveUp: () => void): Promise<void> {
  const done = new AbortController();
  child.events.once('close', () => done.abort());
  await pause(LAST_LINES_MS, done.signal);
  child.killGroup('SIGKILL');
  await pause(LAST_LINES_MS, done.signal);
  if (done.signal.aborted) return;
  child.stdout.destroy();
  child.stderr.destroy();
  giveUp();
}

async function endStepByStep(child: GroupLeader, done: AbortSignal): Promise<void> {
  for (const step of patience) {
    if (done.aborted) return;
    child.killGroup(step.signal);
    if (step.wait !== Infinity) await pause(step.wait, done);
  }
}

/** Signals a process group; one without members is what is wanted. */
export function killGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // macOS answers EPERM where only a zombie is left.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function pause(milliseconds: number, done: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(finish, milliseconds);
    function finish() {
      clearTimeout(timer);
      done.removeEventListener('abort', finish);
      resolve();
    }
    done.addEventListener('abort', finish, { once: true });
  });
}
