import { beforeAll, describe, expect, it } from 'vitest';
import { aRun, march, ran, shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import type { PostgresLedger } from '../connectors/ledger/postgres/ledger.ts';
import { overview } from './overview.ts';

const NOON = new Date('2024-03-04T12:00:00Z');
let ledger: PostgresLedger;
const own = useLedger('overview');
beforeAll(() => {
  ledger = own.ledger();
});

describe('all pipelines in a line each', () => {
  it('shows one without runs, with when it is due', async () => {
    expect(await overview(ledger, [shop], NOON)).toEqual([
      {
        pipeline: 'shop',
        runs: [],
        isScheduled: true,
        nextDue: '2024-03-05T00:00:00Z',
        upTo: null,
        freshness: null,
        look: null,
      },
    ]);
  });

  it('shows the newest run of each of the five newest intervals, and how far every table is loaded', async () => {
    for (let day = 1; day <= 6; day += 1)
      await ran(ledger, aRun(`day ${day}`, march(day)), ['orders', 'clicks', 'prices']);
    await ran(ledger, aRun('again', march(6)), [], 'failed');
    const [line] = await overview(ledger, [shop], NOON);
    expect(line?.runs.map(({ runId }) => runId)).toEqual(['again', 'day 5', 'day 4', 'day 3', 'day 2']);
    expect(line?.upTo).toBe(march(6).end);
  });

  it('says of one with a delay when the interval that has ended is due, and of one that begins later when its first is', async () => {
    const schedule = { cron: '0 0 * * *', timezone: 'UTC', delay: '15 hours' } as const;
    const due = async (pipeline: typeof shop) => (await overview(ledger, [pipeline], NOON))[0]?.nextDue;
    expect(await due({ ...shop, schedule })).toBe('2024-03-04T15:00:00Z');
    expect(await due({ ...shop, start: '2024-06-01T00:00:00Z' })).toBe('2024-06-02T00:00:00Z');
    expect(await due({ ...shop, schedule: 'manual' })).toBeNull();
  });
});
