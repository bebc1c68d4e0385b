import { setTimeout as delay } from 'node:timers/promises';
import { ScheduleOverlapPolicy, type ScheduleHandle } from '@temporalio/client';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deploy } from '../../cli/commands/deploy.ts';
import { reconcileSchedules, type ScheduleChange } from '../../cli/schedules.ts';
import { freshnessSchedule, pipelineSchedule } from '../../cli/wanted-schedules.ts';
import { pipelineNamed } from '../../core/run-request.ts';
import type { Profile } from '../../profiles/profile.ts';
import type { FreshnessLook } from '../../workflows/watch-freshness.ts';
import { lockTable, untilBlocked } from './holder.ts';
import { notCounted, startReportingLab, type ReportingLab } from './reporting-lab.ts';
import { registry } from './shop.ts';
import { eventually } from './wait.ts';

const PIPELINE = 'shop_watched';
const HOUR_MS = 3_600_000;
let reporting: ReportingLab;
let schedule: ScheduleHandle;

beforeAll(async () => {
  reporting = await startReportingLab();
  schedule = reporting.lab.session.temporal.schedule.getHandle('sluice-freshness');
});
afterAll(() => reporting.close());

/** As it is, but for its ticks: the tests start every look. */
const wanted = () => ({ ...freshnessSchedule(reporting.lab.profile.temporal.taskQueue), spec: {} });
/** Waits until Temporal's list of schedules, which lags, shows what was changed. */
const listed = async (changes: readonly ScheduleChange[]): Promise<string[]> => {
  const { temporal } = reporting.lab.session;
  await eventually('the list of schedules to show the change', async () => {
    const names = new Set<string>();
    for await (const { scheduleId } of temporal.schedule.list()) names.add(scheduleId);
    return changes.every((each) => names.has(each.schedule) === (each.change !== 'removed'));
  });
  return changes.map((each) => `${each.schedule} ${each.change}`);
};
const reconciled = async (...schedules: ReturnType<typeof wanted>[]) =>
  listed(await reconcileSchedules(reporting.lab.session.temporal, schedules));

/** Has the schedule start a look, and waits for what it finds. */
const look = async (): Promise<FreshnessLook> => {
  const started = async () => (await schedule.describe()).info.numActionsTaken;
  const before = await started();
  await delay(1_100); // Temporal drops a second start within a second
  await schedule.trigger(ScheduleOverlapPolicy.SKIP); // only then is it handed the last result, as ticks are
  await eventually('a look at freshness', async () => (await started()) > before);
  const last = (await schedule.describe()).info.recentActions.at(-1)?.action;
  if (!last) throw new Error('The schedule has started nothing.');
  const { workflowId } = last.workflow;
  return reporting.lab.session.temporal.workflow.getHandle(workflowId).result() as Promise<FreshnessLook>;
};

/** Makes what the pipeline has loaded as old as this. */
const age = async (ms: number): Promise<void> => {
  const { host, port, user, password, database } = reporting.lab.profile.ledger;
  const ledger = new pg.Client({ host, port, user, password, database });
  await ledger.connect();
  await ledger.query('UPDATE steps SET interval_end = $1 WHERE pipeline = $2', [
    new Date(Date.now() - ms),
    PIPELINE,
  ]);
  await ledger.end();
};

