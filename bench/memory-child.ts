import { pino } from 'pino';
import { loadProfile } from '../cli/session.ts';
import { resolveAll } from '../core/registry.ts';
import { runWorker } from '../worker/worker.ts';
import { IDLE, MEMORY_QUEUE } from './memory.ts';

// A worker to be measured: it tells what it holds in memory when it is asked.
process.on('message', () => {
  globalThis.gc?.();
  process.send?.(process.memoryUsage.rss());
});
const readAnew = async () => {
  const profile = await loadProfile('embedded');
  return {
    ...profile,
    temporal: { ...profile.temporal, taskQueue: MEMORY_QUEUE },
    worker: { ...profile.worker, metrics: undefined, health: undefined },
  };
};
await runWorker({
  profile: await readAnew(),
  readAnew,
  registry: resolveAll([IDLE]),
  dashboards: new Map(),
  codeVersion: 'bench',
  log: pino({ level: 'silent' }),
});
process.disconnect();
