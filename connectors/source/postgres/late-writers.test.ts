import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TransientError } from '../../../core/errors.ts';
import { toInstant } from '../../../core/interval.ts';
import { ids, justEnded, untilOver } from '../conformance/beside-writers.ts';
import { aTable, extractAll, interval } from '../conformance/suite.ts';
import { openPostgres, type PostgresHarness } from './harness.ts';

describe('an interval beside open transactions', { timeout: 120_000 }, () => {
  let db: PostgresHarness;
  const table = aTable({ from: 'events', extract: interval('at') });

  beforeAll(async () => {
    db = await openPostgres();
  }, 120_000);
  afterAll(() => db.close());
  beforeEach(() =>
    db.sql(`CREATE TABLE events (id serial PRIMARY KEY, at timestamptz DEFAULT now(), note text);
      INSERT INTO events (note) VALUES ('fast')`),
  );
  afterEach(() => db.sql('DROP TABLE events'));

  it('waits for the rows of a transaction that began within it and commits after its end', async () => {
    const slow = await db.session();
    await slow.query('BEGIN');
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
        expect.objectContaining({
          waitingFor: expect.stringMatching(/pid \d+, user postgres, since/) as string,
        }),
      );
    await slow.query('COMMIT');
    expect(ids(await extraction)).toEqual([1, 2]);
  });

  it('fails in a way that is tried again, naming the session, where it goes on', async () => {
    const slow = await db.session();
    await slow.query('BEGIN; SELECT 1');
    const span = justEnded();
    await untilOver(span);
    const failed = extractAll(db.source, table, { interval: span });
    await expect(failed).rejects.toThrow(
      /cannot be read yet: after \d+ s, a transaction that began before .*pid \d+, user/s,
    );
    await expect(failed).rejects.toBeInstanceOf(TransientError);
    await slow.query('ROLLBACK');
  });

  it('waits for nobody who began after its end, nor for an interval that is not over', async () => {
    const span = justEnded();
    await untilOver(span);
    await db.sql('SELECT pg_sleep(0.2)');
    const slow = await db.session();
    await slow.query('BEGIN');
    await slow.query(`INSERT INTO events (note) VALUES ('slow')`);
    expect(ids(await extractAll(db.source, table, { interval: span }))).toEqual([1]);
    const open = { ...span, end: toInstant(new Date(Date.now() + 3_600_000)) };
    expect(ids(await extractAll(db.source, table, { interval: open }))).toEqual([1]);
    await slow.query('ROLLBACK');
  });
});
