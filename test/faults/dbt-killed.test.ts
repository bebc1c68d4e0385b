import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processId } from '../../cli/embedded/processes.ts';
import { readState } from '../../cli/embedded/state.ts';
import { startRun } from '../../operations/start-run.ts';
import { registry } from '../../pipelines/index.ts';
import { seedOlist } from '../../seed/index.ts';
import { content } from '../e2e/content.ts';
import { startTestStack, type TestStack } from '../e2e/stack.ts';
import { eventually } from './wait.ts';

const WHOLE = '2016-09-01/2019-01-01';
let stack: TestStack;

beforeAll(async () => {
  stack = await startTestStack();
  await seedOlist(stack.source, { orders: 50 });
});
afterAll(() => stack.stop());

const start = () => startRun(stack.session, registry, { pipeline: 'olist', interval: WHOLE });
const workerPid = (): number => readState(stack.home)?.children['worker']?.pid ?? -1;

/** Processes that build models in this home; each leads a group of its own. What they are forked from has not their name. */
const dbtProcesses = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const command = readFileOrNothing(`/proc/${pid}/cmdline`);
      const name = readFileOrNothing(`/proc/${pid}/comm`).trim();
      return name === 'dbt' && command.includes('dbt_runner.py') && command.includes(stack.home);
    });

describe.runIf(process.platform === 'linux')(
  'a worker that is killed while dbt builds',
  { timeout: 240_000 },
  () => {
    it('takes dbt with it; the one that is started in its place builds the same marts', async () => {
      await (await start()).result();
      const reference = await content(stack);

      const run = await start();
      const [dbt = -1] = await eventually(
        'dbt to run',
        () => dbtProcesses().length > 0 && dbtProcesses(),
        120_000,
      );
      await eventually('dbt to have the warehouse open', () =>
        openFiles(dbt).some((file) => file.startsWith(join(stack.home, 'warehouse.duckdb'))),
      );
      const killed = workerPid();
      process.kill(killed, 'SIGKILL');
      await eventually(
        'dbt to end with its worker',
        () => !processId(dbt) || !dbtProcesses().includes(dbt),
        5_000,
      );

      await run.result();
      expect(workerPid()).not.toBe(killed);
      const steps = await stack.session.ledger.steps([run.firstExecutionRunId]);
      expect(steps.find(({ step }) => step === 'transform')).toMatchObject({
        attempt: 2,
        outcome: 'succeeded',
      });
      expect(await content(stack)).toEqual(reference);
      expect(dbtProcesses()).toEqual([]);
    });
  },
);

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // it has ended, or has just closed one of them
  }
}

function readFileOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
