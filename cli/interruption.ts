import { constants } from 'node:os';
import { isRunning, parentOf, processId, type ProcessId } from './embedded/processes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const WATCH_MS = 500;

/** Why work was given up: this process is to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

let current: AbortSignal | undefined;

/**
 * Does work that must be tidied up whatever ends this process: Ctrl-C, SIGTERM, a closed terminal, or the death of the npm that
 * started it. `work` gets a signal of that, tidies up and settles; then the process ends with 128 + the signal's number, and
 * what goes wrong in between is of no interest any more. Further signals change nothing.
 */
export async function interruptible<T>(work: (ending: AbortSignal) => Promise<T>): Promise<T> {
  if (current) return work(current);
  const ending = new AbortController();
  let code = 0;
  const end = (name: (typeof SIGNALS)[number]) => {
    if (ending.signal.aborted) return;
    code = 128 + constants.signals[name];
    for (const event of ['uncaughtException', 'unhandledRejection']) process.on(event, () => undefined);
    ending.abort(new Interrupted(`${name} was received`));
  };
  for (const name of SIGNALS) process.on(name, end);
  const unwatch = watchStarters(() => end('SIGHUP'));
  current = ending.signal;
  try {
    return await work(ending.signal);
  } finally {
    if (ending.signal.aborted) process.exit(code);
    current = undefined;
    unwatch();
    for (const name of SIGNALS) process.off(name, end);
  }
}

/** The result of the work, or the reason of `ending` as soon as that comes. */
export async function unlessEnding<T>(ending: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => undefined); // nobody may be waiting for it by then
  return Promise.race([work, whenEnding(ending)]);
}

/** @throws the reason, once there is one */
export function whenEnding(ending: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(ending.reason as Error);
    if (ending.aborted) end();
    else ending.addEventListener('abort', end, { once: true });
  });
}

/** npm starts a shell, which starts this process; when either is killed, nobody tells us. */
function watchStarters(died: () => void): () => void {
  if (process.env['npm_lifecycle_event'] === undefined) return () => undefined;
  const shell = processId(process.ppid);
  const npm = shell && processId(parentOf(shell.pid) ?? 0);
  const starters = [shell, npm].filter((each): each is ProcessId => each !== undefined && each.pid > 1);
  const timer = setInterval(() => {
    if (!starters.every(isRunning)) died();
  }, WATCH_MS);
  timer.unref();
  return () => clearInterval(timer);
}
