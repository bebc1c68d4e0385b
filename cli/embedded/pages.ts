import { join } from 'node:path';
import { PROJECT } from '../../profiles/project.ts';
import { startChild, whetherEnded, type Child } from './child.ts';
import { embeddedEnvironment } from './environment.ts';
import { answersAs } from './health.ts';
import { ROOT } from './home.ts';
import { until } from './ready.ts';
import type { StackState } from './state.ts';
import { orCleanUp } from '../../core/clean-up.ts';

const START_TIMEOUT_MS = 60_000;

/** Serves the pages of the stack, and waits until they can be looked at. @throws {TerminalError} where they cannot be served */
export async function startPages(
  profile: string,
  home: string,
  state: StackState & { readonly pagesPort: number },
  begun: (pid: number) => void,
): Promise<Child> {
  const log = join(home, 'logs', 'pages.log');
  // It lasts for weeks and has little to do: a quarter less memory for a sixth more time (docs/benchmarks.md).
  const child = startChild(process.execPath, ['--optimize-for-size', join(ROOT, 'bin', 'pages')], {
    log,
    env: { ...process.env, ...embeddedEnvironment(home, state), SLUICE_PROFILE: profile },
    cwd: PROJECT,
  });
  begun(child.pid);
  const hasEnded = whetherEnded(child);
  await orCleanUp(
    async () => {
      await until(
        'The server of the pages',
        () => answersAs(child.pid, state.pagesPort),
        START_TIMEOUT_MS,
        () => (hasEnded() ? `it ended; look at ${log}` : undefined),
      );
    },
    () => child.stop(),
  );
  return child;
}
