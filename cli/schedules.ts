import type { Client, ScheduleDescription, ScheduleOptions } from '@temporalio/client';
import { WATCH } from '../core/freshness.ts';
import { MARK } from './wanted-schedules.ts';

export interface ScheduleChange {
  readonly schedule: string;
  readonly change: 'created' | 'updated' | 'unchanged' | 'paused' | 'removed';
}

/**
 * Makes Temporal's schedules those that are wanted: creates what is missing, updates what differs, pauses a pipeline's that
 * is gone, for its past is worth keeping, and removes the watch, which has none. May be called again: what is right is left
 * alone, and a schedule that people paused stays paused.
 */
export async function reconcileSchedules(
  client: Client,
  wanted: readonly ScheduleOptions[],
): Promise<ScheduleChange[]> {
  const existing = new Set<string>();
  for await (const { scheduleId } of client.schedule.list()) existing.add(scheduleId);
  const changes: ScheduleChange[] = [];
  for (const options of wanted) {
    const schedule = options.scheduleId;
    changes.push({ schedule, change: await reconcile(client, options, existing.has(schedule)) });
  }
  const gone = [...existing].filter((name) => !wanted.some(({ scheduleId }) => scheduleId === name));
  for (const schedule of gone) {
    const change = await retire(client, schedule);
    if (change) changes.push({ schedule, change });
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

async function retire(client: Client, schedule: string): Promise<'paused' | 'removed' | undefined> {
  const handle = client.schedule.getHandle(schedule);
  const { state, action } = await handle.describe();
  if (markOf(action) === undefined) return undefined;
  if (schedule === WATCH.schedule) {
    await handle.delete();
    return 'removed';
  }
  if (state.paused) return undefined;
  await handle.pause('paused by sluice deploy: the pipeline is no longer scheduled in the registry');
  return 'paused';
}

function markOf(action: ScheduleDescription['action'] | ScheduleOptions['action']): string | undefined {
  return action.memo?.[MARK] as string | undefined;
}
