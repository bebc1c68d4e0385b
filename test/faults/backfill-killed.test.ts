import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { daysOf, progressOf, runsOf, startBackfill, untilProgress } from './backfill.ts';
import type { LabWorker } from './crew.ts';
import { lockTable, untilBlocked } from './holder.ts';
import { Lab } from './lab.ts';
import { leftovers, NOTHING, state } from './state.ts';
import { eventually } from './wait.ts';

let lab: Lab;
let worker: LabWorker;

beforeAll(async () => {
  lab = await Lab.open();
  worker = await lab.startWorker();
});
afterAll(() => lab.close());
beforeEach(() => lab.forget());

describe('a backfill whose world breaks down', { timeout: 120_000 }, () => {
  it('survives kill -9 of the worker, and runs no interval twice', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-05', { concurrency: 2 });
    await untilProgress(backfill, 'two runs', ({ running }) => running.length === 2);
    await untilBlocked(lab);
    await worker.kill();
    await unlock();
    worker = await lab.startWorker();
    expect(await backfill.result()).toMatchObject({ succeeded: 4, failed: 0 });
    expect(await daysOf(lab, backfill)).toEqual(['03-01', '03-02', '03-03', '03-04']);
    expect(await state(lab)).toMatchObject({ orders: { rows: '400' }, clicks: { rows: '400' } });
    expect(await leftovers(lab)).toEqual(NOTHING);
  });

  it('may be terminated: the runs that it has started go on to their end', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-05', { concurrency: 2 });
    await untilProgress(backfill, 'two runs', ({ running }) => running.length === 2);
    await untilBlocked(lab);
    await backfill.terminate('no longer wanted');
    await unlock();
    await eventually('both runs to end', async () =>
      (await runsOf(lab, backfill)).every((run) => run.outcome !== 'running'),
    );
    expect(await runsOf(lab, backfill)).toMatchObject([{ outcome: 'succeeded' }, { outcome: 'succeeded' }]);
    const rest = await startBackfill(lab, '2024-03-01', '2024-03-05');
    await rest.result();
    expect(await daysOf(lab, rest)).toEqual(['03-03', '03-04']);
    expect(await state(lab)).toMatchObject({ orders: { rows: '400', loads: '4' } });
  });

  it('goes on as a new execution when its history has grown long, with what it was told before', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-06', {
      concurrency: 1,
      runsPerExecution: 2,
    });
    await untilBlocked(lab);
    await backfill.executeUpdate('setConcurrency', { args: [2] });
    await unlock();
    await untilProgress(backfill, 'an execution after the first', ({ started }) => started > 2);
    expect((await lab.session.ledger.backfills({ pipeline: 'shop' }))[0]).not.toMatchObject({
      outcome: 'failed',
    });
    expect(await backfill.result()).toMatchObject({ total: 5, succeeded: 5, concurrency: 2 });
    expect(await daysOf(lab, backfill)).toHaveLength(5);
    const statuses = await eventually('all executions to be listed', async () => {
      const found: string[] = [];
      for await (const { status } of lab.session.temporal.workflow.list({
        query: `WorkflowId = '${backfill.workflowId}'`,
      }))
        found.push(status.name);
      return found.includes('RUNNING') ? undefined : found;
    });
    expect(statuses.sort()).toEqual(['COMPLETED', 'CONTINUED_AS_NEW', 'CONTINUED_AS_NEW']);
  });

  it('keeps a pause over the change of executions', async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const backfill = await startBackfill(lab, '2024-03-01', '2024-03-04', {
      concurrency: 1,
      runsPerExecution: 1,
    });
    await untilBlocked(lab);
    await backfill.executeUpdate('pause');
    await unlock();
    await untilProgress(backfill, 'the first interval to end', ({ succeeded }) => succeeded === 1);
    expect(await progressOf(backfill)).toMatchObject({ paused: true, started: 1 });
    await backfill.executeUpdate('resume');
    expect(await backfill.result()).toMatchObject({ succeeded: 3 });
  });
});
