import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { startChild } from '../../cli/embedded/child.ts';
import { ROOT } from '../../cli/embedded/home.ts';
import { answersAs } from '../../cli/embedded/health.ts';
import type { Profile } from '../../profiles/profile.ts';
import { eventually } from './wait.ts';

export interface LabWorker {
  readonly pid: number;
  /** Everything that it has logged. */
  log(): string;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  /** kill -9, and what is left of it is waited for. */
  kill(): Promise<void>;
  /** As an operator would: SIGTERM, with time to finish. */
  stop(): Promise<void>;
}

let hired = 0;

/** Starts a worker process on the lab's stack and waits until it takes work. */
export async function startWorker(home: string, profile: Profile): Promise<LabWorker> {
  const port = await getPort();
  const log = join(home, 'logs', `worker-${(hired += 1)}.log`);
  const child = startChild(process.execPath, ['--import', 'tsx', join(ROOT, 'test', 'faults', 'worker.ts')], {
    log,
    cwd: ROOT,
    env: {
      ...process.env,
      SLUICE_LAB_PROFILE: JSON.stringify({
        ...profile,
        worker: { ...profile.worker, health: `127.0.0.1:${port}` },
      }),
    },
  });
  let ended = false;
  void child.exited.then(() => (ended = true));
  const text = () => readFileSync(log, 'utf8');
  await eventually(
    'a worker',
    () => {
      if (ended) throw new Error(`The worker ended:\n${text()}`);
      return answersAs(child.pid, port);
    },
    60_000,
  );
  return {
    pid: child.pid,
    log: text,
    signal: (name) => process.kill(child.pid, name),
    async kill() {
      if (!ended) process.kill(child.pid, 'SIGKILL');
      await child.exited;
    },
    async stop() {
      if (!ended) process.kill(child.pid, 'SIGCONT');
      await child.stop(40_000);
    },
  };
}
