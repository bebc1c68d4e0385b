import { afterAll, beforeAll, expect, it } from 'vitest';
import { Output } from '../../cli/output.ts';
import { followRun } from '../../cli/follow-run.ts';
import { lockTable, untilBlocked } from './holder.ts';
import { day, Lab } from './lab.ts';
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