describe('the watch over freshness', { timeout: 120_000 }, () => {
  it('is a schedule that a deployment makes, leaves alone, and removes', async () => {
    expect(await reconciled(wanted())).toEqual(['sluice-freshness created']);
    expect(await reconciled(wanted())).toEqual(['sluice-freshness unchanged']);
    expect(await reconciled()).toEqual(['sluice-freshness removed']);
    expect(await reconciled(wanted())).toEqual(['sluice-freshness created']);
  });

  it('counts a pipeline that was never loaded, and does not tell of what is long past', async () => {
    expect(await look()).toMatchObject({ stale: [PIPELINE], problems: [] });
    expect(reporting.webhook.notices).toEqual([]);
    if (!notCounted) expect(await reporting.recorded('freshnessBreaches')).toEqual({ sum: 1, count: 1 });
  });

  it('finds nothing where a run has succeeded lately', async () => {
    await (await reporting.lab.run({ pipeline: PIPELINE })).result();
    expect(await look()).toMatchObject({ stale: [], problems: [] });
    expect(reporting.webhook.notices).toEqual([]);
    if (!notCounted) expect(await reporting.recorded('freshnessBreaches')).toEqual({ sum: 1, count: 2 });
  });

  it('is not led to think so by an old interval that is loaded today', async () => {
    await age(5 * HOUR_MS);
    const old = { pipeline: PIPELINE, interval: '2024-03-01T00:00:00Z/2024-03-01T01:00:00Z' };
    await (await reporting.lab.run(old)).result();
    expect(await look()).toMatchObject({ stale: [PIPELINE] });
    await age(0);
    expect(await look()).toMatchObject({ stale: [] });
  });

  it.each([
    [2, { severity: 'warning', limit: '2 hours' }],
    [4, { severity: 'error', limit: '4 hours' }],
  ] as const)('tells once when what is loaded has become %d hours old', async (hours, crossed) => {
    reporting.webhook.clear();
    await age(hours * HOUR_MS - 60_000);
    await look();
    expect(reporting.webhook.notices).toEqual([]);
    await age(hours * HOUR_MS);
    await look();
    expect(reporting.webhook.notices).toEqual([
      expect.objectContaining({ kind: 'stale', pipeline: PIPELINE, ...crossed }),
    ]);
    await look();
    expect(reporting.webhook.notices).toHaveLength(1);
  });

  it('tells at the next look what could not be told at this one', async () => {
    await age(0);
    await look();
    expect(reporting.webhook.notices.at(-1)).toMatchObject({ kind: 'recovered', of: ['stale'] });
    reporting.webhook.clear();
    await age(2 * HOUR_MS);
    reporting.webhook.answer(404);
    expect(await look()).toMatchObject({ problems: [expect.stringMatching(/answers 404/)] });
    await look();
    expect(reporting.webhook.notices).toMatchObject([{ pipeline: PIPELINE, severity: 'warning' }]);
  });

  it('closes a run that was ended from outside, which is told of and counted as one that failed', async () => {
    const { lab } = reporting;
    const letGo = await lockTable(lab, 'shop.prices');
    const run = await lab.run({ pipeline: PIPELINE, interval: '2024-03-02T00:00:00Z/2024-03-02T01:00:00Z' });
    await untilBlocked(lab);
    const known = async () => (await lab.session.ledger.runs({ id: run.firstExecutionRunId }))[0];
    await look();
    expect(await known()).toMatchObject({ outcome: 'running' });
    await run.terminate('by mistake');
    reporting.webhook.clear();
    expect(await look()).toMatchObject({ problems: [] });
    await letGo();
    expect(await known()).toMatchObject({
      outcome: 'failed',
      error: expect.stringContaining('from outside') as string,
    });
    expect(reporting.webhook.notices).toMatchObject([
      { kind: 'run-failed', pipeline: PIPELINE, runId: run.firstExecutionRunId },
    ]);
    if (!notCounted) expect(await reporting.recorded('runFailures')).toMatchObject({ sum: 1 });
  });

  it("leaves pipelines' schedules alone, which are paused when they are gone", async () => {
    const first = pipelineSchedule(pipelineNamed(registry, PIPELINE), 'nobody');
    if (!first) throw new Error('No pipeline has a schedule.');
    expect(await reconciled(wanted(), first)).toEqual([
      'sluice-freshness unchanged',
      `${first.scheduleId} created`,
    ]);
    expect(await reconciled(wanted())).toEqual(['sluice-freshness unchanged', `${first.scheduleId} paused`]);
  });

  it('is part of a deployment where the profile names somebody to tell, every 15 minutes', async () => {
    await reconciled();
    const { session } = reporting.lab;
    const { shop: source } = session.profile.connections;
    // Of the pipelines of this repository, those that read another connection are left out.
    const telling = { ...session.profile, connections: source ? { olist: source } : {} };
    const silent = { ...telling, notify: undefined, metrics: undefined };
    const deployed = async (profile: Profile) => listed(await deploy({ ...session, profile }));
    const lake = (change: string) => `sluice-lake-gc ${change}`;
    expect(await deployed(silent)).toEqual(['olist created', lake('created')]);
    expect(await deployed(telling)).toEqual([
      'olist unchanged',
      lake('unchanged'),
      'sluice-freshness created',
    ]);
    expect((await schedule.describe()).spec.intervals).toEqual([
      expect.objectContaining({ every: 15 * 60_000 }),
    ]);
    expect(await deployed(telling)).toEqual([
      'olist unchanged',
      lake('unchanged'),
      'sluice-freshness unchanged',
    ]);
    expect(await deployed(silent)).toEqual([
      'olist unchanged',
      lake('unchanged'),
      'sluice-freshness removed',
    ]);
  });
});
