import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TransientError } from '../../core/errors.ts';
import { aTable, extractAll, incremental, type Extraction } from './conformance.ts';
import { openPostgres, type PostgresHarness } from './postgres-harness.ts';
import { PostgresSource } from './postgres.ts';

describe('an incremental extraction beside open transactions', { timeout: 120_000 }, () => {
  let db: PostgresHarness;
  const ids = (extraction: Extraction) =>
    extraction.data.map((row) => Number(row['id'])).sort((a, b) => a - b);
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
    await db.sql(`SELECT pg_sleep(0.3)`);
    await db.sql(`INSERT INTO events (note) VALUES ('fast')`);
    await db.sql(`SELECT pg_sleep(0.3)`);

    const first = await extractAll(db.source, byTime);
    expect(ids(first)).toEqual([1]); // The fast one waits for the slow one.

    await slow.query(`INSERT INTO events (note) VALUES ('slow')`); // at = the start of its transaction
    await slow.query('COMMIT');
    await db.sql(`SELECT pg_sleep(0.3)`);
    const second = await extractAll(db.source, byTime, { highWaterMark: first.highWaterMark });
    expect(new Set([...ids(first), ...ids(second)])).toEqual(new Set([1, 2, 3]));
  });

  it('reads up to the present when nothing is in flight', async () => {
    await db.sql(`INSERT INTO events (note) VALUES ('now')`);
    await db.sql(`SELECT pg_sleep(0.3)`);
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
    await expect(failed).rejects.toThrow(/cannot be read incrementally yet.*write to it go on/s);
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
    await db.sql(`SELECT pg_sleep(0.3)`);
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
    await db.sql(`SELECT pg_sleep(0.3)`);
    const other = new PostgresSource(db.options);
    expect(ids(await extractAll(other, byTime))).toEqual([1, 2]);
    await other.close();
    await long;
    await db.sql('DROP VIEW waits');
  });
});
