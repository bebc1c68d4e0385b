import { afterAll, beforeAll, expect, it } from 'vitest';
import { cancelAndWait } from '../../cli/commands/control.ts';
import { Output } from '../../cli/output.ts';
import { startBackfill, untilProgress } from './backfill.ts';
import { lockTable, untilBlocked } from './holder.ts';
import { day, Lab } from './lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
  await lab.startWorker();
});
afterAll(() => lab.close());

/** What `sluice cancel` says of an id. */
async function said(id: string): Promise<string> {
  const texts: string[] = [];
  class Listener extends Output {
    override result(_document: unknown, text: string): void {
      texts.push(text);
    }
  }
  await cancelAndWait(lab.session, id, new Listener(false));
  return texts.join();
}

it('cancelling says what became of it, once, twice and too late', { timeout: 120_000 }, async () => {
  const unlock = await lockTable(lab, 'shop.orders');
  const run = await lab.run({ interval: day('2024-03-02'), tables: ['orders'] });
  await untilBlocked(lab);
  expect(await said(run.firstExecutionRunId)).toBe(`${run.firstExecutionRunId}: cancelled`);
  expect(await said(run.workflowId)).toBe(`${run.workflowId}: was cancelled before`);

  const backfill = await startBackfill(lab, '2024-03-01', '2024-03-04', { concurrency: 1 });
  await untilProgress(backfill, 'a run', ({ running }) => running.length === 1);
  expect(await said(backfill.workflowId)).toBe(`${backfill.workflowId}: cancelled`);
  expect(await said(backfill.workflowId)).toBe(`${backfill.workflowId}: was cancelled before`);
  await unlock();

  const done = await lab.run({ interval: day('2024-03-05'), tables: ['prices'] });
  await done.result();
  await expect(said(done.workflowId)).rejects.toThrow(
    /has ended before \(completed\): there is nothing left/,
  );
  await expect(said('shop-never')).rejects.toThrow(`Temporal does not know shop-never`);
});
