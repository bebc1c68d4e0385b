import { createHash } from 'node:crypto';
import { ScheduleOverlapPolicy, type ScheduleOptions, type ScheduleSpec } from '@temporalio/client';
import { delayedCron } from '../core/cadence.ts';
import { WATCH } from '../core/freshness.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';

/** Memo key of the schedules that are ours; its value says what they were made from. */
export const MARK = 'sluice';

const CATCHUP = '30 days'; // starts that an outage of Temporal held up are made good when it is back

/** One schedule for each pipeline that has one, called by its name. */
export function pipelineSchedules(
  registry: ReadonlyMap<string, ResolvedPipeline>,
  taskQueue: string,
): ScheduleOptions[] {
  return [...registry.values()]
    .filter((pipeline) => pipeline.schedule !== 'manual')
    .map((pipeline) => {
      const spec = toSpec(pipeline);
      const input = { pipeline: pipeline.name, kind: 'scheduled' };
      return {
        scheduleId: pipeline.name,
        spec,
        policies: { overlap: ScheduleOverlapPolicy.BUFFER_ALL, catchupWindow: CATCHUP },
        action: {
          type: 'startWorkflow',
          workflowType: 'runPipeline',
          workflowId: pipeline.name,
          taskQueue,
          args: [input],
          memo: mark(spec, input, taskQueue, pipeline.description, CATCHUP),
          staticSummary: pipeline.description,
        },
      };
    });
}

/** The look at every pipeline's freshness. One that was missed is not made good: the next sees what it would have seen. */
export function freshnessSchedule(taskQueue: string): ScheduleOptions {
  return {
    scheduleId: WATCH.schedule,
    spec: { intervals: [{ every: WATCH.every }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: WATCH.every },
    action: {
      type: 'startWorkflow',
      workflowType: 'watchFreshness',
      workflowId: WATCH.schedule,
      taskQueue,
      args: [],
      memo: mark(WATCH, taskQueue),
      staticSummary: 'How fresh the pipelines are',
    },
  };
}

function toSpec({ schedule }: ResolvedPipeline): ScheduleSpec {
  if (schedule === 'manual') return {};
  if ('every' in schedule) {
    return { intervals: [{ every: schedule.every, ...(schedule.delay ? { offset: schedule.delay } : {}) }] };
  }
  // Validation has made sure that the delay can be written as a cron.
  return {
    cronExpressions: [delayedCron(schedule.cron, schedule.delay) ?? schedule.cron],
    timezone: schedule.timezone,
  };
}

function mark(...madeFrom: readonly unknown[]): Record<string, string> {
  const hash = createHash('sha256').update(JSON.stringify(madeFrom)).digest('hex');
  return { [MARK]: hash.slice(0, 16) };
}
