import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/common';
import { expect, it } from 'vitest';
import { aRun, march, ran, shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import { failedRuns, rerun } from './rerun.ts';
import type { Session } from './session.ts';

const own = useLedger('rerun');
/** Of runs that the ledger has as running. */
const getHandle = (_: string, runId: string) => ({
  describe: () =>
    runId === 'forgotten'
      ? Promise.reject(new WorkflowNotFoundError('not found', '', runId))
      : Promise.resolve({ status: { name: runId === 'open' ? 'RUNNING' : 'TERMINATED' } }),
});
const registry = new Map([[shop.name, shop]]);

it('what has failed in a span is every interval whose newest run has, oldest first', async () => {
  const ledger = own.ledger();
  const temporal = { workflow: { getHandle } } as unknown as Client;
  await ran(ledger, aRun('later', march(5)), [], 'failed');
  await ran(ledger, aRun('first', march(2)), [], 'failed');
  await ran(ledger, aRun('mended', march(3)), [], 'failed');
  await ran(ledger, aRun('mend', march(3)), ['orders'], 'succeeded');
  await ran(ledger, aRun('given-up', march(4)), [], 'cancelled');
  await ran(ledger, aRun('outside', march(8)), [], 'failed');
  const failed = (to: string, ...names: string[]) =>
    failedRuns({ ledger, temporal }, registry, { from: '2024-03-01', to }, names);
  await ledger.openRun(aRun('terminated', march(6)));
  await ledger.openRun(aRun('forgotten', march(7)));
  await ledger.openRun(aRun('open', march(1)));
  expect((await failed('2024-03-08')).map(({ runId }) => runId)).toEqual([
    ...['first', 'later', 'terminated', 'forgotten'],
  ]);
  expect((await failed('2024-03-03', 'shop')).map(({ runId }) => runId)).toEqual(['first']);
  await expect(failed('2024-03-01')).rejects.toThrow('does not lie after');
  await expect(failed('2024-03-08', 'ship')).rejects.toThrow(`'ship' is not in the registry`);
});

it('a run that was ended from outside is gone on with, though nobody has closed it yet; one that is open is not', async () => {
  const ledger = own.ledger();
  const asked: unknown[] = [];
  const start = (_: string, { args }: { args: readonly unknown[] }) => {
    asked.push(...args);
    return Promise.resolve({ workflowId: 'shop' });
  };
  const session = {
    ledger,
    profile: { temporal: { taskQueue: 'q' } },
    temporal: { workflow: { getHandle, start } },
  } as unknown as Session;
  for (const [day, name] of ['terminated', 'open'].entries()) {
    await ledger.openRun(aRun(name, march(day + 1)));
    await rerun(session, registry, name, {}, 'ana');
  }
  expect(asked).toEqual([
    expect.objectContaining({ resume: 'terminated' }),
    expect.not.objectContaining({ resume: expect.anything() as unknown }),
  ]);
});
