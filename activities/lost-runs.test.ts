import { asyncLocalStorage, type Context } from '@temporalio/activity';
import { expect, it } from 'vitest';
import { aRun, march, ran } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import type { Connectors } from './connectors.ts';
import { evictLost } from './lost-runs.ts';

const own = useLedger('lost');

/** Looks for lost runs where Temporal says of each what `statusOf` does. @returns those that were, and the outcomes that were counted */
async function look(statusOf: (runId: string) => Promise<string>) {
  const counted: string[] = [];
  const connectors = {
    ledger: own.ledger(),
    registry: new Map(),
    metrics: { record: ({ outcome }: { outcome: string }) => Promise.resolve(void counted.push(outcome)) },
  } as unknown as Connectors;
  const describe = async (runId: string) => ({ status: { name: await statusOf(runId) } });
  const client = {
    workflow: { getHandle: (_: string, runId: string) => ({ describe: () => describe(runId) }) },
  };
  const lost = await asyncLocalStorage.run({ client } as unknown as Context, () => evictLost(connectors));
  return { lost, counted };
}
const outcomes = async () =>
  Object.fromEntries((await own.ledger().runs({})).map(({ runId, outcome }) => [runId, outcome]));

it('a run that was ended from outside is closed and counted once; one that goes on is left alone', async () => {
  await own.ledger().openRun(aRun('gone', march(1)));
  await own.ledger().openRun(aRun('open', march(2)));
  const status = (runId: string) => Promise.resolve(runId === 'gone' ? 'TERMINATED' : 'RUNNING');
  expect(await look(status)).toEqual({ lost: [aRun('gone', march(1)).workflowId], counted: ['failed'] });
  expect(await outcomes()).toEqual({ gone: 'failed', open: 'running' });
  expect(await look(status)).toEqual({ lost: [], counted: [] });
});

it('a run that ends by itself while it is looked for has said so, and is not counted again', async () => {
  await own.ledger().openRun(aRun('day', march(1)));
  const found = await look(async () => {
    await ran(own.ledger(), aRun('day', march(1)), ['orders']);
    return 'COMPLETED';
  });
  expect(found).toEqual({ lost: [], counted: [] });
  expect(await outcomes()).toEqual({ day: 'succeeded' });
});
