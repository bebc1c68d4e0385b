import { expect, it } from 'vitest';
import { aRun, march, ran } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import { newestRun, numbersOf } from './find-run.ts';

const own = useLedger('find_run');

it('a run is found by its own id, by that of its workflow, or as the n-th that had it', async () => {
  const ledger = own.ledger();
  for (const id of ['first', 'second', 'third']) await ran(ledger, aRun(id, march(2)), []);
  const { workflowId } = await newestRun({ ledger }, 'second');
  for (const [asked, found] of [
    ['second', 'second'],
    [workflowId, 'third'],
    [`${workflowId}#1`, 'first'],
    [`${workflowId}#3`, 'third'],
  ] as const)
    expect((await newestRun({ ledger }, asked)).runId).toBe(found);
  await expect(newestRun({ ledger }, `${workflowId}#4`)).rejects.toThrow('has had 3 runs');
  await expect(newestRun({ ledger }, 'nobody')).rejects.toThrow(`There is no run 'nobody'`);
});

it('a number is the same wherever it is shown: of all that had the workflow id, whatever their intervals', async () => {
  const ledger = own.ledger();
  const week = { start: march(3).start, end: march(9).end };
  await ran(ledger, aRun('of a week', week), []);
  await ran(ledger, aRun('of its last day', march(9)), []);
  const shown = await ledger.runs({ interval: march(9) });
  const numbers = await numbersOf(ledger, shown);
  expect(shown.map(({ runId }) => [runId, numbers.get(runId)])).toEqual([['of its last day', '#2']]);
  for (const { runId, workflowId } of shown)
    expect((await newestRun({ ledger }, `${workflowId}${numbers.get(runId)}`)).runId).toBe(runId);
});
