import { proxyActivities } from '@temporalio/workflow';

/** Does one activity, whichever is named. */
export async function oneActivity(name: string, args: unknown[]): Promise<unknown> {
  const activities = proxyActivities({
    startToCloseTimeout: '5 minutes',
    heartbeatTimeout: '30 seconds',
    retry: { maximumAttempts: 1 },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });
  return activities[name]?.(...args);
}
