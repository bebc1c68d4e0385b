import { setTimeout as delay } from 'node:timers/promises';
import { ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reconcileSchedules } from '../../cli/schedules.ts';
import { pipelineSchedule } from '../../cli/wanted-schedules.ts';
import { startRun } from '../../operations/start-run.ts';
import { intervalText } from '../../core/interval.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import { Lab } from './lab.ts';
import { registry } from './shop.ts';
import { eventually } from './wait.ts';

const PIPELINE = 'shop_abroad';
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
  await lab.startWorker();
  const schedule = pipelineSchedule(pipelineNamed(registry, PIPELINE), lab.profile.temporal.taskQueue);
  if (schedule) await reconcileSchedules(lab.session.temporal, [schedule]);
});
afterAll(() => lab.close());

const handle = () => lab.session.temporal.schedule.getHandle(PIPELINE);
const runs = async () =>
  (await lab.session.ledger.runs({ pipeline: PIPELINE }))
    .map((run) => `${run.workflowId} ${intervalText(run.interval)} ${run.kind} ${run.outcome}`)
    .sort();

describe('the schedule of a pipeline in New York', { timeout: 240_000 }, () => {
  it('runs every day once over the night in which the clock goes forward', async () => {
    await handle().backfill({
      start: new Date('2024-03-08T00:00:00Z'),
      end: new Date('2024-03-12T00:00:00Z'),
      overlap: ScheduleOverlapPolicy.BUFFER_ALL,
    });
    // In March both offsets are in force, so each day has two wakes, of which one is idle.
    await eventually(
      'all wakes to have ended',
      async () => {
        const { info } = await handle().describe();
        return info.numActionsTaken >= 8 && info.runningActions.length === 0;
      },
      180_000,
    );
    expect(await runs()).toEqual([
      'shop_abroad-2024-03-09T08:00:00Z 2024-03-08T05:00:00Z/2024-03-09T05:00:00Z scheduled succeeded',
      'shop_abroad-2024-03-10T08:00:00Z 2024-03-09T05:00:00Z/2024-03-10T05:00:00Z scheduled succeeded',
      'shop_abroad-2024-03-11T07:00:00Z 2024-03-10T05:00:00Z/2024-03-11T04:00:00Z scheduled succeeded',
    ]);
    expect(
      await lab.session.temporal.workflow.getHandle(`${PIPELINE}-2024-03-11T08:00:00Z`).result(),
    ).toEqual({
      nothingDue: expect.stringContaining('Nothing of shop_abroad is due at 2024-03-11T08:00:00Z') as string,
    });
    expect(
      await lab.session.temporal.workflow.getHandle(`${PIPELINE}-2024-03-08T08:00:00Z`).result(),
    ).toEqual({
      nothingDue: expect.stringContaining('ends before its start, 2024-03-08T05:00:00Z') as string,
    });
  });

  it('that somebody triggers runs the last day that has ended', async () => {
    await delay(1_100); // Temporal drops a second start within a second
    await handle().trigger();
    const found = await eventually('the run to end', async () =>
      (await lab.session.ledger.runs({ pipeline: PIPELINE })).find(
        ({ outcome, interval }) => outcome === 'succeeded' && interval.end > '2024-04',
      ),
    );
    const age = Date.parse(found.startedAt) - Date.parse(found.interval.end);
    expect(age).toBeGreaterThanOrEqual(3 * 3_600_000);
    expect(age).toBeLessThan(28 * 3_600_000);
  });

  it('whose cron has changed can still run its old days again', async () => {
    const [old] = await lab.session.ledger.runs({ id: `${PIPELINE}-2024-03-11T07:00:00Z` });
    if (!old) throw new Error('It has not run.');
    // The same pipeline, by days that begin at six.
    const changed = new Map(registry).set(PIPELINE, {
      ...pipelineNamed(registry, PIPELINE),
      schedule: { cron: '0 6 * * *', timezone: 'America/New_York' },
    });
    const input = { pipeline: PIPELINE, interval: `${old.interval.start}/${old.interval.end}` };
    for (const kind of ['rerun', 'manual'] as const) {
      const again = await startRun(lab.session, changed, { ...input, kind });
      expect(await again.result()).toMatchObject({ interval: old.interval });
    }
    const unknown = {
      ...input,
      interval: '2024-03-11T05:00:00Z/2024-03-12T05:00:00Z',
      kind: 'manual',
    } as const;
    await expect(startRun(lab.session, changed, unknown)).rejects.toThrow('the nearest bounds are');
  });
});
