import { describe, expect, it } from 'vitest';
import { aRun, march, ran, shop } from '../connectors/ledger/postgres/fixtures.ts';
import { useLedger } from '../connectors/ledger/postgres/harness.ts';
import type { Registry } from '../core/registry.ts';
import { runsOfInterval } from './runs-of-interval.ts';

const own = useLedger('runs_of_interval');
const found = async (text: string, registry: Registry) => {
  const asked = await runsOfInterval(own.ledger(), registry, 'shop', text);
  return (await own.ledger().runs({ pipeline: 'shop', ...asked })).map(({ runId }) => runId);
};
const known = (definition: typeof shop): Registry => new Map([['shop', definition]]);

describe('the runs of an interval that somebody types', () => {
  it('are found by its start, or by both bounds, whatever its length', async () => {
    await ran(own.ledger(), aRun('day', march(4)), []);
    await ran(own.ledger(), aRun('week', march(4, 11)), []);
    expect(await found('2024-03-04', known(shop))).toEqual(['week', 'day']);
    expect(await found('2024-03-04/2024-03-05', known(shop))).toEqual(['day']);
    expect(await found('2024-03-05', known(shop))).toEqual([]);
  });

  it('are found of a cadence of before, of one that needs a parameter, and of one that is gone, in its own zone', async () => {
    await ran(own.ledger(), aRun('day', march(4)), []);
    const hourly = { ...shop, schedule: { cron: '30 * * * *', timezone: 'UTC' } };
    expect(await found('2024-03-04', known(hourly))).toEqual(['day']);
    const params = { region: { type: 'string', required: true } } as const;
    expect(await found('2024-03-04', known({ ...shop, params }))).toEqual(['day']);
    expect(await found('2024-03-04', new Map())).toEqual(['day']);
    const eastern = { ...shop, schedule: { cron: '0 0 * * *', timezone: 'America/New_York' } };
    const interval = { start: '2024-03-06T05:00:00Z', end: '2024-03-07T05:00:00Z' };
    await ran(own.ledger(), { ...aRun('eastern', interval), definition: eastern }, []);
    expect(await found('2024-03-06', new Map())).toEqual(['eastern']);
  });

  it('is refused where it is no time', async () => {
    await expect(found('yesterday', known(shop))).rejects.toThrow(/'yesterday' is not a date/);
    await expect(found('2024-03-05/2024-03-04', known(shop))).rejects.toThrow(/ends before/);
  });
});
