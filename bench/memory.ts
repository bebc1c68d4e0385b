import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Session } from '../cli/session.ts';
import { resolveAll } from '../core/registry.ts';
import { startRun } from '../operations/start-run.ts';
import { aPipeline } from './pipeline.ts';

export const IDLE = aPipeline('idle', { nothing: { script: ['true'] } });
export const MEMORY_QUEUE = 'bench-memory';

export interface MemoryFigures {
  readonly runs: number;
  readonly rssMb: number;
}

/** What a worker's process holds in memory after so many runs, as samples between. */
export async function benchMemory(session: Session, runs = 1_000, samples = 10): Promise<MemoryFigures[]> {
  const profile = {
    ...session.profile,
    temporal: { ...session.profile.temporal, taskQueue: MEMORY_QUEUE },
  };
  const registry = resolveAll([IDLE]);
  const worker = fork(join(import.meta.dirname, 'memory-child.ts'), {
    execArgv: ['--import', 'tsx', '--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const figures: MemoryFigures[] = [];
  try {
    for (let done = 0; done < runs;) {
      const day = new Date(Date.UTC(2018, 0, 1 + done)).toISOString().slice(0, 10);
      const next = new Date(Date.UTC(2018, 0, 2 + done)).toISOString().slice(0, 10);
      const request = { pipeline: 'idle', interval: `${day}/${next}` };
      await (await startRun({ ...session, profile }, registry, request)).result();
      done += 1;
      if (done % Math.max(1, Math.floor(runs / samples)) === 0)
        figures.push({ runs: done, rssMb: await rssOf(worker) });
    }
  } finally {
    const ended = once(worker, 'exit');
    worker.kill('SIGTERM');
    await ended;
  }
  return figures;
}

async function rssOf(worker: ReturnType<typeof fork>): Promise<number> {
  const told = once(worker, 'message') as Promise<[number]>;
  worker.send('rss');
  const [bytes] = await told;
  return bytes / 2 ** 20;
}
