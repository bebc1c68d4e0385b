import { beforeAll, describe, expect, it } from 'vitest';
import { aRun, march } from './fixtures.ts';
import { useLedger } from './harness.ts';
import type { PostgresLedger } from './ledger.ts';

let ledger: PostgresLedger;
const own = useLedger('leases');
beforeAll(() => {
  ledger = own.ledger();
});

describe('a lease', () => {
  it('keeps out a run whose interval overlaps, by however little, until the holder has ended', async () => {
    expect(await ledger.openRun(aRun('week', march(1, 8)))).toBeUndefined();
    for (const interval of [march(1), march(7), march(3, 5), march(7, 9), march(1, 15)])
      expect(await ledger.openRun(aRun('other', interval))).toMatchObject({ runId: 'week' });
    expect(await ledger.openRun(aRun('next', march(8)))).toBeUndefined();
    await ledger.closeRun('week', 'succeeded', null);
    expect(await ledger.openRun(aRun('other', march(3)))).toBeUndefined();
    expect(await ledger.runs({ pipeline: 'shop' })).toHaveLength(3);
  });

  it('is given to one of many runs that ask for overlapping intervals at the same time', async () => {
    const asked = Array.from({ length: 24 }, (_, n) => aRun(`run-${n}`, march(1 + (n % 4), 5 + (n % 3))));
    const holders = await Promise.all(asked.map((run) => ledger.openRun(run)));
    const opened = asked.filter((_, index) => holders[index] === undefined);
    expect(opened).toHaveLength(1);
    for (const holder of holders) if (holder) expect(holder.runId).toBe(opened[0]?.runId);
  });

  it('is asked for again by the run that has it, and is its own', async () => {
    await ledger.openRun(aRun('week', march(1, 8)));
    expect(await ledger.openRun(aRun('week', march(1, 8)))).toBeUndefined();
  });

  it('names one holder after the other where several are in the way', async () => {
    for (const day of [1, 2, 3]) await ledger.openRun(aRun(`day-${day}`, march(day)));
    const met: string[] = [];
    for (;;) {
      const holder = await ledger.openRun(aRun('week', march(1, 8)));
      if (!holder) break;
      met.push(holder.runId);
      await ledger.evict(holder, 'lost');
    }
    expect(met).toEqual(['day-1', 'day-2', 'day-3']);
  });

  it('without tables by interval is in the way of nothing but the very same interval', async () => {
    expect(await ledger.openRun(aRun('prices', march(1, 31), ['prices']))).toBeUndefined();
    expect(await ledger.openRun(aRun('day', march(5)))).toBeUndefined();
    expect(await ledger.openRun(aRun('same', march(1, 31), ['prices']))).toMatchObject({ runId: 'prices' });
    expect(await ledger.openRun(aRun('more', march(2, 31), ['prices']))).toBeUndefined();
  });

  it('is not the only thing that ends with a run: a line of a step that comes late opens none again', async () => {
    await ledger.openRun(aRun('week', march(1, 8)));
    await ledger.startStep('week', 'extract', 'orders', 1);
    await ledger.closeRun('week', 'failed', 'the source was gone');
    await ledger.startStep('week', 'extract', 'orders', 2);
    await ledger.startStep('week', 'load', 'orders', 1);
    expect(await ledger.steps(['week'])).toMatchObject([{ step: 'extract', attempt: 1, outcome: 'failed' }]);
  });

  it('is of one pipeline: another one is not in its way', async () => {
    await ledger.openRun(aRun('week', march(1, 8)));
    expect(await ledger.openRun({ ...aRun('other', march(1, 8)), pipeline: 'market' })).toBeUndefined();
  });
});
