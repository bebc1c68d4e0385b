import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const runner = fileURLToPath(new URL('./dbt_runner.py', import.meta.url));

/** After SIGINT dbt cancels its queries; after each further step less patience. Milliseconds. */
const patience = [
  { signal: 'SIGINT', wait: 5_000 },
  { signal: 'SIGTERM', wait: 2_000 },
  { signal: 'SIGKILL', wait: Infinity },
] as const;

/** Characters of standard error that are kept: enough for a traceback's end, far below what Temporal refuses. */
const tailLength = 4_000;

interface FencedCommand {
  readonly python: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly onLine: (line: string) => void;
}

export interface Exit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderrTail: string;
  /** Set when the interpreter could not be started. */
  readonly notStarted: string | undefined;
}

/**
 * Runs dbt in a process group of its own and settles when nothing of the group is left: after its end, or after an
 * abort has ended it. The group also dies with this process, whatever way that ends: see `dbt_runner.py`.
 */
export async function runFenced(command: FencedCommand, signal: AbortSignal): Promise<Exit> {
  // -I: no user site, no PYTHON* settings; -u: lines as they come.
  const child = spawn(command.python, ['-I', '-u', runner, ...command.arguments], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: command.environment,
  });
  // The runner never reads what is written; a broken pipe here only says that it has ended.
  child.stdin.on('error', () => undefined);

  let stderrTail = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderrTail = (stderrTail + chunk).slice(-tailLength);
  });
  createInterface({ input: child.stdout }).on('line', command.onLine);

  const ended = new Promise<Exit>((resolve) => {
    child.once('error', (error) =>
      resolve({ code: null, signal: null, stderrTail, notStarted: error.message }),
    );
    child.once('close', (code, by) => {
      endGroup(child, 'SIGKILL');
      resolve({ code, signal: by, stderrTail, notStarted: undefined });
    });
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

async function endStepByStep(child: ChildProcess, done: AbortSignal): Promise<void> {
  for (const step of patience) {
    if (done.aborted) return;
    endGroup(child, step.signal);
    if (step.wait !== Infinity) await pause(step.wait, done);
  }
}

/** A group without members is what is wanted. */
function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
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
