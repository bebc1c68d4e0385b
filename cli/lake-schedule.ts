import { ScheduleOverlapPolicy, type ScheduleOptions } from '@temporalio/client';
import type { Profile } from '../profiles/profile.ts';
import { mark } from './wanted-schedules.ts';

export const LAKE_GC = 'sluice-lake-gc';

/** Removes what the lake no longer needs, as the profile says; none where it says `off`. One that was missed is not made good. */
export function lakeSchedule({ lake: { gc }, temporal: { taskQueue } }: Profile): ScheduleOptions[] {
  if (gc === 'off') return [];
  const { every, olderThan } = gc;
  return [
    {
      scheduleId: LAKE_GC,
      spec: { intervals: [{ every }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 hour' },
      action: {
        type: 'startWorkflow',
        workflowType: 'collectLake',
        workflowId: LAKE_GC,
        taskQueue,
        args: [olderThan],
        memo: mark(LAKE_GC, every, olderThan, taskQueue),
        staticSummary: `What the lake no longer needs, older than ${olderThan}`,
      },
    },
  ];
}
