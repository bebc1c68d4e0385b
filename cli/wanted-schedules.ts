import { createHash } from 'node:crypto';
import {
  DAYS_OF_WEEK,
  MONTHS,
  ScheduleOverlapPolicy,
  type ScheduleOptions,
  type ScheduleSpec,
} from '@temporalio/client';
import { WATCH } from '../core/freshness.ts';
import type { Instant } from '../core/interval.ts';
import type { ResolvedOnFiles } from '../core/on-files.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';
import { isTimed, onFilesOf, type Schedule } from '../core/schedule.ts';
import { wakesOf } from '../core/wakes.ts';

/** Memo key of the schedules that are ours; its value says what they were made from. */
export const MARK = 'sluice';

const CATCHUP = '30 days'; // starts that an outage of Temporal held up are made good when it is back

/** The schedule that wakes a pipeline, called by its name; undefined where it has none. */
export function pipelineSchedule(pipeline: ResolvedPipeline, taskQueue: string): ScheduleOptions | undefined {
  const { name, description, schedule, start } = pipeline;
  const files = onFilesOf(schedule);
  if (files) return filesSchedule(pipeline, files, taskQueue);
  if (!isTimed(schedule)) return undefined;
  const spec = toSpec(schedule, start);
  const input = { pipeline: name, kind: 'scheduled', schedule, start };
  return {
    scheduleId: name,
    spec,
    policies: { overlap: ScheduleOverlapPolicy.BUFFER_ALL, catchupWindow: CATCHUP },
    action: {
      type: 'startWorkflow',
      workflowType: 'runPipeline',
      workflowId: name,
      taskQueue,
      args: [input],
      memo: mark(spec, input, taskQueue, description, CATCHUP),
      staticSummary: description,
    },
  };
}

/** The look at the place of a pipeline that runs on files. One that was missed is not made good: the next sees what it would have seen. */
function filesSchedule(
  { name, description }: ResolvedPipeline,
  { every }: ResolvedOnFiles,
  taskQueue: string,
): ScheduleOptions {
  return {
    scheduleId: name,
    spec: { intervals: [{ every }] },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: every },
    action: {
      type: 'startWorkflow',
      workflowType: 'pollFiles',
      workflowId: `${name}-poll`,
      taskQueue,
      args: [name],
      memo: mark(name, 'pollFiles', every, taskQueue, description),
      staticSummary: `Files of ${name}`,
    },
  };
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

function toSpec(schedule: Schedule, start: Instant): ScheduleSpec {
  const wakes = wakesOf(schedule, start);
  if ('everyMs' in wakes) return { intervals: [{ every: wakes.everyMs, offset: wakes.offsetMs }] };
  return {
    calendars: wakes.calendars.map(({ second, minute, hour, dayOfMonth, month, dayOfWeek }) => ({
      second: ranges(second, Number),
      minute: ranges(minute, Number),
      hour: ranges(hour, Number),
      dayOfMonth: ranges(dayOfMonth, Number),
      month: ranges(month, (value) => MONTHS[value - 1] ?? 'JANUARY'),
      dayOfWeek: ranges(dayOfWeek, (value) => DAYS_OF_WEEK[value] ?? 'SUNDAY'),
    })),
  };
}

/** Ascending numbers as the ranges that they make up, which is how people read them. */
function ranges<Unit>(
  values: readonly number[],
  named: (value: number) => Unit,
): { start: Unit; end: Unit }[] {
  const runs: [first: number, last: number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run && run[1] === value - 1) run[1] = value;
    else runs.push([value, value]);
  }
  return runs.map(([first, last]) => ({ start: named(first), end: named(last) }));
}

/** The memo of a schedule of ours. */
export function mark(...madeFrom: readonly unknown[]): Record<string, string> {
  const hash = createHash('sha256').update(JSON.stringify(madeFrom)).digest('hex');
  return { [MARK]: hash.slice(0, 16) };
}
