import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type ScheduleOptions } from '@temporalio/client';
import { optionalDateToTs } from '@temporalio/common/lib/time.js';
import fc from 'fast-check';
import getPort from 'get-port';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../cli/embedded/child.ts';
import { startTemporal } from '../../cli/embedded/temporal.ts';
import { reconcileSchedules } from '../../cli/schedules.ts';
import { pipelineSchedule } from '../../cli/wanted-schedules.ts';
import { Cadence } from '../../core/cadence.ts';
import { cron, delay, zoneAndChange } from '../../core/drawn-schedules-fixture.ts';
import { milliseconds } from '../../core/duration.ts';
import { toInstant, type DataInterval, type Instant } from '../../core/interval.ts';
import { resolvePipeline } from '../../core/resolve.ts';
import type { Schedule } from '../../core/schedule.ts';
import { isWake, wakesOf } from '../../core/wakes.ts';
import { eventually } from './wait.ts';

const HOUR_MS = 3_600_000;
const home = mkdtempSync(join(tmpdir(), 'sluice-schedules-'));
let server: Child;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  chmodSync(home, 0o755);
  mkdirSync(join(home, 'logs'));
  const port = await getPort();
  server = await startTemporal(home, port, await getPort());
  connection = await Connection.connect({ address: `127.0.0.1:${port}` });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
  rmSync(home, { recursive: true, force: true });
});

const aPipeline = (name: string, schedule: Schedule, start: string) =>
  resolvePipeline({
    name,
    description: 'A shop',
    schedule,
    start,
    source: 'shop',
    tables: { orders: { domain: name, extract: { mode: 'snapshot' } } },
  });
const wanted = (...parameters: Parameters<typeof aPipeline>): ScheduleOptions => {
  const options = pipelineSchedule(aPipeline(...parameters), 'nobody');
  if (!options) throw new Error('It has no schedule.');
  return options;
};

let made = 0;

/** What the server itself says: when it would start a pipeline of this schedule in `(from, to]`. */
async function wakes(schedule: Schedule, start: Instant, span: DataInterval): Promise<Instant[]> {
  const options = wanted(`shop_${(made += 1)}`, schedule, start);
  await client.schedule.create({ ...options, state: { paused: true } });
  const answer = await connection.workflowService.listScheduleMatchingTimes({
    namespace: 'default',
    scheduleId: options.scheduleId,
    startTime: timestamp(span.start),
    endTime: timestamp(span.end),
  });
  return answer.startTime.map((time) => toInstant(new Date(Number(time.seconds) * 1000)));
}

const timestamp = (instant: Instant) => optionalDateToTs(new Date(instant)) ?? null;

/** Which intervals run when the pipeline is started at every wake that the server names. */
async function ran(schedule: Schedule, start: Instant, span: DataInterval): Promise<DataInterval[]> {
  const cadence = new Cadence(schedule);
  const expected = wakesOf(schedule, start);
  const found = await wakes(schedule, start, span);
  expect(found.filter((at) => !isWake(expected, at))).toEqual([]);
  return found.flatMap((at) => cadence.intervalDueAt(at) ?? []);
}

/** The intervals that are due in `(from, to]`, by the cadence. */
function due(schedule: Schedule, span: DataInterval): DataInterval[] {
  const cadence = new Cadence(schedule);
  const intervals: DataInterval[] = [];
  let next = cadence.intervalEndedAt(span.start);
  for (;;) {
    next = cadence.intervalFrom(next.end);
    if (cadence.nominalTime(next) > span.end) return intervals;
    intervals.push(next);
  }
}

