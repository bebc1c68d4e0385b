import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { definePipeline } from '../../core/pipeline.ts';
import { stepKey } from '../../core/run.ts';
import { rerun } from '../../operations/rerun.ts';
import { skip } from '../../operations/skip.ts';
import { startRun, type RunHandle } from '../../operations/start-run.ts';
import { lockTable, untilBlocked } from '../faults/holder.ts';
import { day } from '../faults/lab.ts';
import { eventually } from '../faults/wait.ts';
import { openTaskLab, type TaskLab } from './task-lab.ts';

const bash = (text: string): { script: [string, ...string[]] } => ({ script: ['bash', '-c', text] });
const common = {
  schedule: { cron: '0 0 * * *', timezone: 'UTC' },
  start: '2024-03-01',
  attempts: 50,
} as const;
const stuck = definePipeline({
  ...common,
  name: 'stuck',
  description: 'Steps that do not end by themselves, each in another way',
  tasks: {
    first: bash('echo first >> log'),
    arrived: { waitFor: { file: 'incoming/never' } },
    release: { approve: 'Release it' },
    hang: bash('echo $$ > pid; exec sleep 600'),
    away: bash('test -e there || exit 75'),
    list: bash(`echo '[1, 2]' > $SLUICE_OUTPUT`),
    each_one: { ...bash('exec sleep 600'), each: { from: 'list' } },
    behind: { ...bash('echo behind >> log'), after: ['away'] },
    alarm: { ...bash('echo alarm >> log'), after: ['away', 'hang'], when: 'failed' },
    tidy: {
      ...bash('echo tidy >> log'),
      after: ['arrived', 'release', 'hang', 'behind', 'each_one'],
      when: 'always',
    },
  },
});
const orders = definePipeline({
  ...common,
  name: 'orders',
  description: 'Orders, day by day',
  source: 'shop',
  tables: {
    orders: {
      domain: 'sales',
      from: 'shop.orders',
      extract: { mode: 'interval', cursor: 'ordered_at' },
      primaryKey: ['order_id'],
    },
  },
});

let lab: TaskLab;
beforeAll(async () => {
  lab = await openTaskLab([stuck, orders]);
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());

const start = (pipeline: string) =>
  startRun(lab.session, lab.registry, { pipeline, interval: day('2024-03-02') });
const outcomes = async (run: RunHandle): Promise<Record<string, string>> => {
  const steps = await lab.session.ledger.steps([run.firstExecutionRunId]);
  return Object.fromEntries(
    steps.map(({ step, table, outcome, error }) => [
      stepKey(step, table),
      [outcome, error].filter(Boolean).join(': '),
    ]),
  );
};
const drop = (run: RunHandle, step: string, reason = 'not today') =>
  skip(lab.session, run.firstExecutionRunId, { step, by: 'anna', reason });
const refusal = (run: RunHandle, step: string, reason?: string) =>
  drop(run, step, reason).then(
    () => 'was taken',
    (error: unknown) => (error as Error).message,
  );
const until = (what: string, run: RunHandle, step: string, state: string | RegExp) =>
  eventually(what, async () => new RegExp(state).test((await outcomes(run))[step] ?? ''));

describe('a step that somebody skips', () => {
  it('is left out with the reason, whether it waits, is tried again or works; what follows goes by its when', async () => {
    const run = await start('stuck');
    const pid = await eventually('the script to run', () => {
      const file = join(lab.folder, 'pid');
      return existsSync(file) && (readFileSync(file, 'utf8').trim() || undefined);
    });
    for (const step of ['release', 'arrived', 'each_one'])
      await until(`${step} to wait`, run, step, 'running');
    await until('an attempt to fail', run, 'away', 'failed');
    expect(await drop(run, 'away', 'the supplier is down')).toMatchObject({
      decision: { by: 'anna', reason: 'the supplier is down' },
    });
    await until('it to be skipped at once', run, 'away', 'skipped: skipped by anna: the supplier is down');
    for (const step of ['hang', 'release', 'arrived', 'each_one']) await drop(run, step);
    await run.result();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    const left = 'skipped: skipped by anna: not today';
    expect(await outcomes(run)).toEqual({
      first: 'succeeded',
      list: 'succeeded',
      arrived: left,
      release: left,
      hang: left,
      each_one: left,
      away: 'skipped: skipped by anna: the supplier is down',
      behind: 'skipped: upstream was skipped: away',
      alarm: 'skipped: nothing before it failed',
      tidy: 'succeeded',
    });
    expect(readFileSync(join(lab.folder, 'log'), 'utf8').trim().split('\n')).toEqual(['first', 'tidy']);
    const actions = await lab.session.ledger.actions('stuck', 10);
    expect(actions.at(-1)).toMatchObject({
      actor: 'anna',
      action: 'skip',
      subject: `${run.workflowId} away`,
      reason: 'the supplier is down',
    });
    writeFileSync(join(lab.folder, 'there'), '');
    const again = await rerun(
      lab.session,
      lab.registry,
      run.firstExecutionRunId,
      { fromStep: 'away' },
      'anna',
    );
    await until('it to be done', again, 'away', 'succeeded');
    await again.cancel();
    await again.result().catch(() => undefined);
  });

  it('is refused in a word where there is nothing to skip', async () => {
    const run = await start('stuck');
    await until('it to end', run, 'first', 'succeeded');
    await until('it to wait', run, 'release', 'running');
    // The ledger knows it before the workflow does; a skip that comes in between is taken, and changes nothing.
    await eventually('its end to be known', async () =>
      (await refusal(run, 'first')).includes(
        `Step 'first' has ended already: there is nothing left to skip.`,
      ),
    );
    expect(await refusal(run, 'relaese')).toContain(`'relaese' is no step of this run; is 'release' meant?`);
    expect(await refusal(run, 'tidy')).toMatch(
      /Step 'tidy' has not begun, or was left out\. Under way: .*'release'/,
    );
    expect(await refusal(run, 'release', ' ')).toContain(`'reason' must be a text of 1 to 2000 characters`);
    await run.cancel();
    await run.result().catch(() => undefined);
    expect(await refusal(run, 'release')).toMatch(
      /has ended: there is nothing left to skip\. 'sluice rerun .*' does what failed or was skipped/,
    );
  });

  it('is no load, which is done or not; an extraction may be, and then its interval stays missing', async () => {
    const unlock = await lockTable(lab.lab, 'shop.orders');
    const run = await start('orders');
    await untilBlocked(lab.lab);
    expect(await refusal(run, 'load:orders')).toContain(
      `Step 'load:orders' cannot be skipped: a load is done whole or not at all. End the run with 'sluice cancel`,
    );
    await drop(run, 'extract:orders', 'the table is locked');
    await run.result();
    await unlock();
    expect(await outcomes(run)).toEqual({
      'extract:orders': 'skipped: skipped by anna: the table is locked',
      'load:orders': 'skipped: upstream was skipped: extract:orders',
      check: 'skipped: upstream was skipped: load:orders',
      publish: 'skipped: upstream was skipped: check',
    });
    const span = { start: '2024-03-02T00:00:00Z', end: '2024-03-03T00:00:00Z' };
    expect(await lab.session.ledger.missing('orders', ['orders'], span)).toMatchObject([span]);
  });
});
