import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { postmasterPid } from './postgres.ts';
import { until } from './ready.ts';
import { clearState, isAlive, readState } from './state.ts';

const EXPECTED: Readonly<Record<string, RegExp>> = {
  postgres: /postgres/,
  temporal: /temporal server start-dev/,
  'aws-local': /aws-local[/\\]main\.ts/,
  worker: /worker[/\\]main\.ts/,
};
const END_TIMEOUT_MS = 40_000;

/** Ends what a killed stack left running on this home: only processes that it wrote down and that still are what they were. */
export async function endLeftovers(home: string): Promise<void> {
  const children = { ...readState(home)?.children };
  const postmaster = postmasterPid(join(home, 'postgres'));
  if (postmaster !== undefined) children['postgres'] = postmaster;
  const pids = Object.entries(children)
    .filter(([name, pid]) => pid > 0 && isAlive(pid) && EXPECTED[name]?.test(commandOf(pid)))
    .map(([, pid]) => pid);
  for (const pid of pids) process.kill(pid, 'SIGTERM');
  await until(
    'Ending a stack that was killed',
    () => Promise.resolve(pids.every((pid) => !isAlive(pid))),
    END_TIMEOUT_MS,
  );
  clearState(home);
}

function commandOf(pid: number): string {
  const onLinux = `/proc/${pid}/cmdline`;
  if (existsSync(onLinux)) return readFileSync(onLinux, 'utf8').replaceAll('\0', ' ');
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)]).toString();
  } catch {
    return '';
  }
}
