import { pino } from 'pino';
import type { Profile } from '../../profiles/profile.ts';
import { runWorker } from '../../worker/worker.ts';
import { registry } from './shop.ts';

// The product's worker with the tests' pipelines: a process of its own, so that it can be killed and stopped.
const profile = JSON.parse(process.env['SLUICE_LAB_PROFILE'] ?? '') as Profile;
await runWorker({
  profile,
  readAnew: () => Promise.resolve(profile),
  registry,
  dashboards: new Map(),
  codeVersion: 'lab',
  log: pino({ name: 'worker' }),
});
