import {
  CancellationScope,
  condition,
  defineSignal,
  isCancellation,
  log,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { placeSignal, type PoolPlace } from '../core/pools.ts';
import type { RunRef } from '../core/run.ts';
import { quick } from './activity-options.ts';
import { reason } from './failures.ts';

/** Who waits asks often enough to stay in line, and costs neither events nor a place in a worker meanwhile. */
const { awaitPlace } = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  heartbeatTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 1.5, maximumInterval: '5 seconds' },
  summary: 'wait for a place',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

/**
 * Does `work` while it has a place in a pool, which is given back whatever becomes of it.
 * @param onWait called when the pool is full, and with false when there is a place
 */
export async function withPlace<T>(
  run: RunRef,
  place: PoolPlace,
  work: () => Promise<T>,
  onWait: (waits: boolean) => void = () => undefined,
): Promise<T> {
  const ref = { ...run, patience: undefined }; // it waits as long as it must
  const { workflowId } = workflowInfo();
  try {
    if (!(await quick.takePlace(ref, place, workflowId))) {
      onWait(true);
      await untilGiven(place, () => awaitPlace(ref, place, workflowId));
      onWait(false);
    }
    return await work();
  } finally {
    // Closing the run gives back what was not given back here.
    await CancellationScope.nonCancellable(() => quick.leavePool(run.runId, place)).catch(
      (error: unknown) => {
        log.error('A place in a pool was not given back yet', { pool: place.pool, error: reason(error) });
      },
    );
  }
}

/** Waits until whoever leaves the pool has told that the place is given, or `asking` has found it so. */
async function untilGiven(place: PoolPlace, asking: () => Promise<void>): Promise<void> {
  const signal = defineSignal(placeSignal(place));
  let told = false;
  setHandler(signal, () => {
    told = true;
  });
  const scope = new CancellationScope();
  try {
    const found = scope.run(asking);
    await Promise.race([found, condition(() => told)]);
    scope.cancel();
    await found.catch((error: unknown) => {
      if (!isCancellation(error)) throw error;
    });
  } finally {
    setHandler(signal, undefined);
  }
}
