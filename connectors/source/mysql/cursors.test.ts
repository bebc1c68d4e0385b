import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../../core/errors.ts';
import type { Mark } from '../../../core/mark.ts';
import { ids, justEnded, readWhile, untilOver } from '../conformance/beside-writers.ts';
import { aTable, extractAll, incremental, interval, markAt } from '../conformance/suite.ts';
import { openMysql, type MysqlHarness } from './harness.ts';

// What PostgreSQL's horizon, late-writers, marks and zones tests hold, of MySQL.
describe('the cursor of an extraction from MySQL', { timeout: 240_000 }, () => {
  let db: MysqlHarness;

  beforeAll(async () => {
    db = await openMysql();
  }, 120_000);
  afterAll(() => db.close());

  describe('beside open transactions', () => {
    const table = aTable({ from: 'events', extract: interval('at') });
    const byTime = aTable({ from: 'events', extract: incremental('at') });
    const byNumber = aTable({ from: 'events', extract: incremental('id') });
    /** A transaction that is in flight: the server lists it once it has taken its snapshot. */
    const begun = async () => {
      const slow = await db.session();
      await slow.query('START TRANSACTION WITH CONSISTENT SNAPSHOT');
      await slow.query('SELECT COUNT(*) FROM events');
      return slow;
    };

    beforeEach(() =>
      db.sql(`CREATE TABLE events (id int AUTO_INCREMENT PRIMARY KEY, at timestamp(6) NOT NULL DEFAULT now(6), note text);
        INSERT INTO events (note) VALUES ('fast')`),
    );
    afterEach(() => db.sql('DROP TABLE events'));

    it('waits for the rows of a transaction that began within its interval and commits after the end', async () => {
      const slow = await begun();
      await slow.query(`INSERT INTO events (note) VALUES ('slow')`);
      const span = justEnded();
      await untilOver(span);
      const told: unknown[] = [];
      const extraction = extractAll(db.source, table, {
        interval: span,
        onProgress: (progress) => told.push(progress),
      });
      await expect
        .poll(() => told, { timeout: 20_000 })
        .toContainEqual(
          expect.objectContaining({ waitingFor: expect.stringMatching(/has not ended \(.*\d+/) as string }),
        );
      await slow.query('COMMIT');
      expect(ids(await extraction)).toEqual([1, 2]);
    });

    it('fails in a way that is tried again, naming the session, where it goes on', async () => {
      const slow = await begun();
      const span = justEnded();
      await untilOver(span);
      const failed = extractAll(db.source, table, { interval: span });
      await expect(failed).rejects.toThrow(/a transaction that began before .* has not ended \(.*\d+/s);
      await expect(failed).rejects.toBeInstanceOf(TransientError);
      await slow.query('ROLLBACK');
    });

    it('does not lose rows of a transaction that began earlier and commits later', async () => {
      const slow = await begun();
      await db.sql('DO SLEEP(1.3)');
      await db.sql(`INSERT INTO events (note) VALUES ('fast')`);
      await db.sql('DO SLEEP(1.3)');
      const first = await extractAll(db.source, byTime);
      expect(first.reach.heldBy).toMatch(/the open transaction of /);
      await slow.query(`INSERT INTO events (note) VALUES ('slow')`);
      await slow.query('COMMIT');
      await db.sql('DO SLEEP(2.2)'); // a statement's own time is read once its second is over
      const second = await extractAll(db.source, byTime, {
        mark: first.highWaterMark === null ? undefined : markAt(first.highWaterMark),
      });
      expect(second.reach.heldBy).toBeUndefined();
      expect(new Set([...ids(first), ...ids(second)])).toEqual(new Set([1, 2, 3]));
    });

    it('waits for writers before it counts on by a number, and gives up on one that goes on', async () => {
      const slow = await begun();
      await slow.query(`INSERT INTO events (note) VALUES ('slow')`); // takes id 2
      await db.sql(`INSERT INTO events (note) VALUES ('fast')`); // takes id 3
      const failed = extractAll(db.source, byNumber);
      await expect(failed).rejects.toThrow(/may write to it go on/);
      await expect(failed).rejects.toBeInstanceOf(TransientError);
      const extraction = extractAll(db.source, byNumber);
      await db.sql('DO SLEEP(0.5)');
      await slow.query('COMMIT');
      expect(ids(await extraction)).toEqual([1, 2, 3]);
    });
  });

  it('loses nothing where another program asks for the open transactions so often that the server shows what was', async () => {
    const byTime = aTable({ from: 'watched', extract: incremental('at') });
    await db.sql('CREATE TABLE watched (id int PRIMARY KEY, at timestamp(6) NOT NULL DEFAULT now(6))');
    const watcher = await db.session();
    const slow = await db.session();
    const watching: { until?: true } = {};
    const watched = (async () => {
      while (!watching.until) {
        await watcher.query('SELECT COUNT(*) FROM information_schema.INNODB_TRX');
        await watcher.query('DO SLEEP(0.02)');
      }
    })();
    try {
      await slow.query('START TRANSACTION');
      await slow.query('INSERT INTO watched (id) VALUES (1)');
      await db.sql('DO SLEEP(2.2)');
      await db.sql('INSERT INTO watched (id) VALUES (2)');
      await db.sql('DO SLEEP(2.2)');
      const asked = extractAll(db.source, byTime);
      await db.sql('DO SLEEP(1)');
      watching.until = true;
      const first = await asked;
      expect(first.reach.heldBy).toMatch(/the open transaction of /);
      expect(ids(first)).toEqual([]);
      await slow.query('COMMIT');
      await db.sql('DO SLEEP(2.2)');
      expect(ids(await extractAll(db.source, byTime))).toEqual([1, 2]);
    } finally {
      watching.until = true;
      await watched;
      await slow.query('ROLLBACK');
      await db.sql('DROP TABLE watched');
    }
  });

  describe('that is coarser than the moment it stands for', () => {
    const appended = aTable({ from: 'coarse', extract: incremental('at'), write: 'append', primaryKey: [] });
    const merged = aTable({ from: 'coarse', extract: incremental('at') });
    afterEach(() => db.sql('DROP TABLE coarse'));

    it.each([
      ['a column rounds to seconds', 'datetime', 'sysdate(6)'],
      ['a column of timestamps does', 'timestamp NOT NULL', 'sysdate(6)'],
      ['a program cuts off seconds', 'datetime(6)', 'sysdate()'],
      ['a program cuts off milliseconds', 'timestamp(6) NOT NULL', 'sysdate(3)'],
    ])('brings every row once: %s', async (_, type, value) => {
      await db.sql(`CREATE TABLE coarse (id int AUTO_INCREMENT PRIMARY KEY, at ${type})`);
      const write = async () => {
        for (let n = 0; n < 40; n += 1)
          await db.sql(`INSERT INTO coarse (at) VALUES (${value}); DO SLEEP(0.04)`);
      };
      const found = await readWhile(db.source, { appended, merged }, write(), () => db.sql('DO SLEEP(2.2)'));
      expect(found.appended).toEqual([...Array(40).keys()].map((n) => n + 1));
      expect(found.merged.size).toBe(40);
    });

    it('leaves today to tomorrow, where it is a date and rows are appended', async () => {
      await db.sql(`CREATE TABLE coarse (id int AUTO_INCREMENT PRIMARY KEY, at date);
        INSERT INTO coarse (at) VALUES (curdate() - INTERVAL 1 DAY), (curdate() - INTERVAL 2 DAY), (curdate())`);
      expect(ids(await extractAll(db.source, appended))).not.toContain(3);
      expect(ids(await extractAll(db.source, merged))).toEqual([1, 2, 3]);
    });
  });

  describe('of a mark', () => {
    const table = (cursor: string, write: 'merge' | 'append' = 'merge') =>
      aTable({ from: 'events', extract: incremental(cursor), write });
    const mark = (value: string, column: string, type: NonNullable<Mark['cursor']>['type']): Mark => ({
      value,
      cursor: { column, type },
    });
    beforeEach(() =>
      db.sql(`CREATE TABLE events (id int PRIMARY KEY, at datetime, changed datetime);
        INSERT INTO events VALUES (1, '2018-01-01', '2018-03-01'), (2, '2018-02-01', '2018-02-01')`),
    );
    afterEach(() => db.sql('DROP TABLE events'));

    it.each([
      ['another column', 'changed', mark('2018-02-15 00:00:00', 'at', 'timestamp'), undefined],
      ['a time with a zone that had none', 'at', mark('2018-01-15 00:00:00', 'at', 'timestamp'), 'timestamp'],
      ['a date that was a time', 'at', mark('2018-01-15 00:00:00', 'at', 'timestamp'), 'date'],
      ['a time that was a number', 'at', mark('20180115', 'at', 'number'), undefined],
    ] as const)(
      'that is %s: reads all of a merged table, and refuses an appended one',
      async (_, cursor, old, type) => {
        if (type) await db.sql(`ALTER TABLE events MODIFY at ${type} NOT NULL`);
        const all = await extractAll(db.source, table(cursor), { mark: old });
        expect(ids(all)).toEqual([1, 2]);
        expect(all.since).toBeNull();
        const refused = extractAll(db.source, table(cursor, 'append'), { mark: old });
        await expect(refused).rejects.toThrow(/was read up to a mark.*no value of its cursor/s);
        await expect(refused).rejects.toBeInstanceOf(TerminalError);
      },
    );

    it('goes on over a wider type of the same column', async () => {
      await db.sql('ALTER TABLE events MODIFY id bigint');
      const next = { mark: mark('1', 'id', 'number') };
      expect(ids(await extractAll(db.source, table('id', 'append'), next))).toEqual([2]);
    });
  });

  describe('over an interval', () => {
    afterEach(() => db.sql('DROP TABLE IF EXISTS events, local'));

    it.each([
      ['datetime', false],
      ['datetime', true],
      ['date', false],
      ['date', true],
    ])(
      'counts what none holds, only a later one, and the one before (%s, indexed: %s)',
      async (type, indexed) => {
        await db.sql(`CREATE TABLE events (id int PRIMARY KEY, at ${type});
        INSERT INTO events VALUES (1, '2018-01-01'), (2, '2018-02-01'), (7, now() + INTERVAL 3 DAY)`);
        if (indexed) await db.sql('CREATE INDEX at ON events (at)');
        const before = { start: '2018-01-01T00:00:00Z', end: '2018-01-02T00:00:00Z' };
        const next = { start: '2018-01-02T00:00:00Z', end: '2018-03-02T00:00:00Z' };
        const found = await extractAll(db.source, aTable({ from: 'events', extract: interval('at') }), {
          interval: next,
          before,
        });
        expect(ids(found)).toEqual([2]);
        expect(found.before).toEqual({ interval: before, rows: 1 });
        expect(found.coercions).toEqual([
          { column: 'at', rule: 'rows whose cursor lies in the future are left to later intervals', rows: 1 },
        ]);
        await db.sql(`SET SESSION sql_mode = ''; INSERT INTO events VALUES (3, '0000-00-00')`);
        const table = (more = {}) =>
          aTable({ from: 'events', extract: { ...interval('at'), ...more }, zeroDates: 'null' });
        await expect(extractAll(db.source, table(), { interval: next })).rejects.toThrow(
          /1 row whose cursor 'at' .*cursorOutOfRange: 'exclude'/s,
        );
        const left = await extractAll(db.source, table({ cursorOutOfRange: 'exclude' }), { interval: next });
        expect(ids(left)).toEqual([2]);
        expect(left.coercions).toContainEqual({
          column: 'at',
          rule: 'rows whose cursor no interval can hold are left out',
          rows: 1,
        });
      },
    );

    it('goes by the zone that its table is in, and cuts no day in two', async () => {
      await db.sql(`CREATE TABLE local (id int PRIMARY KEY, at datetime, day date);
        INSERT INTO local VALUES (1, '2018-10-27 23:59:59', '2018-10-27'), (2, '2018-10-28 00:00', '2018-10-28'),
          (3, '2018-10-28 02:00', '2018-10-28'), (5, '2018-10-28 23:59', '2018-10-28'), (6, '2018-10-29 00:00', '2018-10-29')`);
      const read = (cursor: string, start: string, end: string, timezone?: string) =>
        extractAll(
          db.source,
          aTable({
            from: 'local',
            extract: interval(cursor),
            ...(timezone === undefined ? {} : { timezone }),
          }),
          { interval: { start, end } },
        );
      const day = ['2018-10-27T22:00:00Z', '2018-10-28T23:00:00Z'] as const; // one of 25 hours
      const found = await read('at', ...day, 'Europe/Rome');
      expect(ids(found)).toEqual([2, 3, 5]);
      expect(found.timezone).toBe('Europe/Rome');
      expect(ids(await read('day', ...day, 'Europe/Rome'))).toEqual([2, 3, 5]);
      await expect(read('day', '2018-10-28T04:00:00Z', '2018-10-29T04:00:00Z')).rejects.toThrow(
        /'day' is a date, and 2018-10-28T04:00:00Z is no midnight in UTC.*Set 'timezone' of the table/s,
      );
    });
  });
});
