import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aTable } from '../../conformance/suite.ts';
import { openStream, type StreamHarness } from './stream-harness.ts';

const merged = aTable({ from: 't', write: 'merge', primaryKey: ['id'] });
const kept = aTable({ from: 't', write: 'append', primaryKey: ['id'] });
const LONG = 'x'.repeat(9000); // incompressible enough to be stored out of line with the storage EXTERNAL

describe('A window of a stream of changes', { timeout: 240_000 }, () => {
  let db: StreamHarness;
  beforeEach(async () => void (db = await openStream()));
  afterEach(() => db.close());

  it('has inserts, updates and deletes in the order of their transactions, with what each one knows', async () => {
    await db.sql(`CREATE TABLE t (id int PRIMARY KEY, note text, n numeric(10,2))`);
    await db.follow('t');
    await db.sql(`INSERT INTO t VALUES (1, 'one', 1.50), (2, '', NULL)`);
    await db.sql(`BEGIN; UPDATE t SET note = 'uno' WHERE id = 1; DELETE FROM t WHERE id = 2; COMMIT`);
    const window = await db.window(merged);
    expect(window.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      '_op string(1)',
      '_commit_lsn string(17)',
      '_seq int64',
      '_commit_time timestamptz',
      '_unchanged string',
      '_base string',
      'id int32',
      'note string',
      'n decimal(10,2)',
    ]);
    expect(await db.query(window, `SELECT _op, _seq, id, note, n FROM changes`)).toEqual([
      { _op: 'I', _seq: '0', id: 1, note: 'one', n: '1.50' },
      { _op: 'I', _seq: '2', id: 2, note: '', n: null },
      { _op: 'U', _seq: '0', id: 1, note: 'uno', n: '1.50' },
      { _op: 'D', _seq: '2', id: 2, note: null, n: null },
    ]);
    const [order] = await db.query(
      window,
      `SELECT count(DISTINCT _commit_lsn) AS commits, bool_and(length(_commit_lsn) = 17) AS fixed,
         bool_and(_commit_time BETWEEN now() - INTERVAL 1 HOUR AND now() + INTERVAL 1 HOUR) AS dated FROM changes`,
    );
    expect(order).toEqual({ commits: '2', fixed: true, dated: true });
  });

  it('shows an update of the key as the old row going and the new one coming', async () => {
    await db.sql(`CREATE TABLE t (id int PRIMARY KEY, note text)`);
    await db.follow('t');
    await db.sql(`INSERT INTO t VALUES (1, 'one')`);
    await db.sql(`UPDATE t SET id = 7`);
    expect(
      await db.query(await db.window(merged), `SELECT _op, _seq, id, note FROM changes WHERE _op <> 'I'`),
    ).toEqual([
      { _op: 'D', _seq: '0', id: 1, note: null },
      { _op: 'U', _seq: '1', id: 7, note: 'one' },
    ]);
  });

  it('names the columns that an update has not sent, and has their values where the old row is sent whole', async () => {
    await db.sql(`CREATE TABLE t (id int PRIMARY KEY, "a ""b""" text, n int)`);
    await db.sql(`ALTER TABLE t ALTER "a ""b""" SET STORAGE EXTERNAL`);
    await db.follow('t');
    await db.sql(`INSERT INTO t VALUES (1, $1, 1)`, [LONG]);
    await db.sql(`UPDATE t SET n = 2`);
    await db.sql(`ALTER TABLE t REPLICA IDENTITY FULL`);
    await db.sql(`UPDATE t SET n = 3`);
    const window = await db.window(merged);
    expect(
      await db.query(
        window,
        `SELECT _op, n, length("a ""b""")::int AS long, _unchanged FROM changes ORDER BY n`,
      ),
    ).toEqual([
      { _op: 'I', n: 1, long: 9000, _unchanged: null },
      { _op: 'U', n: 2, long: 9000, _unchanged: null },
      { _op: 'U', n: 3, long: 9000, _unchanged: null },
    ]);
  });

  it('leaves out what no change of the window tells, and says which key the row had before it', async () => {
    await db.sql(`CREATE TABLE t (id int PRIMARY KEY, a text, b text, n int)`);
    await db.sql(`ALTER TABLE t ALTER a SET STORAGE EXTERNAL, ALTER b SET STORAGE EXTERNAL`);
    await db.sql(`INSERT INTO t SELECT i, $1, $1, 1 FROM generate_series(1, 3) AS i`, [LONG]);
    await db.follow('t');
    await db.sql(`UPDATE t SET n = 2 WHERE id = 1`); // nothing is known
    await db.sql(`UPDATE t SET b = 'new' || $1 WHERE id = 1`, [LONG]);
    await db.sql(`UPDATE t SET id = 10 WHERE id = 1`); // b is known, a is that of 1
    await db.sql(`UPDATE t SET id = 11 WHERE id = 10`);
    await db.sql(`UPDATE t SET n = 3 WHERE id = 11`);
    await db.sql(`DELETE FROM t WHERE id = 2`);
    await db.sql(`UPDATE t SET id = 2 WHERE id = 3`); // not the values of the row that was 2
    await db.sql(`INSERT INTO t VALUES (3, 'short', NULL, 0)`);
    await db.sql(`UPDATE t SET n = 4 WHERE id = 3`);
    const window = await db.window(merged);
    const rows = await db.query(
      window,
      `SELECT id, n, length(a)::int AS a, length(b)::int AS b, _unchanged AS left,
         (SELECT d.id FROM changes AS d WHERE d._commit_lsn || ':' || d._seq = c._base) AS base
       FROM changes AS c WHERE _op <> 'D' ORDER BY _commit_lsn, _seq`,
    );
    const both = `["a","b"]`;
    expect(rows).toEqual([
      { id: 1, n: 2, a: null, b: null, left: both, base: null },
      { id: 1, n: 2, a: null, b: 9003, left: `["a"]`, base: null },
      { id: 10, n: 2, a: null, b: 9003, left: `["a"]`, base: 1 },
      { id: 11, n: 2, a: null, b: 9003, left: `["a"]`, base: 1 },
      { id: 11, n: 3, a: null, b: 9003, left: `["a"]`, base: 1 },
      { id: 2, n: 1, a: null, b: null, left: both, base: 3 },
      { id: 3, n: 0, a: 5, b: null, left: null, base: null },
      { id: 3, n: 4, a: 5, b: null, left: null, base: null },
    ]);
  });

  it('has a truncation as a row without values, also of several tables at once', async () => {
    await db.sql(`CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int PRIMARY KEY)`);
    await db.follow('t', 'other');
    await db.sql(`INSERT INTO t VALUES (1); INSERT INTO other VALUES (1)`);
    await db.sql(`TRUNCATE other, t`);
    await db.sql(`INSERT INTO t VALUES (2)`);
    expect(await db.query(await db.window(merged), `SELECT _op, id FROM changes`)).toEqual([
      { _op: 'I', id: 1 },
      { _op: 'T', id: null },
      { _op: 'I', id: 2 },
    ]);
  });

  it('reads columns that were added, renamed and dropped meanwhile, each by the name it had', async () => {
    await db.sql(`CREATE TABLE t (id int PRIMARY KEY, a int, gone numeric(6,1))`);
    await db.follow('t');
    await db.sql(`INSERT INTO t VALUES (1, 10, 1.5)`);
    await db.sql(`ALTER TABLE t ADD COLUMN b text`);
    await db.sql(`INSERT INTO t VALUES (2, 20, 2.5, 'b2')`);
    await db.sql(`ALTER TABLE t RENAME COLUMN a TO c`);
    await db.sql(`ALTER TABLE t DROP COLUMN gone`);
    await db.sql(`INSERT INTO t VALUES (3, 30, 'b3')`);
    const window = await db.window(kept);
    expect(window.columns.slice(6).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'id int32',
      'c int32',
      'b string',
      'a int32',
      'gone decimal(6,1)',
    ]);
    expect(await db.query(window, `SELECT id, a, b, c, gone FROM changes ORDER BY id`)).toEqual([
      { id: 1, a: 10, b: null, c: null, gone: '1.5' },
      { id: 2, a: 20, b: 'b2', c: null, gone: '2.5' },
      { id: 3, a: null, b: 'b3', c: 30, gone: null },
    ]);
    const current = await db.window(merged);
    expect(current.columns.slice(6).map(({ name }) => name)).toEqual(['id', 'c', 'b']);
  });

  it('has changes of a partitioned table under its own name, and of no other table', async () => {
    await db.sql(`CREATE TABLE t (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)`);
    await db.sql(`CREATE TABLE t_2026 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`);
    await db.sql(`CREATE TABLE other (id int PRIMARY KEY)`);
    await db.follow('t', 'other');
    await db.sql(`INSERT INTO other VALUES (1); INSERT INTO t VALUES (1, '2026-05-05')`);
    expect(await db.query(await db.window(merged), `SELECT _op, _seq, id FROM changes`)).toEqual([
      { _op: 'I', _seq: '2', id: 1 },
    ]);
  });

  it('passes over origins, types and messages of applications', async () => {
    await db.sql(`CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE TABLE t (id int PRIMARY KEY, m mood)`);
    await db.follow('t');
    await db.sql(`SELECT pg_replication_origin_create('sluice_test_' || current_database())`);
    await db.sql(`SELECT pg_replication_origin_session_setup('sluice_test_' || current_database())`);
    await db.sql(`SELECT pg_logical_emit_message(true, 'an application', 'hello')`);
    await db.sql(`INSERT INTO t VALUES (1, 'good')`);
    expect(await db.query(await db.window(merged), `SELECT id, m FROM changes`)).toEqual([
      { id: 1, m: 'good' },
    ]);
    await db.sql(`SELECT pg_replication_origin_session_reset()`);
    await db.sql(`SELECT pg_replication_origin_drop('sluice_test_' || current_database())`);
  });

  it('begins where it is told to, and gives the same bytes when it is read again', async () => {
    await db.sql(`CREATE TABLE t (id int PRIMARY KEY)`);
    await db.follow('t');
    await db.sql(`INSERT INTO t SELECT generate_series(1, 100)`);
    const from = await db.end();
    await db.sql(`INSERT INTO t VALUES (101)`);
    expect(await db.query(await db.window(merged, { from }), `SELECT id FROM changes`)).toEqual([
      { id: 101 },
    ]);
    const [first, second] = [await db.window(merged), await db.window(merged)];
    const all = `SELECT * FROM changes ORDER BY ALL`;
    expect(await db.query(first, all)).toEqual(await db.query(second, all));
    expect(first.files).toEqual([{ path: 'part-0.parquet', rows: 101 }]);
  });

  it('cuts a transaction of any size into files, and leaves nothing else behind', async () => {
    await db.sql(`CREATE TABLE t (id int PRIMARY KEY, note text)`);
    await db.follow('t');
    await db.sql(`INSERT INTO t SELECT i, repeat(md5(i::text), 20) FROM generate_series(1, 20000) AS i`);
    const window = await db.window(merged, { chunkBytes: 2 ** 20 });
    expect(window.files.length).toBeGreaterThan(5);
    expect(window.files.reduce((sum, { rows }) => sum + rows, 0)).toBe(20000);
    expect((await readdir(window.folder)).sort()).toEqual(window.files.map(({ path }) => path).sort());
    expect(
      await db.query(
        window,
        `SELECT count(DISTINCT id)::int AS ids, bool_and(note = repeat(md5(id::text), 20)) AS exact FROM changes`,
      ),
    ).toEqual([{ ids: 20000, exact: true }]);
  });

  it('carries a text of megabytes, with quotes and line ends', async () => {
    await db.sql(`CREATE TABLE t (id int PRIMARY KEY, note text)`);
    await db.follow('t');
    await db.sql(`INSERT INTO t VALUES (1, repeat(E'"a",\\r\\n', 1000000))`);
    const [row] = await db.query(
      await db.window(merged),
      `SELECT length(note)::int AS long, md5(note) AS md5 FROM changes`,
    );
    const [source] = await db.sql(`SELECT length(note) AS long, md5(note) AS md5 FROM t`);
    expect(row).toEqual(source);
  });
});
