import { createHash } from 'node:crypto';
import {
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
  type ScheduleSpec,
} from '@temporalio/client';
import { delayedCron } from '../core/cadence.ts';
import type { ResolvedPipeline } from '../core/pipeline.ts';

export interface ScheduleChange {
  readonly schedule: string;
  readonly change: 'created' | 'updated' | 'unchanged' | 'paused';
}

const CATCHUP = '30 days'; // starts that an outage of Temporal held up are made good when it is back
const MARK = 'sluice'; // memo key of the schedules that are ours; its value says what they were made from

/**
 * Makes Temporal's schedules those of the registry: creates what is missing, updates what differs, pauses what is gone.
 * May be called again: what is right is left alone, and a schedule that people paused stays paused.
 */
export async function reconcileSchedules(
  client: Client,
  registry: ReadonlyMap<string, ResolvedPipeline>,
  taskQueue: string,
): Promise<ScheduleChange[]> {
  const existing = new Set<string>();
  for await (const { scheduleId } of client.schedule.list()) existing.add(scheduleId);
  const changes: ScheduleChange[] = [];
  const wanted = [...registry.values()].filter((pipeline) => pipeline.schedule !== 'manual');
  for (const pipeline of wanted) {
    const options = toOptions(pipeline, taskQueue);
    changes.push({
      schedule: pipeline.name,
      change: await reconcile(client, options, existing.has(pipeline.name)),
    });
  }
  const gone = [...existing].filter((name) => !wanted.some((pipeline) => pipeline.name === name));
  for (const name of gone) {
    const handle = client.schedule.getHandle(name);
    const { state, action } = await handle.describe();
    if (state.paused || markOf(action) === undefined) continue;
    await handle.pause('paused by sluice deploy: the pipeline is no longer scheduled in the registry');
    changes.push({ schedule: name, change: 'paused' });
  }
  return changes;
}

async function reconcile(
  client: Client,
  options: ScheduleOptions,
  exists: boolean,
): Promise<ScheduleChange['change']> {
  if (!exists) {
    await client.schedule.create(options);
    return 'created';
  }
  const handle = client.schedule.getHandle(options.scheduleId);
  if (markOf((await handle.describe()).action) === markOf(options.action)) return 'unchanged';
  await handle.update(({ state }) => ({
    spec: options.spec,
    action: options.action,
    policies: options.policies ?? {},
    state,
  }));
  return 'updated';
}

function toOptions(pipeline: ResolvedPipeline, taskQueue: string): ScheduleOptions {
  const spec = toSpec(pipeline);
  const input = { pipeline: pipeline.name, kind: 'scheduled' };
  const mark = createHash('sha256')
    .update(JSON.stringify([spec, input, taskQueue, pipeline.description, CATCHUP]))
    .digest('hex');
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
      memo: { [MARK]: mark.slice(0, 16) },
      staticSummary: pipeline.description,
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

function markOf(action: ScheduleDescription['action'] | ScheduleOptions['action']): string | undefined {
  return action.memo?.[MARK] as string | undefined;
}
