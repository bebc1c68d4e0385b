import { afterAll, beforeAll, expect, it } from 'vitest';
import { Output } from '../../cli/output.ts';
import { followRun } from '../../cli/follow-run.ts';
import { startRun } from '../../operations/start-run.ts';
import { startBackfill, untilProgress } from './backfill.ts';
import { lockTable, untilBlocked } from './holder.ts';
import { day, Lab } from './lab.ts';
import { registry } from './shop.ts';
import { eventually } from './wait.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.open();
  await lab.startWorker();
});
afterAll(() => lab.close());

it(
  'a run that waits for its interval says whose it is, and runs after it',
  { timeout: 120_000 },
  async () => {
    const unlock = await lockTable(lab, 'shop.orders');
    const first = await lab.run({ pipeline: 'shop_waiting', interval: day('2024-03-02') });
    await untilBlocked(lab);
    const wide = await lab.run({ pipeline: 'shop_waiting', interval: day('2024-03-01', '2024-03-04') });
    const said: string[] = [];
    class Listener extends Output {
      override progress(line: string): void {
        said.push(line);
      }
    }
    const followed = followRun(lab.session, wide, new Listener(false));
    const line = await eventually('a word of whom it waits for', () =>
      Promise.resolve(said.find((text) => text.endsWith('Waiting for it.'))),
    );
    expect(line).toContain(`already being run by ${first.workflowId} (run ${first.firstExecutionRunId})`);
    await unlock();
    expect(await followed).toMatchObject({ rows: 300 });
    expect(await first.result()).toMatchObject({ rows: 100 });
  },
);

it(
  'a backfill waits for a run of one of its days that has its name, and then runs that day',
  { timeout: 120_000 },
  async () => {
    await lab.forget();
    const unlock = await lockTable(lab, 'shop.orders');
    const first = await startBackfill(lab, '2024-03-01', '2024-03-03', { pipeline: 'shop_waiting' });
    await untilProgress(first, 'two runs', ({ running }) => running.length === 2);
    await untilBlocked(lab);
    const second = await startBackfill(lab, '2024-03-02', '2024-03-04', {
      pipeline: 'shop_waiting',
      reprocess: 'all',
    });
    await untilProgress(second, 'two runs', ({ running }) => running.length === 2);
    await unlock();
    expect(await first.result()).toMatchObject({ succeeded: 2, failed: 0 });
    expect(await second.result()).toMatchObject({ succeeded: 2, failed: 0 });
    const days = (await lab.session.ledger.runs({ pipeline: 'shop_waiting', outcomes: ['succeeded'] }))
      .filter(({ workflowId }) => !workflowId.includes('/'))
      .map(({ interval }) => interval.start.slice(5, 10));
    expect(days.sort()).toEqual(['03-01', '03-02', '03-02', '03-03']);
  },
);

it(
  'a command waits likewise for a run of its name that does something else',
  { timeout: 120_000 },
  async () => {
    await lab.forget();
    const unlock = await lockTable(lab, 'shop.orders');
    const asked = { pipeline: 'shop_waiting', interval: day('2024-03-02') };
    const first = await lab.run({ ...asked, tables: ['orders'] });
    await untilBlocked(lab);
    await expect(lab.run(asked)).rejects.toThrow(
      `already being run by ${first.workflowId}, with other inputs`,
    );
    const said: string[] = [];
    const second = startRun(lab.session, registry, asked, (text) => said.push(text));
    await eventually('a word', () => Promise.resolve(said.length > 0));
    await unlock();
    expect(await (await second).result()).toMatchObject({ rows: 100 });
    expect(said).toEqual([expect.stringContaining('Waiting for it.')]);
  },
);
