import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalError, TransientError, Unreachable } from '../../../core/errors.ts';
import { aTable, extractAll, incremental, interval, type TableFields } from '../conformance/suite.ts';
import { openMysql, type MysqlHarness } from './harness.ts';
import { MysqlSource, type MysqlSourceOptions } from './source.ts';

describe('what goes wrong in MySQL', { timeout: 60_000 }, () => {
  let db: MysqlHarness;
  beforeAll(async () => {
    db = await openMysql();
    await db.sql(
      `CREATE TABLE orders (id int PRIMARY KEY, at datetime(6), note varchar(20)); INSERT INTO orders VALUES (1, '2018-08-01', 'a'), (2, '2018-08-02', 'b')`,
    );
  }, 200_000);
  afterAll(() => db.close());

  const all = (fields: TableFields = {}) => extractAll(db.source, aTable(fields));

  /** Another source on the same database, closed after the test. */
  async function as(options: Partial<MysqlSourceOptions>, fields: TableFields = {}): Promise<unknown> {
    const source = new MysqlSource({ ...db.options, ...options });
    try {
      return await extractAll(source, aTable(fields)).catch((error: unknown) => error);
    } finally {
      await source.close();
    }
  }

  it.each([
    ['a wrong password', { password: 'WRONG-one' }, /Access denied.*Correct user and password/],
    ['a database that is not there', { database: 'nowhere' }, /nowhere.*database of the connection/s],
  ])('%s is terminal, and no password is told', async (_, options, message) => {
    const error = await as(options);
    expect(error).toBeInstanceOf(TerminalError);
    expect(String(error)).toMatch(message);
    expect(String(error)).not.toMatch(/WRONG-one|read'er/);
  });

  it('a server that does not listen is away', async () => {
    expect(await as({ port: 1 })).toBeInstanceOf(Unreachable);
  });

  it.each([
    ['a server', { port: 1 }, {}],
    ['a database', { database: 'nowhere' }, {}],
    ['a table', {}, { from: 'nothing' }],
    ['a table of a query', {}, { query: 'SELECT id, at FROM nothing' }],
  ])('%s that is not there: the hint of the profile is said', async (_, options, fields) => {
    const hint = `Fill it: 'sluice seed retail'.`;
    expect(String(await as({ ...options, hint }, fields))).toContain(hint);
  });

  it('a server that nobody has started is not waited for', async () => {
    const error = await as({ port: 1, absent: 'Nobody has started it.', hint: 'Fill it.' });
    expect(error).toBeInstanceOf(TerminalError);
    expect(String(error)).toContain('Nobody has started it. Fill it.');
  });

  it('the hint is kept for what is not there', async () => {
    expect(String(await as({ password: 'WRONG', hint: 'Fill it' }))).not.toContain('Fill it');
  });

  it('a table that the user may not read is named with the right that is missing', async () => {
    const user = `blind_${db.options.database.slice(-12)}`;
    await db.sql(
      `CREATE USER ${user}@'%' IDENTIFIED BY 'x'; GRANT SELECT (id) ON ${db.options.database}.orders TO ${user}@'%'`,
    );
    try {
      expect(String(await as({ user, password: 'x' }))).toMatch(/command denied.*GRANT SELECT on the table/s);
      expect(String(await as({ user, password: 'x' }, { from: 'others' }))).toMatch(/others.*GRANT SELECT/s);
    } finally {
      await db.sql(`DROP USER ${user}@'%'`);
    }
  });

  it('a view that no longer compiles is told as such', async () => {
    await db.sql(`CREATE TABLE gone (id int); CREATE VIEW stale AS SELECT id FROM gone; DROP TABLE gone`);
    const error = await all({ from: 'stale' }).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(TerminalError);
    expect(String(error)).toMatch(/view/i);
    await db.sql('DROP VIEW stale');
  });

  it('a session that is killed in mid scan fails, leaves nothing open, and the next attempt succeeds', async () => {
    await db.sql(`CREATE VIEW slow AS SELECT id, ${db.slow(1)} AS waited FROM orders`);
    const failed = all({ from: 'slow' }).catch((error: unknown) => error);
    await killWhen(`%/* sluice %slow%`);
    expect(await failed).toBeInstanceOf(TransientError);
    await expect.poll(() => db.sessions(), { timeout: 10_000 }).toBe(0);
    expect((await all({ from: 'slow' })).rows).toBe(2);
    await db.sql('DROP VIEW slow');
  });

  it('a table that is altered in mid scan is read as it was', async () => {
    const scan = all({ query: `SELECT id, ${db.slow(0.5)} AS waited FROM orders` });
    await until(`%/* sluice %waited%`);
    await db.sql('ALTER TABLE orders ADD COLUMN more int');
    expect((await scan).rows).toBe(2);
    await db.sql('ALTER TABLE orders DROP COLUMN more');
  });

  it('rows of a transaction that goes on are left to the next incremental run', async () => {
    const open = await db.session();
    await open.query(`START TRANSACTION`);
    await open.query(`INSERT INTO orders VALUES (3, NOW(6), 'late')`);
    const during = await all({ extract: incremental('at') });
    expect(during.reach.heldBy).toMatch(/connection \d+, user/);
    await open.query('COMMIT');
    expect(during.data.map(({ id }) => id)).toEqual(['1', '2']);
    await db.sql('DELETE FROM orders WHERE id = 3');
  });

  it('where transactions are hidden, incremental asks for the right or a lookback, and an interval notes it', async () => {
    const user = `hidden_${db.options.database.slice(-12)}`;
    await db.sql(
      `CREATE USER ${user}@'%' IDENTIFIED BY 'x'; GRANT SELECT ON ${db.options.database}.* TO ${user}@'%'`,
    );
    try {
      const login = { user, password: 'x' };
      expect(String(await as(login, { extract: incremental('at') }))).toMatch(/GRANT PROCESS.*lookback/s);
      expect(await as(login, { extract: incremental('at', '1 day') })).toMatchObject({ rows: 2 });
      expect(await as(login, { extract: interval('at') })).toMatchObject({
        notes: [expect.stringMatching(/GRANT PROCESS/)],
      });
    } finally {
      await db.sql(`DROP USER ${user}@'%'`);
    }
  });

  it('a table of MyISAM is read, and said to have no snapshot', async () => {
    await db.sql('CREATE TABLE old (id int) ENGINE=MyISAM');
    expect((await all({ from: 'old' })).notes).toEqual([expect.stringMatching(/MyISAM.*no snapshot/)]);
    await db.sql('DROP TABLE old');
  });

  async function until(like: string): Promise<number> {
    for (;;) {
      const [row] = await db.sql(
        `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE INFO LIKE '${like}' AND ID <> CONNECTION_ID() AND TIME_MS > 50`,
      );
      if (row) return Number(row['id']);
      await delay(20);
    }
  }

  async function killWhen(like: string): Promise<void> {
    await db.sql(`KILL ${await until(like)}`);
  }
});
