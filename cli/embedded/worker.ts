import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild, whetherEnded, type Child } from './child.ts';
import { PROJECT } from '../../profiles/project.ts';
import { embeddedEnvironment } from './environment.ts';
import { answersAs } from './health.ts';
import { ROOT } from './home.ts';
import { until } from './ready.ts';
import type { StackState } from './state.ts';
import { orCleanUp } from '../../core/clean-up.ts';

const START_TIMEOUT_MS = 60_000;

/** Starts a worker on the stack. It is ready when `answersAs` says so. */
export function startWorker(profile: string, home: string, state: StackState): Child {
  return startChild(process.execPath, [join(ROOT, 'bin', 'worker')], {
    log: join(home, 'logs', 'worker.log'),
    env: { ...process.env, ...embeddedEnvironment(home, state), SLUICE_PROFILE: profile },
    cwd: PROJECT,
  });
}

/** Starts a worker and waits until it takes work. @throws {TerminalError} with its last words where it ends */
export async function startWorkingWorker(
  profile: string,
  home: string,
  state: StackState,
  begun: (pid: number) => void,
): Promise<Child> {
  const child = startWorker(profile, home, state);
  begun(child.pid);
  const hasEnded = whetherEnded(child);
  await orCleanUp(
    async () => {
      await until(
        'The worker',
        () => answersAs(child.pid, state.healthPort),
        START_TIMEOUT_MS,
        () => (hasEnded() ? `${lastWords(home)}; look at ${join(home, 'logs', 'worker.log')}` : undefined),
      );
    },
    () => child.stop(),
  );
  return child;
}

function lastWords(home: string): string {
  try {
    const last =
      readFileSync(join(home, 'logs', 'worker.log'), 'utf8')
        .trimEnd()
        .split('\n')
        .at(-1) ?? '';
    const { msg, err } = JSON.parse(last) as { msg?: string; err?: { message?: string } };
    return `it ended: ${[msg, err?.message].filter(Boolean).join(': ')}`;
  } catch {
    return 'it ended';
  }
}
