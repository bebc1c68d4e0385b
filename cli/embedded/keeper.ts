import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './home.ts';

/** Waits for the end of its standard input, which is that of the process that holds the other end, however it ends. */
const WATCH = 'cat >/dev/null; exec "$0" "$@"';

/**
 * Watches over a stack from outside: should this process be killed, what it started is ended in order, as `sluice stop` would.
 * A shell of one megabyte until then.
 * @returns what ends the watch
 */
export function startKeeper(profile: string): () => void {
  const sluice = [join(ROOT, 'bin', 'sluice'), '--profile', profile, 'stop', '--leftovers'];
  const keeper = spawn('sh', ['-c', WATCH, process.execPath, ...sluice], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // out of reach of the signals that end us
  });
  keeper.on('error', () => undefined); // the next start ends what is left
  keeper.stdin.on('error', () => undefined);
  keeper.unref();
  return () => {
    if (keeper.pid === undefined || keeper.exitCode !== null) return;
    try {
      process.kill(-keeper.pid, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  };
}
