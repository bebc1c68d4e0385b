import { spawnSync } from 'node:child_process';

/** Whether a process still runs: one that was killed stays in the list until somebody looks. */
export function isRunning(pid: string): boolean {
  const state = spawnSync('ps', ['-o', 'stat=', '-p', pid]).stdout.toString().trim();
  return state !== '' && !state.startsWith('Z');
}
