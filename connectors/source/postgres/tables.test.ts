import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TerminalError, TransientError } from '../../../core/errors.ts';
import { aTable, extractAll, incremental, interval, type Extraction } from '../conformance/suite.ts';
import { openPostgres, type PostgresHarness } from './harness.ts';
import { PostgresSource } from './source.ts';

describe('PostgreSQL tables', { timeout: 120_000 }, () => {
  let db: PostgresHarness;
  const ids = (extraction: Extraction) =>
    extraction.data.map((row) => Number(row['id'])).sort((a, b) => a - b);

  beforeAll(async () => {
    db = await openPostgres();
  }, 120_000);
  afterAll(() => db.close());
  beforeEach(() => db.sql('CREATE SCHEMA trial; SET search_path = trial, public'));
  afterEach(() => db.sql('DROP SCHEMA trial CASCADE'));

  const trial = (table: string, fields = {}) => aTable({ name: table, from: `trial.${table}`, ...fields });

  it('takes names as they are: quoted, mixed case, with dots, quotes and other alphabets', async () => {
    await db.sql(
      `CREATE TABLE trial."Odd.""Table"" ä" ("Id" int, "a.b" text, "sel""ect" text, "ключ 😀" text, "select" int)`,
    );
    await db.sql(`INSERT INTO trial."Odd.""Table"" ä" VALUES (1, 'x', 'y', 'z', 2)`);
    const odd = await extractAll(db.source, aTable({ from: `trial."Odd.""Table"" ä"`, primaryKey: ['Id'] }));
    expect(odd.data).toEqual([{ Id: '1', 'a.b': 'x', 'sel"ect': 'y', 'ключ 😀': 'z', select: '2' }]);
  });

  it('refuses columns that differ only by case, unless one is excluded', async () => {
    await db.sql(`CREATE TABLE trial.twins (id int, "Id" int); INSERT INTO trial.twins VALUES (1, 2)`);
    await expect(db.source.describe(trial('twins'))).rejects.toThrow(/'id' and 'Id' differ only by case/);
    expect((await extractAll(db.source, trial('twins', { exclude: ['Id'] }))).data).toEqual([{ id: '1' }]);
  });

  it('takes generated columns, stored and not, and leaves dropped ones out', async () => {
    const [server] = await db.sql(`SELECT current_setting('server_version_num')::int >= 180000 AS virtual`);
    const virtual = server?.['virtual']
      ? ', triple int GENERATED ALWAYS AS (id * 3) VIRTUAL'
      : ', triple int DEFAULT 21';
    await db.sql(
      `CREATE TABLE trial.gen (id int, gone int, twice int GENERATED ALWAYS AS (id * 2) STORED${virtual})`,
    );
    await db.sql(`INSERT INTO trial.gen (id) VALUES (7); ALTER TABLE trial.gen DROP COLUMN gone`);
    expect((await extractAll(db.source, trial('gen'))).data).toEqual([
      { id: '7', twice: '14', triple: '21' },
    ]);
  });

  it('gives a column that was added with a default its value in older rows', async () => {
    await db.sql(`CREATE TABLE trial.late (id int); INSERT INTO trial.late VALUES (1)`);
    await db.sql(`ALTER TABLE trial.late ADD COLUMN note text NOT NULL DEFAULT 'old'`);
    expect((await extractAll(db.source, trial('late'))).data).toEqual([{ id: '1', note: 'old' }]);
  });

  it('takes partitions of all levels, wherever their columns stand', async () => {
    await db.sql(`
      CREATE TABLE trial.parted (id int, day date, note text) PARTITION BY RANGE (day);
      CREATE TABLE trial.parted_a PARTITION OF trial.parted FOR VALUES FROM ('2018-01-01') TO ('2019-01-01') PARTITION BY LIST (id);
      CREATE TABLE trial.parted_a1 PARTITION OF trial.parted_a FOR VALUES IN (1, 2);
      CREATE TABLE trial.parted_b (note text, gone int, day date, id int);
      ALTER TABLE trial.parted_b DROP COLUMN gone;
      ALTER TABLE trial.parted ATTACH PARTITION trial.parted_b DEFAULT;
      INSERT INTO trial.parted VALUES (1, '2018-05-01', 'a'), (2, '2018-06-01', 'b'), (9, '2020-01-01', 'c')`);
    const all = await extractAll(db.source, trial('parted'));
    expect(all.data.map((row) => [row['id'], row['day'], row['note']]).sort()).toEqual([
      ['1', '2018-05-01', 'a'],
      ['2', '2018-06-01', 'b'],
      ['9', '2020-01-01', 'c'],
    ]);
    const span = { start: '2018-06-01T00:00:00Z', end: '2018-07-01T00:00:00Z' };
    expect(
      ids(await extractAll(db.source, trial('parted', { extract: interval('day') }), { interval: span })),
    ).toEqual([2]);
  });

  it('takes the rows of children with the columns of the parent', async () => {
    await db.sql(`CREATE TABLE trial.parent (id int); CREATE TABLE trial.child (extra text) INHERITS (trial.parent);
      INSERT INTO trial.parent VALUES (1); INSERT INTO trial.child VALUES (2, 'x')`);
    expect((await extractAll(db.source, trial('parent'))).data).toEqual([{ id: '1' }, { id: '2' }]);
  });

  it('takes views, materialized views and tables without rows or statistics', async () => {
    await db.sql(`CREATE TABLE trial.base (id int); CREATE VIEW trial.seen AS SELECT id * 10 AS id FROM trial.base;
      INSERT INTO trial.base VALUES (1); CREATE MATERIALIZED VIEW trial.kept AS SELECT * FROM trial.base;
      CREATE TABLE trial.empty (id int)`);
    expect(ids(await extractAll(db.source, trial('seen')))).toEqual([10]);
    expect(ids(await extractAll(db.source, trial('kept')))).toEqual([1]);
    expect((await extractAll(db.source, trial('empty'))).rows).toBe(0);
  });

  it('cuts a large table into parts that hold every row once, in order, and the same bytes again', async () => {
    await db.sql(`CREATE TABLE trial.large (id int PRIMARY KEY, filler char(400));
      INSERT INTO trial.large SELECT n, 'x' FROM generate_series(1, 120000) AS n; DELETE FROM trial.large WHERE id % 10 = 0`);
    const large = await extractAll(db.source, trial('large'));
    expect(large.files.map(({ path }) => path)).toEqual(['part-0.parquet', 'part-1.parquet']);
    expect(large.data.map((row) => Number(row['id']))).toEqual(
      Array.from({ length: 120_000 }, (_, index) => index + 1).filter((id) => id % 10),
    );
    const one = new PostgresSource({ ...db.options, threads: 1 });
    expect((await extractAll(one, trial('large'))).sha256).toEqual(large.sha256);
    await one.close();
  });

  it('reads a few rows behind an index without reading the table', async () => {
    await db.sql(`CREATE TABLE trial.indexed (id int PRIMARY KEY, at timestamptz NOT NULL, filler text);
      INSERT INTO trial.indexed SELECT n, '2018-01-01Z'::timestamptz + n * interval '1 minute', repeat('x', 200) FROM generate_series(1, 200000) AS n;
      CREATE INDEX ON trial.indexed (at); ANALYZE trial.indexed; SELECT pg_stat_force_next_flush()`);
    const scans = async () =>
      (await db.sql(`SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'indexed'`))[0]?.['seq_scan'];
    const before = await scans();
    const span = { start: '2018-02-01T00:00:00Z', end: '2018-02-02T00:00:00Z' };
    const day = await extractAll(db.source, trial('indexed', { extract: interval('at') }), {
      interval: span,
    });
    expect(day).toMatchObject({ rows: 1440, highWaterMark: '2018-02-01 23:59:00+00' });
    await expect.poll(() => db.sessions()).toBe(0);
    expect(await scans()).toBe(before);
  });

  it('reads rows and bounds from one snapshot while others write', async () => {
    await db.sql(
      `CREATE TABLE trial.moving (id int PRIMARY KEY, at timestamptz); INSERT INTO trial.moving SELECT n, now() - interval '1 hour' FROM generate_series(1, 1000) AS n`,
    );
    const writer = await db.session();
    const stop = new AbortController();
    const writing = (async () => {
      // Every commit moves all rows, so a torn read would double or lose some.
      while (!stop.signal.aborted)
        await writer.query(`UPDATE trial.moving SET at = at + interval '1 millisecond'`);
    })();
    for (let turn = 0; turn < 5; turn++) {
      const moving = await extractAll(db.source, trial('moving', { extract: incremental('at') }));
      expect(ids(moving)).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
      expect(new Set(moving.data.map((row) => row['at']))).toEqual(new Set([moving.highWaterMark]));
    }
    stop.abort();
    await writing;
  });

  it('says which permission is missing, on a table and on a column', async () => {
    await db.sql(`CREATE TABLE trial.shut (id int, secret text); INSERT INTO trial.shut VALUES (1, 's');
      CREATE ROLE reader LOGIN PASSWORD 'readers'; GRANT USAGE ON SCHEMA trial TO reader`);
    const source = new PostgresSource({ ...db.options, user: 'reader', password: 'readers' });
    try {
      await expect(extractAll(source, trial('shut'))).rejects.toThrow(/'id' may not be read.*GRANT SELECT/s);
      await db.sql('GRANT SELECT (id) ON trial.shut TO reader');
      await expect(extractAll(source, trial('shut'))).rejects.toThrow(/'secret' may not be read/);
      expect(ids(await extractAll(source, trial('shut', { exclude: ['secret'] })))).toEqual([1]);
      const some = trial('shut', { exclude: ['secret'], extract: incremental('id') });
      expect(ids(await extractAll(source, some))).toEqual([1]);
      await db.sql('GRANT SELECT ON trial.shut TO reader; ALTER TABLE trial.shut ENABLE ROW LEVEL SECURITY');
      const hidden = extractAll(source, trial('shut'));
      await expect(hidden).rejects.toThrow(/row-level security.*BYPASSRLS/s);
      await expect(hidden).rejects.toBeInstanceOf(TerminalError);
    } finally {
      await source.close();
      await db.sql('DROP OWNED BY reader; DROP ROLE reader');
    }
  });

  it('does not wait for a change of the table that waits for it', async () => {
    await db.sql(`CREATE TABLE trial.changing (id int); INSERT INTO trial.changing VALUES (1)`);
    const other = await db.session();
    await other.query('BEGIN; LOCK TABLE trial.changing IN ACCESS EXCLUSIVE MODE');
    const waiting = extractAll(db.source, trial('changing'));
    await other.query(
      `SELECT pg_sleep(0.3); ALTER TABLE trial.changing ADD COLUMN note text DEFAULT 'new'; COMMIT`,
    );
    expect((await waiting).data).toEqual([{ id: '1', note: 'new' }]);
  });

  it.each([
    [
      'a wrong password',
      { password: 'wrong-secret' },
      TerminalError,
      /authentication failed.*Correct user and password/s,
    ],
    [
      'a database that is not there',
      { database: 'nowhere' },
      TerminalError,
      /"nowhere" does not exist.*Correct the database/s,
    ],
    ['a host that is not there', { host: 'no-such-host.invalid' }, TransientError, /Correct the host/],
    ['a server that is down', { port: 1 }, TransientError, /ECONNREFUSED.*server runs/s],
  ])('names %s and what to do, without the password', async (_, fields, kind, message) => {
    const source = new PostgresSource({ ...db.options, ...fields });
    const failed = extractAll(source, trial('any')).catch((error: unknown) => error);
    expect(await failed).toBeInstanceOf(kind);
    expect(await failed).toMatchObject({ message: expect.stringMatching(message) as string });
    expect(JSON.stringify(await failed)).not.toContain('wrong-secret');
    await source.close();
  });

  it('takes texts of a database in another encoding, and stops at bytes that are in none', async () => {
    for (const [encoding, stored] of [
      ['LATIN1', `convert_from('\\xe9', 'LATIN1')`],
      ['SQL_ASCII', `E'\\xe9'`],
    ] as const) {
      const database = `encoded_${encoding.toLowerCase()}_${process.pid}`;
      await db.sql(`CREATE DATABASE ${database} TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`);
      const client = await db.session({ database });
      await client.query(`CREATE TABLE texts (v text); INSERT INTO texts VALUES (${stored})`);
      const source = new PostgresSource({ ...db.options, database });
      const texts = extractAll(source, aTable({ from: 'texts', primaryKey: [] }));
      if (encoding === 'LATIN1') expect((await texts).data).toEqual([{ v: 'é' }]);
      else await expect(texts).rejects.toThrow(/bytes that are not in the encoding/);
      await source.close();
      await client.end();
      await db.sql(`DROP DATABASE ${database} WITH (FORCE)`);
    }
  });

  it('names a folder that cannot be written', async () => {
    await db.sql('CREATE TABLE trial.some (id int); INSERT INTO trial.some VALUES (1)');
    await expect(extractAll(db.source, trial('some'), { directory: '/proc/nowhere' })).rejects.toBeInstanceOf(
      TerminalError,
    );
  });

  it('refuses work after it has been closed', async () => {
    const source = new PostgresSource(db.options);
    await source.close();
    await expect(extractAll(source, trial('any'))).rejects.toThrow(/has been closed/);
  });
});
