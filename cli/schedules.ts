import {
  ScheduleNotFoundError,
  type Client,
  type ScheduleDescription,
  type ScheduleOptions,
} from '@temporalio/client';
import { messageOf } from '../core/errors.ts';
import { WATCH } from '../core/freshness.ts';
import { LAKE_GC } from './lake-schedule.ts';
import { MARK } from './wanted-schedules.ts';

export interface ScheduleChange {
  readonly schedule: string;
  /** `resumed`: this deployment has ended a pause that an earlier one began. */
  readonly change: 'created' | 'updated' | 'unchanged' | 'paused' | 'resumed' | 'removed' | 'failed';
  /** Why it failed; who has paused what is left as it is. */
  readonly detail?: string;
}

/** The note of a pause that is ours: only such a one is ended when the pipeline comes back. */
const PAUSED = 'paused by sluice deploy: the pipeline is no longer scheduled in the registry';

/**
 * Makes Temporal's schedules those that are wanted: creates what is missing, updates what differs, pauses a pipeline's that
 * is gone, for its past is worth keeping, lets it go on when the pipeline is back, and removes the watch, which has none. May
 * be called again: what is right is left alone, and a schedule that people paused stays paused. One that cannot be made
 * holds none of the others up. Those of `leftAlone` are not looked at.
 */
export async function reconcileSchedules(
  client: Client,
  wanted: readonly ScheduleOptions[],
  leftAlone: Iterable<string> = [],
): Promise<ScheduleChange[]> {
  const changes: ScheduleChange[] = [];
  for (const options of wanted) {
    const schedule = options.scheduleId;
    changes.push(await tried(schedule, () => reconcile(client, options)));
  }
  const known = new Set([...wanted.map(({ scheduleId }) => scheduleId), ...leftAlone]);
  const gone: string[] = [];
  for await (const { scheduleId } of client.schedule.list())
    if (!known.has(scheduleId)) gone.push(scheduleId);
  for (const schedule of gone) {
    const change = await tried(schedule, () => retire(client, schedule));
    if (change) changes.push(change);
  }
  return changes;
}

/** For people: `schedule olist: updated`. */
export function changeText({ schedule, change, detail }: ScheduleChange): string {
  return `schedule ${schedule}: ${change}${detail === undefined ? '' : `, ${detail}`}`;
}

async function tried<T>(schedule: string, act: () => Promise<T>): Promise<T | ScheduleChange> {
  try {
    return await act();
  } catch (error) {
    const { cause } = error as Error;
    const reason = [messageOf(error), ...(cause ? [messageOf(cause)] : [])].join(': ');
    return {
      schedule,
      change: 'failed',
      detail: `${reason}. The others are deployed; correct its pipeline, then deploy again.`,
    };
  }
}

async function reconcile(client: Client, options: ScheduleOptions): Promise<ScheduleChange> {
  const schedule = options.scheduleId;
  const handle = client.schedule.getHandle(schedule);
  const found = await described(client, schedule);
  if (!found) {
    await client.schedule.create(options);
    return { schedule, change: 'created' };
  }
  const isRight = markOf(found.action) === markOf(options.action);
  if (!isRight) {
    await handle.update(({ state }) => ({
      spec: options.spec,
      action: options.action,
      policies: options.policies ?? {},
      state,
    }));
  }
  const { paused, note } = found.state;
  if (paused && note === PAUSED) {
    await handle.unpause('by sluice deploy: the pipeline is back in the registry');
    return { schedule, change: 'resumed' };
  }
  return {
    schedule,
    change: isRight ? 'unchanged' : 'updated',
    ...(paused ? { detail: `and stays paused (${note ?? 'no reason given'})` } : {}),
  };
}

async function retire(client: Client, schedule: string): Promise<ScheduleChange | undefined> {
  const found = await described(client, schedule);
  if (!found || markOf(found.action) === undefined) return undefined;
  const handle = client.schedule.getHandle(schedule);
  if (schedule === WATCH.schedule || schedule === LAKE_GC) {
    await handle.delete();
    return { schedule, change: 'removed' };
  }
  if (found.state.paused) return undefined;
  await handle.pause(PAUSED);
  return { schedule, change: 'paused' };
}

async function described(client: Client, schedule: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(schedule).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function markOf(action: ScheduleDescription['action'] | ScheduleOptions['action']): string | undefined {
  return action.memo?.[MARK] as string | undefined;
}
