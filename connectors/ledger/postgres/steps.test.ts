import { beforeEach, describe, expect, it } from 'vitest';
import { aRun, march } from './fixtures.ts';
import { useLedger } from './harness.ts';
import { PostgresLedger } from './ledger.ts';

const RUN = 'day';
const OK = { result: {}, rows: 1, bytes: 1 };

describe('PostgresLedger, attempts', () => {
  let ledger: PostgresLedger;
  const own = useLedger('attempts');
  const told = async () =>
    (await ledger.attempts(RUN)).map(({ attempt, outcome, error }) => ({ attempt, outcome, error }));
  beforeEach(async () => {
    ledger = own.ledger();
    await ledger.openRun(aRun(RUN, march(1)));
  });

  it('keeps each of a step, with what it failed of and what is known of its parts', async () => {
    await ledger.startStep(RUN, 'transform', null, 1);
    const detail = { nodes: [{ id: 'model.a', status: 'error' }] };
    await ledger.finishStep(RUN, 'transform', null, 1, { error: 'no disk', outcome: 'failed', detail });
    await ledger.startStep(RUN, 'transform', null, 2);
    await ledger.finishStep(RUN, 'transform', null, 2, OK);
    expect(await ledger.attempts(RUN)).toMatchObject([
      { step: 'transform', table: null, attempt: 1, outcome: 'failed', error: 'no disk', detail },
      { step: 'transform', table: null, attempt: 2, outcome: 'succeeded', error: null, detail: null },
    ]);
    expect(await ledger.steps([RUN])).toMatchObject([{ attempt: 2, outcome: 'succeeded' }]);
  });

  it('keeps them for a time after their run has ended, and how its steps ended for ever', async () => {
    const keeping = new PostgresLedger({ ...own.database().address, keepAttempts: '90 days' });
    for (const [run, day] of [
      ['old', 2],
      ['recent', 3],
    ] as const) {
      await ledger.openRun(aRun(run, march(day)));
      await ledger.startStep(run, 'load', 'orders', 1);
      await ledger.finishStep(run, 'load', 'orders', 1, OK);
      await ledger.closeRun(run, 'succeeded', null);
    }
    await ledger.startStep(RUN, 'load', 'orders', 1);
    await own
      .database()
      .client.query(
        `UPDATE runs SET started_at = now() - interval '200 days', finished_at = finished_at - interval '91 days' WHERE run_id <> 'recent'`,
      );
    await ledger.forgetAttempts(); // one that keeps all
    expect(await ledger.attempts('old')).toHaveLength(1);
    await keeping.forgetAttempts();
    const left = await Promise.all([RUN, 'old', 'recent'].map((run) => ledger.attempts(run)));
    expect(left.map(({ length }) => length)).toEqual([1, 0, 1]);
    expect(await ledger.steps(['old'])).toMatchObject([{ outcome: 'succeeded' }]);
    await keeping.close();
  });

  it('says of one that was never heard of again that it was not, once the next has begun', async () => {
    await ledger.startStep(RUN, 'load', 'orders', 1);
    await ledger.startStep(RUN, 'load', 'orders', 2);
    await ledger.finishStep(RUN, 'load', 'orders', 1, OK); // a late word
    expect(await told()).toEqual([
      {
        attempt: 1,
        outcome: 'failed',
        error: 'Nothing more was heard of this attempt: its worker died, or lost Temporal.',
      },
      { attempt: 2, outcome: 'running', error: null },
    ]);
  });

  it('ends what still runs when the run is closed', async () => {
    await ledger.startStep(RUN, 'load', 'orders', 1);
    await ledger.closeRun(RUN, 'cancelled', 'enough');
    expect(await told()).toMatchObject([{ attempt: 1, outcome: 'cancelled' }]);
    await ledger.startStep(RUN, 'load', 'orders', 2);
    expect(await told()).toHaveLength(1);
  });

  it('has done well where it asks for its step to be taken as skipped', async () => {
    await ledger.startStep(RUN, 'task', 'look', 1);
    await ledger.finishStep(RUN, 'task', 'look', 1, { skipped: 'there is nothing to do' });
    expect(await told()).toEqual([{ attempt: 1, outcome: 'succeeded', error: 'there is nothing to do' }]);
    expect(await ledger.steps([RUN])).toMatchObject([
      { outcome: 'skipped', error: 'there is nothing to do', result: null },
    ]);
  });

  it('takes lines of its parts behind those that are there, and keeps the last 200', async () => {
    await ledger.startStep(RUN, 'task', 'each', 1);
    const log = async () => (await ledger.attempts(RUN))[0]?.log;
    for (const lines of [['a', 'b'], ['c']]) await ledger.addToLog(RUN, 'task', 'each', 1, lines);
    expect(await log()).toEqual(['a', 'b', 'c']);
    const more = [...Array(199).keys()].map(String);
    await ledger.addToLog(RUN, 'task', 'each', 1, more);
    expect(await log()).toEqual(['c', ...more]);
    await ledger.addToLog(RUN, 'task', 'each', 1, [...more, ...more]);
    expect(await log()).toEqual([...more, ...more].slice(-200));
  });

  it('writes nothing twice where a line is told twice', async () => {
    for (const each of [1, 1]) await ledger.startStep(RUN, 'load', 'orders', each);
    for (const end of [OK, OK]) await ledger.finishStep(RUN, 'load', 'orders', 1, end);
    expect(await told()).toEqual([{ attempt: 1, outcome: 'succeeded', error: null }]);
  });

  it('are not what people have done, which is kept beside them, newest first', async () => {
    await ledger.recordAction({
      actor: 'anna',
      action: 'run',
      pipeline: 'shop',
      subject: 'shop-1',
      input: { a: 1 },
    });
    await ledger.recordAction({
      actor: 'ben',
      action: 'cancel',
      pipeline: null,
      subject: 'x',
      reason: 'too late',
    });
    expect(await ledger.actions(undefined, 10)).toMatchObject([
      { actor: 'ben', action: 'cancel', pipeline: null, reason: 'too late', input: null },
      { actor: 'anna', action: 'run', subject: 'shop-1', reason: null, input: { a: 1 } },
    ]);
    expect(await ledger.actions('shop', 1)).toMatchObject([{ actor: 'anna' }]);
    expect(await ledger.actions('other', 1)).toEqual([]);
  });

  it('keeps the last lines of each, also after its end', async () => {
    await ledger.startStep(RUN, 'task', 'score', 1);
    await ledger.writeLog(RUN, 'task', 'score', 1, ['one']);
    await ledger.finishStep(RUN, 'task', 'score', 1, { error: 'exit 1', outcome: 'failed' });
    await ledger.writeLog(RUN, 'task', 'score', 1, ['one', 'two']);
    await ledger.startStep(RUN, 'task', 'score', 2);
    expect((await ledger.attempts(RUN)).map(({ log }) => log)).toEqual([['one', 'two'], []]);
  });
});
