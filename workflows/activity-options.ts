import {
  proxyActivities,
  proxyLocalActivities,
  type ActivityOptions,
  type RetryPolicy,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { milliseconds, type DurationText } from '../core/duration.ts';
import type { ResolvedTask } from '../core/tasks.ts';

/** When the attempts end is for the worker to say, by the kind of failure (core/patience.ts): the server would count only. */
const RETRY: RetryPolicy = {
  initialInterval: '2 seconds',
  backoffCoefficient: 2,
  maximumInterval: '1 minute',
};

/** Short writes to the ledger: run inside the workflow task, no trip over a queue. Retried while the ledger is away. */
export const quick = proxyLocalActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 hour',
  localRetryThreshold: '1 minute',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '30 seconds' },
});

/** How something has ended: work that went well does not fail because the ledger is away for long. */
export const ending = proxyLocalActivities<Activities>({
  startToCloseTimeout: '30 seconds',
  scheduleToCloseTimeout: '7 days',
  localRetryThreshold: '1 minute',
  retry: { initialInterval: '200 milliseconds', maximumInterval: '1 minute' },
});

/** Short reads of the warehouse and writes to the ledger that are steps of a run. */
export const brief: ActivityOptions = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: RETRY,
};

/** Telling people and counting. Not tried for ever: the run waits for it, and its outcome stands already. */
export const reporting = proxyActivities<Activities>({
  startToCloseTimeout: '3 minutes',
  scheduleToCloseTimeout: '10 minutes',
  heartbeatTimeout: '20 seconds',
  retry: { ...RETRY, maximumAttempts: 5 },
  summary: 'report',
});

/** Work that nobody waits for; the schedule comes again. */
export const housekeeping = proxyActivities<Activities>({
  startToCloseTimeout: '6 hours',
  scheduleToCloseTimeout: '12 hours',
  heartbeatTimeout: '1 minute',
  retry: RETRY,
  summary: 'housekeeping',
});

/** A look at a place that files arrive at. The schedule comes again. */
export const looks = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  scheduleToCloseTimeout: '1 hour',
  heartbeatTimeout: '1 minute',
  retry: { ...RETRY, maximumAttempts: 5 },
  summary: 'look for files',
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
});

/** Rows on their way: from the source to the lake, from the lake to the warehouse. */
export const transfer: ActivityOptions = {
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '10 seconds',
  retry: RETRY,
};

/** Work of others that is started and watched: dbt, later Spark. */
export const compute: ActivityOptions = {
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '15 seconds',
  retry: RETRY,
};

/**
 * A step that the pipeline's author wrote: it is stopped when its own time is over, and says so itself. That of a container begins
 * when its image is there and a place for it, and what runs elsewhere takes its time to stop.
 */
export function ofTask({ timeout, does }: Pick<ResolvedTask, 'timeout' | 'does'>): ActivityOptions {
  const isElsewhere = 'container' in does || 'spark' in does;
  return {
    startToCloseTimeout: milliseconds(timeout) + (isElsewhere ? 15 : 1) * 60_000,
    heartbeatTimeout: '15 seconds',
    retry: RETRY,
  };
}

/**
 * A look for what a step waits for. Each that finds nothing is an attempt that failed, and the server makes the next one: however long
 * the wait is, the history holds one activity, and no worker is kept busy between two looks.
 */
export function looking(
  summary: string,
  every: DurationText,
  timeout: DurationText,
): Pick<Activities, 'lookFor'> {
  return proxyActivities<Activities>({
    startToCloseTimeout: '1 minute',
    heartbeatTimeout: '15 seconds',
    scheduleToCloseTimeout: timeout,
    retry: { initialInterval: every, backoffCoefficient: 1, maximumInterval: every },
    summary,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });
}

/** One more look, when the time of a wait is over: made by whoever is there by then. */
export function lookingLast(summary: string): Pick<Activities, 'lookFor'> {
  return proxyActivities<Activities>({
    startToCloseTimeout: '1 minute',
    scheduleToCloseTimeout: '10 minutes',
    heartbeatTimeout: '15 seconds',
    retry: { initialInterval: '1 second', backoffCoefficient: 1, maximumAttempts: 3 },
    summary: `${summary}, for the last time`,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });
}

/** The activities under options of one group, each call with a summary that the Web UI shows. */
export function withOptions(
  options: ActivityOptions,
  summary: string,
): Pick<
  Activities,
  'extract' | 'extractAll' | 'load' | 'transform' | 'check' | 'publish' | 'pages' | 'runTask' | 'runElement'
> {
  // A cancelled run is over when its activities have cleaned up, not when they have been told to.
  return proxyActivities<Activities>({
    ...options,
    summary,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });
}
