import type { Client } from '@temporalio/client';

/** That a schedule is paused, and what was said of it. */
export interface Pause {
  readonly note: string | null;
}

/** How the schedule of a pipeline stands: paused, or it goes on, or Temporal has none. */
export type Standing = Pause | 'goes on' | 'not there';

/** Of every schedule that Temporal has, by its id, which is the pipeline's name. */
export type Pauses = ReadonlyMap<string, Exclude<Standing, 'not there'>>;

/** Which schedules there are, and which of them are paused. @throws when it does not answer within `patienceMs` */
export async function pauses(temporal: Client, patienceMs: number): Promise<Pauses> {
  const found = new Map<string, Exclude<Standing, 'not there'>>();
  await temporal.withDeadline(Date.now() + patienceMs, async () => {
    for await (const { scheduleId, state } of temporal.schedule.list())
      found.set(scheduleId, state.paused ? { note: state.note ?? null } : 'goes on');
  });
  return found;
}
