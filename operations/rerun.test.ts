import { expect, it } from 'vitest';
import { aRun, march, ran, shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import { failedRuns } from './rerun.ts';

const own = useLedger('rerun');
const registry = new Map([[shop.name, shop]]);

it('what has failed in a span is every interval whose newest run has, oldest first', async () => {
  const ledger = own.ledger();
  await ran(ledger, aRun('later', march(5)), [], 'failed');
  await ran(ledger, aRun('first', march(2)), [], 'failed');
  await ran(ledger, aRun('mended', march(3)), [], 'failed');
  await ran(ledger, aRun('mend', march(3)), ['orders'], 'succeeded');
  await ran(ledger, aRun('given-up', march(4)), [], 'cancelled');
  await ran(ledger, aRun('outside', march(8)), [], 'failed');
  const failed = (to: string, ...names: string[]) =>
    failedRuns({ ledger }, registry, { from: '2024-03-01', to }, names);
  expect((await failed('2024-03-08')).map(({ runId }) => runId)).toEqual(['first', 'later']);
  expect((await failed('2024-03-03', 'shop')).map(({ runId }) => runId)).toEqual(['first']);
  await expect(failed('2024-03-01')).rejects.toThrow('does not lie after');
  await expect(failed('2024-03-08', 'ship')).rejects.toThrow(`'ship' is not in the registry`);
});
