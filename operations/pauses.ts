import type { Client } from '@temporalio/client';

/** That a schedule is paused, and what was said of it. */
export interface Pause {
  readonly note: string | null;
}

/** By the schedule's id, which is the pipeline's name. */
export type Pauses = ReadonlyMap<string, Pause>;

/** Which schedules Temporal has paused. @throws when it does not answer within `patienceMs` */
export async function pauses(temporal: Client, patienceMs: number): Promise<Pauses> {
  const paused = new Map<string, Pause>();
  await temporal.withDeadline(Date.now() + patienceMs, async () => {
    for await (const { scheduleId, state } of temporal.schedule.list())
      if (state.paused) paused.set(scheduleId, { note: state.note ?? null });
  });
  return paused;
}
