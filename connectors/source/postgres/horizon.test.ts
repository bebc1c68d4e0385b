import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TransientError } from '../../../core/errors.ts';
import { ids, readWhile } from '../conformance/beside-writers.ts';
import { aTable, extractAll, incremental, markAt } from '../conformance/suite.ts';
import { openPostgres, type PostgresHarness } from './harness.ts';
import { PostgresSource } from './source.ts';

describe('an incremental extraction beside open transactions', { timeout: 240_000 }, () => {
  let db: PostgresHarness;
  const byTime = aTable({ from: 'events', extract: incremental('at') });
  const byNumber = aTable({ from: 'events', extract: incremental('id') });

  beforeAll(async () => {
    db = await openPostgres();
  }, 120_000);
  afterAll(() => db.close());
  beforeEach(() =>
    db.sql(`CREATE TABLE events (id serial PRIMARY KEY, at timestamptz DEFAULT now(), note text);
      INSERT INTO events (at, note) VALUES (now() - interval '1 day', 'old')`),
  );
  afterEach(() => db.sql('DROP TABLE events'));

  it('does not lose rows of a transaction that began earlier and commits later', async () => {
    const slow = await db.session();
    await slow.query('BEGIN');
    await slow.query('SELECT 1');
    await db.sql(`SELECT pg_sleep(1.3)`);
    await db.sql(`INSERT INTO events (note) VALUES ('fast')`);
    await db.sql(`SELECT pg_sleep(1.3)`);

    const first = await extractAll(db.source, byTime);
    expect(ids(first)).toEqual([1]); // The fast one waits for the slow one.

    await slow.query(`INSERT INTO events (note) VALUES ('slow')`); // at = the start of its transaction
    await slow.query('COMMIT');
    await db.sql(`SELECT pg_sleep(1.3)`);
    const second = await extractAll(db.source, byTime, { mark: markAt(first.highWaterMark) });
    expect(new Set([...ids(first), ...ids(second)])).toEqual(new Set([1, 2, 3]));
  });

  it('says how far it reaches, and who holds it up', async () => {
    const slow = await db.session();
    await slow.query('BEGIN; SELECT 1');
    const [began] = await db.sql(
      `SELECT pid, to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at FROM pg_stat_activity
       WHERE state = 'idle in transaction' AND datname = current_database()`,
    );
    await db.sql('SELECT pg_sleep(1.3)');
    const held = await extractAll(db.source, byTime);
    expect(held.reach).toEqual({
      upTo: began?.['at'],
      heldBy: expect.stringMatching(
        new RegExp(
          `open transaction of pid ${String(began?.['pid'])}, user postgres, since .*pg_stat_activity`,
        ),
      ) as string,
    });
    // Nobody needs to be waited for where numbers count on, or where a snapshot is taken.
    for (const table of [byNumber, aTable({ from: 'events' })]) {
      const { reach } = await extractAll(db.source, table);
      expect(reach.heldBy).toBeUndefined();
      expect(reach.upTo > held.reach.upTo).toBe(true);
    }
    await slow.query('ROLLBACK');
    const free = await extractAll(db.source, byTime);
    expect(free.reach.heldBy).toBeUndefined();
    expect(free.reach.upTo > held.reach.upTo).toBe(true);
  });

  for (const [type, write, upTo] of [
    ['date', 'append', `date_trunc('day', now() AT TIME ZONE 'UTC')`],
    ['date', 'merge', `date_trunc('second', now() AT TIME ZONE 'UTC') - interval '1 minute'`],
    ['timestamp', 'append', `date_trunc('second', now() AT TIME ZONE 'UTC') - interval '1 minute'`],
  ] as const) {
    it(`reaches as far as its cursor tells apart: ${type}, ${write}`, async () => {
      await db.sql(`ALTER TABLE events ALTER at DROP DEFAULT, ALTER at TYPE ${type}`);
      const { reach } = await extractAll(
        db.source,
        aTable({
          from: 'events',
          extract: incremental('at'),
          write,
          primaryKey: write === 'merge' ? ['id'] : [],
        }),
      );
      const [expected] = await db.sql(`SELECT to_char(${upTo}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at`);
      // Where it is another day in the server's zone than in UTC, the earlier of the two counts.
      if (type === 'date' && write === 'append') {
        expect(reach.upTo).toMatch(/T00:00:00Z$/);
        expect(reach.upTo <= String(expected?.['at'])).toBe(true);
      } else expect(reach.upTo > String(expected?.['at'])).toBe(true);
    });
  }

  it('reads up to the present when nothing is in flight', async () => {
    await db.sql(`INSERT INTO events (note) VALUES ('now')`);
    await db.sql(`SELECT pg_sleep(1.3)`);
    expect(ids(await extractAll(db.source, byTime))).toEqual([1, 2]);
  });

  it('waits for writers before it counts on by a number', async () => {
    const slow = await db.session();
    await slow.query('BEGIN');
    await slow.query(`INSERT INTO events (note) VALUES ('slow')`); // takes id 2
    await db.sql(`INSERT INTO events (note) VALUES ('fast')`); // takes id 3
    const extraction = extractAll(db.source, byNumber);
    await db.sql(`SELECT pg_sleep(0.5)`);
    await slow.query('COMMIT');
    const found = await extraction;
    expect(ids(found)).toEqual([1, 2, 3]);
    expect(found.highWaterMark).toBe('3');
  });

  it('gives up on a writer that goes on, and says so', async () => {
    const slow = await db.session();
    await slow.query('BEGIN');
    await slow.query(`INSERT INTO events (note) VALUES ('slow')`);
    const failed = extractAll(db.source, byNumber);
    await expect(failed).rejects.toThrow(/cannot be read yet.*write to it go on/s);
    await expect(failed).rejects.toBeInstanceOf(TransientError);
    await slow.query('ROLLBACK');
  });

  it('takes nothing by number from a table that was empty, so that no smaller number is lost', async () => {
    await db.sql('DELETE FROM events');
    expect((await extractAll(db.source, byNumber)).rows).toBe(0);
  });

  it('waits for rows of a prepared transaction', async () => {
    const slow = await db.session();
    await slow.query('BEGIN');
    await slow.query(`INSERT INTO events (note) VALUES ('prepared')`);
    await slow.query(`PREPARE TRANSACTION 'held'`);
    await db.sql(`SELECT pg_sleep(1.3)`);
    const extraction = extractAll(db.source, byTime);
    await db.sql(`SELECT pg_sleep(0.5)`);
    await slow.query(`COMMIT PREPARED 'held'`);
    expect(ids(await extraction)).toEqual([1, 2]);
  });

  it('waits where the start of a transaction is hidden from its user', async () => {
    await db.sql(`CREATE ROLE blind LOGIN PASSWORD 'blind'; GRANT SELECT ON events TO blind`);
    const source = new PostgresSource({ ...db.options, user: 'blind', password: 'blind' });
    try {
      const slow = await db.session();
      await slow.query('BEGIN');
      await slow.query('SELECT 1');
      const failed = extractAll(source, byTime);
      await expect(failed).rejects.toThrow(/start is hidden.*GRANT pg_read_all_stats/s);
      const extraction = extractAll(source, byTime);
      await db.sql(`SELECT pg_sleep(0.5)`);
      await slow.query(`INSERT INTO events (note) VALUES ('slow'); COMMIT`);
      expect(ids(await extraction)).toEqual([1, 2]);
      await db.sql('GRANT pg_read_all_stats TO blind');
      await slow.query('BEGIN; SELECT 1');
      expect(ids(await extractAll(source, byTime))).toEqual([1, 2]);
      await slow.query('ROLLBACK');
    } finally {
      await source.close();
      await db.sql('DROP OWNED BY blind; DROP ROLE blind');
    }
  });

  it('is not held back by an extraction of ours', async () => {
    await db.sql(`CREATE VIEW waits AS SELECT id, pg_sleep(1)::text AS waited FROM events`);
    const long = extractAll(db.source, aTable({ from: 'waits' }));
    await expect.poll(() => db.sessions()).toBeGreaterThan(0);
    await db.sql(`INSERT INTO events (note) VALUES ('meanwhile')`);
    await db.sql(`SELECT pg_sleep(1.3)`);
    const other = new PostgresSource(db.options);
    expect(ids(await extractAll(other, byTime))).toEqual([1, 2]);
    await other.close();
    await long;
    await db.sql('DROP VIEW waits');
  });

  describe('where cursors are coarser than the moment they stand for', () => {
    const appended = aTable({ from: 'coarse', extract: incremental('at'), write: 'append', primaryKey: [] });
    const merged = aTable({ from: 'coarse', extract: incremental('at') });
    afterEach(() => db.sql('DROP TABLE coarse'));

    for (const [what, type, value] of [
      ['a column rounds to seconds', 'timestamptz(0)', 'clock_timestamp()'],
      ['a column without zone rounds to seconds', 'timestamp(0)', `clock_timestamp() AT TIME ZONE 'UTC'`],
      ['a program cuts off milliseconds', 'timestamptz', `date_trunc('milliseconds', clock_timestamp())`],
      ['a program cuts off seconds', 'timestamptz', `date_trunc('second', clock_timestamp())`],
      ['a column rounds to a tenth of a second', 'timestamptz(1)', 'clock_timestamp()'],
    ] as const) {
      it(`brings every row once: ${what}`, async () => {
        await db.sql(`CREATE TABLE coarse (id serial PRIMARY KEY, at ${type} NOT NULL)`);
        const writing = db.sql(
          `DO $$ BEGIN FOR n IN 1..40 LOOP INSERT INTO coarse (at) VALUES (${value}); COMMIT; PERFORM pg_sleep(0.04); COMMIT; END LOOP; END $$`,
        );
        const found = await readWhile(db.source, { appended, merged }, writing, () =>
          db.sql('SELECT pg_sleep(2.2)'),
        );
        await db.sql(`INSERT INTO coarse (at) VALUES (now() + interval '1 hour')`);
        const [row] = await db.sql(`SELECT count(*)::int AS n FROM coarse WHERE at < now()`);
        expect(found.appended).toEqual([...Array(Number(row?.['n'])).keys()].map((n) => n + 1));
        expect(found.merged.size).toBe(Number(row?.['n']));
      });
    }

    it('leaves today to tomorrow, where the cursor is a date and rows are appended', async () => {
      await db.sql(`CREATE TABLE coarse (id serial PRIMARY KEY, at date NOT NULL);
        INSERT INTO coarse (at) VALUES (current_date - 1), (current_date - 2), (current_date)`);
      const first = await extractAll(db.source, appended);
      // Where it is another day in UTC than in the server's zone, the earlier of the two is not over.
      expect(ids(first)).not.toContain(3);
      expect(ids(await extractAll(db.source, merged))).toEqual([1, 2, 3]);
    });
  });

  describe('by numbers', () => {
    it.each([
      ['cached by its sessions', 'CACHE 20'],
      ['given out in blocks', 'INCREMENT 50'],
      ['that begin anew', 'MAXVALUE 1000 CYCLE'],
    ])('refuses those that are %s, for smaller ones come later', async (_, option) => {
      await db.sql(`ALTER SEQUENCE events_id_seq ${option}`);
      await expect(extractAll(db.source, byNumber)).rejects.toThrow(
        /sequence events_id_seq.*smaller ones arrive after greater ones.*ALTER SEQUENCE/s,
      );
      await db.sql(`CREATE TABLE plain (id int PRIMARY KEY DEFAULT nextval('events_id_seq'))`);
      await expect(
        extractAll(db.source, aTable({ from: 'plain', extract: incremental('id') })),
      ).rejects.toThrow(/sequence events_id_seq/);
      await db.sql('DROP TABLE plain');
    });

    it('waits for writers of the table that a view reads', async () => {
      await db.sql('CREATE VIEW seen AS SELECT id, note FROM events');
      const slow = await db.session();
      await slow.query('BEGIN');
      await slow.query(`INSERT INTO events (note) VALUES ('slow')`); // takes id 2
      await db.sql(`INSERT INTO events (note) VALUES ('fast')`); // takes id 3
      const extraction = extractAll(db.source, aTable({ from: 'seen', extract: incremental('id') }));
      await db.sql(`SELECT pg_sleep(0.5)`);
      await slow.query('COMMIT');
      expect(ids(await extraction)).toEqual([1, 2, 3]);
      await db.sql('DROP VIEW seen');
    });

    it('does not take NaN for the greatest, which nothing would follow', async () => {
      await db.sql(`CREATE TABLE amounts (id numeric); INSERT INTO amounts VALUES (1), ('NaN'), (2)`);
      const table = (cursorOutOfRange?: 'exclude') =>
        aTable({
          from: 'amounts',
          types: { id: 'decimal(9,0)' },
          extract: { ...incremental('id'), ...(cursorOutOfRange && { cursorOutOfRange }) },
        });
      await expect(extractAll(db.source, table())).rejects.toThrow(
        /1 row whose cursor 'id' is infinite, or no number/,
      );
      const left = await extractAll(db.source, table('exclude'));
      expect(left).toMatchObject({ rows: 2, highWaterMark: '2' });
      await db.sql('DROP TABLE amounts');
    });
  });
});
