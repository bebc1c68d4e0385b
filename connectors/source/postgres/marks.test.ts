import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TerminalError } from '../../../core/errors.ts';
import type { Mark } from '../../../core/mark.ts';
import { ids } from '../conformance/beside-writers.ts';
import { aTable, extractAll, incremental, interval, markAt } from '../conformance/suite.ts';
import { openPostgres, type PostgresHarness } from './harness.ts';

describe('the cursor of an extraction', { timeout: 120_000 }, () => {
  let db: PostgresHarness;
  const table = (cursor: string, write: 'merge' | 'append' = 'merge') =>
    aTable({ from: 'events', extract: incremental(cursor), write });
  const mark = (value: string, column: string, type: NonNullable<Mark['cursor']>['type']): Mark => ({
    value,
    cursor: { column, type },
  });

  beforeAll(async () => {
    db = await openPostgres();
  }, 120_000);
  afterAll(() => db.close());
  beforeEach(() =>
    db.sql(`CREATE TABLE events (id int PRIMARY KEY, at timestamp, changed timestamp);
      INSERT INTO events VALUES (1, '2018-01-01', '2018-03-01'), (2, '2018-02-01', '2018-02-01')`),
  );
  afterEach(() => db.sql('DROP TABLE events'));

  it('is told with the mark, and what the mark was read from', async () => {
    const first = await extractAll(db.source, table('at'));
    expect(first).toMatchObject({
      since: null,
      highWaterMark: '2018-02-01 00:00:00',
      cursor: { column: 'at', type: 'timestamp' },
    });
    const next = await extractAll(db.source, table('at'), {
      mark: mark('2018-02-01 00:00:00', 'at', 'timestamp'),
    });
    expect(next.since).toBe('2018-02-01 00:00:00');
    expect(ids(next)).toEqual([2]);
    expect((await extractAll(db.source, table('id'))).cursor).toEqual({ column: 'id', type: 'number' });
  });

  const changes = [
    ['another column', 'changed', mark('2018-02-15 00:00:00', 'at', 'timestamp'), undefined],
    ['a time with a zone that had none', 'at', mark('2018-01-15 00:00:00', 'at', 'timestamp'), 'timestamptz'],
    ['a date that was a time', 'at', mark('2018-01-15 00:00:00', 'at', 'timestamp'), 'date'],
    ['a time that was a number', 'at', mark('20180115', 'at', 'number'), undefined],
    ['a time with a zone, by a mark that says nothing', 'at', markAt('2018-01-15 00:00:00'), 'timestamptz'],
    ['a time without, by a mark that says nothing', 'at', markAt('2018-01-15 00:00:00+00'), undefined],
  ] as const;
  for (const [what, cursor, old, type] of changes) {
    it(`that is ${what}: reads all of a merged table, and refuses an appended one`, async () => {
      if (type) await db.sql(`ALTER TABLE events ALTER at TYPE ${type}`);
      const all = await extractAll(db.source, table(cursor), { mark: old });
      expect(ids(all)).toEqual([1, 2]);
      expect(all.since).toBeNull();
      const refused = extractAll(db.source, table(cursor, 'append'), { mark: old });
      await expect(refused).rejects.toThrow(
        /was read up to a mark.*no value of its cursor.*Go back to the cursor before, use write: 'merge', or drop/s,
      );
      await expect(refused).rejects.toBeInstanceOf(TerminalError);
    });
  }

  it('goes on over a wider type of the same column', async () => {
    await db.sql('ALTER TABLE events ALTER id TYPE bigint');
    expect(
      ids(await extractAll(db.source, table('id', 'append'), { mark: mark('1', 'id', 'number') })),
    ).toEqual([2]);
    expect(ids(await extractAll(db.source, table('id'), { mark: markAt('2') }))).toEqual([2]);
  });

  for (const type of ['timestamp', 'timestamptz', 'date']) {
    for (const indexed of [false, true]) {
      it(`counts what no interval holds, or only a later one (${type}${indexed ? ', indexed' : ''})`, async () => {
        await db.sql(`ALTER TABLE events ALTER at TYPE ${type};
          INSERT INTO events VALUES (3, '20231-01-01'), (4, 'infinity'), (5, '-infinity'), (6, '0044-03-15 BC'), (7, now() + interval '3 days')`);
        if (indexed) await db.sql('CREATE INDEX ON events (at)');
        const day = { interval: { start: '2018-01-01T00:00:00Z', end: '2018-01-02T00:00:00Z' } };
        for (const extract of [interval('at'), incremental('at')]) {
          const refused = extractAll(db.source, aTable({ from: 'events', extract }), day);
          await expect(refused).rejects.toThrow(
            /4 rows whose cursor 'at' is infinite, or outside of the years 1 to 9999.*cursorOutOfRange: 'exclude'/s,
          );
          const left = await extractAll(
            db.source,
            aTable({ from: 'events', extract: { ...extract, cursorOutOfRange: 'exclude' } }),
            day,
          );
          expect(ids(left)).toEqual(extract.mode === 'interval' ? [1] : [1, 2]);
          expect(left.coercions).toEqual([
            { column: 'at', rule: 'rows whose cursor no interval can hold are left out', rows: 4 },
            {
              column: 'at',
              rule: 'rows whose cursor lies in the future are left to later intervals',
              rows: 1,
            },
          ]);
        }
      });

      it(`counts the rows of the interval before, in the same snapshot (${type}${indexed ? ', indexed' : ''})`, async () => {
        await db.sql(`ALTER TABLE events ALTER at TYPE ${type}`);
        if (indexed) await db.sql('CREATE INDEX ON events (at)');
        const before = { start: '2018-01-01T00:00:00Z', end: '2018-01-02T00:00:00Z' };
        const next = { start: '2018-01-02T00:00:00Z', end: '2018-03-02T00:00:00Z' };
        const found = await extractAll(db.source, aTable({ from: 'events', extract: interval('at') }), {
          interval: next,
          before,
        });
        expect(ids(found)).toEqual([2]);
        expect(found.before).toEqual({ interval: before, rows: 1 });
      });
    }
  }
});
