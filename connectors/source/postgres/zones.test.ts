import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ids } from '../conformance/beside-writers.ts';
import { aTable, extractAll, interval } from '../conformance/suite.ts';
import { openPostgres, type PostgresHarness } from './harness.ts';

describe('a table in local time', { timeout: 120_000 }, () => {
  let db: PostgresHarness;
  const read = async (cursor: string, start: string, end: string, timezone?: string) =>
    extractAll(
      db.source,
      aTable({ from: 'local', extract: interval(cursor), ...(timezone === undefined ? {} : { timezone }) }),
      { interval: { start, end } },
    );
  beforeAll(async () => {
    db = await openPostgres();
    await db.sql(`CREATE TABLE local (id int PRIMARY KEY, at timestamp, day date);
      INSERT INTO local VALUES (1, '2018-10-27 23:59:59', '2018-10-27'), (2, '2018-10-28 00:00', '2018-10-28'),
        (3, '2018-10-28 02:00', '2018-10-28'), (4, '2018-10-28 02:30', '2018-10-28'), (5, '2018-10-28 23:59', '2018-10-28'),
        (6, '2018-10-29 00:00', '2018-10-29')`);
  }, 120_000);
  afterAll(() => db.close());

  it('has the rows of its own days, also of one of 25 hours', async () => {
    const day = ['2018-10-27T22:00:00Z', '2018-10-28T23:00:00Z'] as const;
    const found = await read('at', ...day, 'Europe/Rome');
    expect(ids(found)).toEqual([2, 3, 4, 5]);
    expect(found.timezone).toBe('Europe/Rome');
    expect(ids(await read('day', ...day, 'Europe/Rome'))).toEqual([2, 3, 4, 5]);
  });

  it('has the rows of an hour that comes twice in the second of the two', async () => {
    const hours = ['2018-10-28T00:00:00Z', '2018-10-28T01:00:00Z', '2018-10-28T02:00:00Z'] as const;
    expect(ids(await read('at', hours[0], hours[1], 'Europe/Rome'))).toEqual([]);
    expect(ids(await read('at', hours[1], hours[2], 'Europe/Rome'))).toEqual([3, 4]);
  });

  it('is read though the interval before has no days: rows that came late to it are then not counted', async () => {
    const table = aTable({ from: 'local', extract: interval('day') });
    const wanted = { start: '2018-10-28T00:00:00Z', end: '2018-10-29T00:00:00Z' };
    const read = async (start: string) =>
      extractAll(db.source, table, { interval: wanted, before: { start, end: wanted.start } });
    const hour = await read('2018-10-27T23:00:00Z');
    expect(ids(hour)).toEqual([2, 3, 4, 5]);
    expect(hour).not.toHaveProperty('before');
    expect((await read('2018-10-27T00:00:00Z')).before).toMatchObject({ rows: 1 });
  });

  it('refuses to cut a day in two, saying what to set', async () => {
    const day = ['2018-10-28T04:00:00Z', '2018-10-29T04:00:00Z'] as const;
    await expect(read('day', ...day)).rejects.toThrow(
      /'day' is a date, and 2018-10-28T04:00:00Z is no midnight in UTC.*Set 'timezone' of the table/s,
    );
    expect(ids(await read('day', ...day, 'America/New_York'))).toEqual([2, 3, 4, 5]);
  });
});
