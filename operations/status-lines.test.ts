import { beforeAll, describe, expect, it } from 'vitest';
import { aRun, march, ran, shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import type { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import { intervalText } from '../core/interval.ts';
import { inRegistryOrHistory } from './known-pipeline.ts';
import { status } from './status-lines.ts';

const BY_INTERVAL = ['orders', 'clicks'];
let ledger: PostgresLedger;
const own = useLedger('status');
beforeAll(() => {
  ledger = own.ledger();
});

/** The lines of the status at noon of a day in March: `✓ interval`, `missing n interval (tables)`. */
const lines = async (noonOf: number, definition: typeof shop | null = shop, limit = 10) => {
  const now = march(noonOf).start.replace('T00', 'T12');
  return (await status(ledger, 'shop', definition ?? undefined, limit, now)).map((line) =>
    'missing' in line
      ? `missing ${line.missing} ${intervalText(line.interval)} (${line.tables.join()})`
      : `${line.run.outcome} ${intervalText(line.interval)}`,
  );
};

describe('the status of a pipeline', () => {
  it('shows what a cancelled run has left undone, and what came after it', async () => {
    await ran(ledger, aRun('wide', march(1, 5)), [], 'cancelled');
    expect(await lines(8)).toEqual([
      'missing 7 2024-03-01Z/2024-03-08Z (clicks,orders)',
      'cancelled 2024-03-01Z/2024-03-05Z',
    ]);
    await ran(ledger, aRun('day', march(3)), BY_INTERVAL);
    expect(await lines(5)).toEqual([
      'missing 1 2024-03-04Z/2024-03-05Z (clicks,orders)',
      'succeeded 2024-03-03Z/2024-03-04Z',
      'cancelled 2024-03-01Z/2024-03-05Z',
      'missing 2 2024-03-01Z/2024-03-03Z (clicks,orders)',
    ]);
  });

  it('names the tasks of a run with what became of each, in the order in which they began', async () => {
    const run = aRun('day', march(1));
    await ledger.openRun(run);
    for (const name of ['score', 'alarm']) await ledger.startStep(run.runId, 'task', name, 1);
    await ledger.finishStep(run.runId, 'task', 'score', 1, { outcome: 'failed', error: 'exit code 3' });
    const [line] = await status(ledger, 'shop', shop, 10, march(2).start);
    const tasks = line && 'run' in line ? Object.entries(line.tasks) : [];
    expect(tasks).toEqual([
      ['score', 'failed'],
      ['alarm', 'running'],
    ]);
  });

  it('shows nothing missing of a day that was loaded before its run failed', async () => {
    await ran(ledger, aRun('day', march(1)), BY_INTERVAL, 'failed');
    expect(await lines(2)).toEqual(['failed 2024-03-01Z/2024-03-02Z']);
  });

  it('shows nothing missing that a run is loading', async () => {
    await ledger.openRun(aRun('day', march(1)));
    expect(await lines(3)).toEqual([
      'missing 1 2024-03-02Z/2024-03-03Z (clicks,orders)',
      'running 2024-03-01Z/2024-03-02Z',
    ]);
  });

  it('shows intervals of an older cadence beside those of today, and counts gaps by that of today', async () => {
    const hour = (from: number, to: number) => ({
      start: march(1).start.replace('T00', `T${String(from).padStart(2, '0')}`),
      end: march(1).start.replace('T00', `T${String(to).padStart(2, '0')}`),
    });
    await ran(ledger, aRun('early', hour(0, 6)), BY_INTERVAL);
    await ran(ledger, aRun('later', hour(12, 18)), BY_INTERVAL);
    await ran(ledger, aRun('day', march(2)), BY_INTERVAL);
    const time = (h: string) => `2024-03-01T${h}:00:00Z`;
    expect(await lines(3)).toEqual([
      'succeeded 2024-03-02Z/2024-03-03Z',
      `missing 1 ${time('18')}/2024-03-02T00:00:00Z (clicks,orders)`,
      `succeeded ${time('12')}/${time('18')}`,
      `missing 1 ${time('06')}/${time('12')} (clicks,orders)`,
      `succeeded ${time('00')}/${time('06')}`,
    ]);
  });

  it('shows the history of one that is no longer in the registry, and refuses one that never was', async () => {
    await ran(ledger, aRun('day', march(1)), BY_INTERVAL);
    expect(await inRegistryOrHistory(ledger, new Map(), 'shop')).toBeUndefined();
    expect(await lines(8, null)).toEqual(['succeeded 2024-03-01Z/2024-03-02Z']);
    await expect(inRegistryOrHistory(ledger, new Map(), 'shoop')).rejects.toThrow(/'shoop' is not in the/);
  });

  it('shows what is missing from the start of the pipeline on, before any run of it', async () => {
    expect(await lines(3)).toEqual(['missing 2 2024-03-01Z/2024-03-03Z (clicks,orders)']);
    await ran(ledger, aRun('day', march(4)), BY_INTERVAL);
    expect(await lines(5)).toEqual([
      'succeeded 2024-03-04Z/2024-03-05Z',
      'missing 3 2024-03-01Z/2024-03-04Z (clicks,orders)',
    ]);
    const late = { ...shop, start: '2024-03-03T07:00:00Z' };
    expect(await lines(5, late)).toContain('missing 1 2024-03-03Z/2024-03-04Z (clicks,orders)');
    expect(await lines(2, late)).toEqual(['succeeded 2024-03-04Z/2024-03-05Z']);
  });

  it('shows as many intervals as it is asked for, and what is missing before them in one line', async () => {
    for (const day of [2, 4, 6, 7]) await ran(ledger, aRun(`day ${day}`, march(day)), BY_INTERVAL);
    expect(await lines(8, shop, 2)).toEqual([
      'succeeded 2024-03-07Z/2024-03-08Z',
      'succeeded 2024-03-06Z/2024-03-07Z',
      'missing 3 2024-03-01Z/2024-03-06Z (clicks,orders)',
    ]);
  });
});
