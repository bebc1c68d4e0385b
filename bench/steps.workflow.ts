import { proxyActivities } from '@temporalio/workflow';
import type { RunRef } from '../core/run.ts';

const { publish } = proxyActivities<{ publish: (run: RunRef) => Promise<void> }>({
  startToCloseTimeout: '10 seconds',
});

/** As many steps one after the other as asked for, each of which does nothing. */
export async function manySteps(run: RunRef, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) await publish(run);
}