describe("Temporal's own matching times of a schedule", { timeout: 240_000 }, () => {
  it.each([
    [{ cron: '0 0 * * *', timezone: 'America/New_York', delay: '3 hours' }, '2026-03-06', 5],
    [{ cron: '0 0 * * *', timezone: 'Europe/Rome', delay: '2 hours' }, '2026-03-27', 5],
    [{ cron: '30 2 * * *', timezone: 'Europe/Rome' }, '2026-10-23', 5],
    [{ cron: '0 * * * *', timezone: 'Europe/Rome' }, '2026-10-24', 49],
    [{ cron: '*/30 * * * *', timezone: 'Europe/Rome', delay: '1 hour' }, '2026-10-24', 98],
    [{ cron: '0 0 * * *', timezone: 'America/Santiago' }, '2026-09-04', 5],
    [{ cron: '0 0 * * *', timezone: 'America/Havana', delay: '30 hours' }, '2026-03-06', 5],
    [{ cron: '0 0 * * *', timezone: 'Africa/Cairo' }, '2026-04-22', 5],
    [{ cron: '0 0 * * *', timezone: 'Asia/Beirut' }, '2026-03-27', 5],
    [{ cron: '0 0 * * *', timezone: 'Atlantic/Azores' }, '2026-03-27', 5],
    [{ cron: '0 0 13 * 5', timezone: 'UTC' }, '2026-11-06', 3],
    [{ cron: '0 */6 * * *', timezone: 'UTC', delay: '1 hour' }, '2026-11-06', 9],
    [{ every: '1 day', delay: '30 hours' }, '2026-11-06', 3],
  ] as const)('start every interval once: %j from %s', async (schedule, from, intervals) => {
    const cadence = new Cadence(schedule);
    const first = cadence.intervalFrom(cadence.instant(from));
    let last = first;
    for (let left = intervals - 1; left > 0; left -= 1) last = cadence.intervalFrom(last.end);
    const before = { start: '', end: first.start };
    const span = { start: cadence.nominalTime(before), end: cadence.nominalTime(last) };
    const found = await ran(schedule, first.start, span);
    expect(found).toHaveLength(intervals);
    expect(found).toEqual(due(schedule, span));
  });

  it('do so for any schedule, about the time at which its clocks are set', async () => {
    await fc.assert(
      fc.asyncProperty(zoneAndChange, cron, delay, async ({ timezone, change }, text, late) => {
        const schedule = { cron: text, timezone, delay: late };
        const about = change.at + (late === undefined ? 0 : milliseconds(late));
        const span = {
          start: toInstant(new Date(about - 8 * HOUR_MS)),
          end: toInstant(new Date(about + 8 * HOUR_MS)),
        };
        const start = toInstant(new Date(change.at - 19_200 * HOUR_MS));
        expect(await ran(schedule, start, span)).toEqual(due(schedule, span));
      }),
      { numRuns: 12, seed: 5 },
    );
  });

  it('are hardly more than there is due', async () => {
    const year = { start: '2026-01-01T00:00:00Z', end: '2027-01-01T00:00:00Z' };
    const count = async (schedule: Schedule) => (await wakes(schedule, '2020-01-01T00:00:00Z', year)).length;
    expect(await count({ cron: '0 0 * * *', timezone: 'UTC', delay: '2 hours' })).toBe(365);
    expect(await count({ cron: '0 0 * * 1', timezone: 'UTC', delay: '2 days' })).toBe(52);
    expect(await count({ cron: '0 0 1 * *', timezone: 'UTC' })).toBe(12);
    expect(await count({ cron: '0 0 1 * *', timezone: 'America/New_York' })).toBeLessThan(16);
    expect(await count({ cron: '0 0 * * *', timezone: 'America/New_York' })).toBeLessThan(430);
  });
});

describe('a deployment', { timeout: 120_000 }, () => {
  const daily = { cron: '0 0 * * *', timezone: 'UTC' };
  const names = ['one', 'two'] as const;
  const all = () => names.map((name) => wanted(name, daily, '2026-01-01'));
  /** As Temporal's list of schedules, which lags, comes to show it. */
  const listed = (expected: readonly string[]) =>
    eventually('the list of schedules', async () => {
      const found: string[] = [];
      for await (const { scheduleId } of client.schedule.list()) found.push(scheduleId);
      return expected.every((name) => found.includes(name));
    });
  const deploy = async (options: readonly ScheduleOptions[]) =>
    (await reconcileSchedules(client, options))
      .filter(({ schedule }) => ['one', 'two', 'three'].includes(schedule))
      .map((each) => `${each.schedule} ${each.change}${each.detail ? ` ${each.detail}` : ''}`);

  it('lets a pipeline that was taken out and put back go on, and says so', async () => {
    expect(await deploy(all())).toEqual(['one created', 'two created']);
    await listed(names);
    expect(await deploy(all().slice(0, 1))).toEqual(['one unchanged', 'two paused']);
    expect(await deploy(all())).toEqual(['one unchanged', 'two resumed']);
    expect((await client.schedule.getHandle('two').describe()).state.paused).toBe(false);
    expect(await deploy(all())).toEqual(['one unchanged', 'two unchanged']);
  });

  it('leaves what people have paused paused', async () => {
    const handle = client.schedule.getHandle('two');
    await handle.pause('by sluice pause');
    const kept = 'two unchanged and stays paused (by sluice pause)';
    expect(await deploy(all())).toEqual(['one unchanged', kept]);
    expect(await deploy(all().slice(0, 1))).toEqual(['one unchanged']);
    expect(await deploy(all())).toEqual(['one unchanged', kept]);
    expect((await handle.describe()).state.paused).toBe(true);
    await handle.unpause();
  });

  it('makes the others where one schedule cannot be made, and says which and why', async () => {
    const broken = { ...wanted('three', daily, '2026-01-01'), spec: { intervals: [{ every: 1 }] } };
    const changed = { ...daily, delay: '1 hour' as const };
    const [first, second] = await deploy([broken, wanted('one', changed, '2026-01-01')]);
    expect(first).toMatch(/^three failed .*nterval.*The others are deployed; correct its pipeline/);
    expect(second).toBe('one updated');
  });
});
