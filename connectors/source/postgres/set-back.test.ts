import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TerminalError } from '../../../core/errors.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import { aTable, extractAll, incremental, markAt } from '../conformance/suite.ts';
import { openPostgres, type PostgresHarness } from './harness.ts';

describe('a source that does not go on from the mark', { timeout: 120_000 }, () => {
  let db: PostgresHarness;
  const merged = aTable({ from: 'events', extract: incremental('id') });
  const appended = aTable({ from: 'events', extract: incremental('id'), write: 'append', primaryKey: [] });
  const byTime = (write: 'append' | 'merge', lookback?: '1 hour') =>
    aTable({ from: 'events', extract: incremental('at', lookback), write });
  const read = (table: ResolvedTable, mark: string) => extractAll(db.source, table, { mark: markAt(mark) });

  beforeAll(async () => {
    db = await openPostgres();
  }, 120_000);
  afterAll(() => db.close());
  beforeEach(() =>
    db.sql(`CREATE TABLE events (id serial PRIMARY KEY, at timestamptz DEFAULT now());
      INSERT INTO events (at) SELECT now() - interval '1 day' FROM generate_series(1, 5)`),
  );
  afterEach(() => db.sql('DROP TABLE IF EXISTS events, plain CASCADE'));

  for (const table of [merged, appended]) {
    it(`is refused where its numbers were set back, with what to do (${table.write})`, async () => {
      const refused = read(table, '9'); // Restored from when there were 5.
      await expect(refused).rejects.toThrow(
        /was read up to 9 of 'id', and its sequence events_id_seq stands at 5: the source was set back.*Drop the table in the warehouse.*setval\('events_id_seq', 9\)/s,
      );
      await expect(refused).rejects.toBeInstanceOf(TerminalError);
      await db.sql('TRUNCATE events RESTART IDENTITY; INSERT INTO events DEFAULT VALUES; DELETE FROM events');
      await expect(read(table, '5')).rejects.toThrow(/stands at 1: the source was set back/);
    });
  }

  it('may have had its newest rows deleted, where its sequence has gone on', async () => {
    await db.sql('DELETE FROM events WHERE id > 2');
    expect((await read(appended, '5')).notes).toBeUndefined();
    await db.sql('DELETE FROM events');
    expect((await read(appended, '5')).notes).toBeUndefined();
  });

  it('is told of where rows have numbers that its sequence has not reached', async () => {
    await db.sql('INSERT INTO events (id) VALUES (40)');
    expect((await read(appended, '40')).notes).toEqual([
      expect.stringMatching(
        /numbers up to 40, and its sequence events_id_seq stands at 5.*setval\('events_id_seq', 40\)/,
      ),
    ]);
    expect((await read(appended, '5')).notes).toBeUndefined();
  });

  it('is told of where no sequence says whether the newest rows were deleted', async () => {
    await db.sql('CREATE TABLE plain (id int PRIMARY KEY); INSERT INTO plain VALUES (1), (2), (3)');
    const plain = aTable({ from: 'plain', extract: incremental('id') });
    const note = expect.stringMatching(
      /read up to 9 of 'id', and has rows up to 3 only.*deleted, or.*set back/,
    ) as string;
    expect((await read(plain, '9')).notes).toEqual([note]);
    expect((await read(plain, '3')).notes).toBeUndefined();
    await db.sql('DELETE FROM plain');
    expect((await read(plain, '3')).notes).toBeUndefined(); // nothing to be missed, yet
  });

  for (const indexed of [false, true]) {
    it(`is told of where its times end before the mark${indexed ? ' (indexed)' : ''}`, async () => {
      if (indexed) await db.sql('CREATE INDEX ON events (at)');
      const [row] = await db.sql(
        `SELECT (now() - interval '1 hour')::text AS mark, max(at)::text AS last FROM events`,
      );
      expect((await read(byTime('merge'), String(row?.['mark']))).notes).toEqual([
        expect.stringMatching(/has rows up to \d{4}-.* only: the newest were deleted, or/),
      ]);
      expect((await read(byTime('merge'), String(row?.['last']))).notes).toBeUndefined();
    });
  }

  for (const type of ['timestamptz', 'timestamp', 'date']) {
    it(`is refused where the mark lies in its future, by more than the lookback (${type})`, async () => {
      await db.sql(`ALTER TABLE events ALTER at DROP DEFAULT, ALTER at TYPE ${type}`);
      const [row] = await db.sql(
        `SELECT (now() + interval '3 days')::${type}::text AS far, (now() + interval '10 minutes')::${type}::text AS near`,
      );
      for (const write of ['merge', 'append'] as const) {
        const refused = read(byTime(write), String(row?.['far']));
        await expect(refused).rejects.toThrow(
          /'at' was read up to .*, which lies in the future of the source \(its clock: .*a lookback longer than the difference/s,
        );
        await expect(refused).rejects.toBeInstanceOf(TerminalError);
      }
      expect((await read(byTime('merge', '1 hour'), String(row?.['near']))).since).toBe(row?.['near']);
    });
  }
});

describe('rows that are appended by a number', { timeout: 120_000 }, () => {
  let db: PostgresHarness;
  const appended = (from: string, cursor = 'id') =>
    aTable({ from, extract: incremental(cursor), write: 'append', primaryKey: [] });
  beforeAll(async () => {
    db = await openPostgres();
  }, 120_000);
  afterAll(() => db.close());
  afterEach(() => db.sql('DROP TABLE IF EXISTS plain, child CASCADE'));

  it('need a sequence or a unique index, so that none comes with the number of the last one', async () => {
    await db.sql(
      'CREATE TABLE plain (id int, code text PRIMARY KEY, at int); INSERT INTO plain VALUES (1, 1)',
    );
    const refused = extractAll(db.source, appended('plain'));
    await expect(refused).rejects.toThrow(
      /'id' of table .*plain.* no sequence gives and no unique index guards.*CREATE UNIQUE INDEX.*use write: 'merge'/s,
    );
    await expect(refused).rejects.toBeInstanceOf(TerminalError);
    for (const index of ['(id, at)', '(id) WHERE at > 3', '((id + 1))']) {
      await db.sql(`CREATE UNIQUE INDEX ON plain ${index}`);
      await expect(extractAll(db.source, appended('plain'))).rejects.toThrow(/no unique index guards/);
    }
    await db.sql('CREATE UNIQUE INDEX ON plain (id)');
    expect((await extractAll(db.source, appended('plain'))).rows).toBe(1);
    await db.sql('CREATE TABLE child () INHERITS (plain)'); // which may have the same numbers again
    await expect(extractAll(db.source, appended('plain'))).rejects.toThrow(/no unique index guards/);
    expect((await extractAll(db.source, aTable({ from: 'plain', extract: incremental('id') }))).rows).toBe(1);
  });

  it('are refused by a text, and by a view, which may show a number again', async () => {
    await db.sql(
      `CREATE TABLE plain (id serial PRIMARY KEY, code text PRIMARY KEY)`.replace(
        ' PRIMARY KEY)',
        ' UNIQUE)',
      ),
    );
    await db.sql('CREATE VIEW seen AS SELECT * FROM plain');
    await expect(extractAll(db.source, appended('plain', 'code'))).rejects.toThrow(
      /is a text.*'append' would miss some/s,
    );
    await expect(extractAll(db.source, appended('seen'))).rejects.toThrow(/no unique index guards/);
    expect((await extractAll(db.source, appended('plain'))).rows).toBe(0);
  });
});

describe('rows that are not written here', { timeout: 120_000 }, () => {
  let db: PostgresHarness;
  beforeAll(async () => {
    db = await openPostgres();
    await db.sql(`CREATE TABLE base (id serial PRIMARY KEY, at timestamptz DEFAULT now());
      CREATE MATERIALIZED VIEW kept AS SELECT * FROM base;
      CREATE VIEW over_kept AS SELECT * FROM kept;
      CREATE TABLE parted (id int, at timestamptz) PARTITION BY RANGE (id);
      CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER far FOREIGN DATA WRAPPER nothing;
      CREATE FOREIGN TABLE away (id int, at timestamptz) SERVER far;
      CREATE FOREIGN TABLE parted_away PARTITION OF parted FOR VALUES FROM (0) TO (9) SERVER far`);
  }, 120_000);
  afterAll(() => db.close());

  for (const [from, message] of [
    ['kept', /kept.? is a materialized view: its rows come when it is refreshed/],
    ['over_kept', /over_kept.? has rows of public\.kept, a materialized view/],
    ['away', /away.? is a foreign table: its rows are committed in another database/],
    ['parted', /parted.? has rows of public\.parted_away, a foreign table/],
  ] as const) {
    it(`cannot be read by a mark: ${from}`, async () => {
      for (const cursor of ['at', 'id']) {
        const refused = extractAll(db.source, aTable({ from, extract: incremental(cursor) }));
        await expect(refused).rejects.toThrow(message);
        await expect(refused).rejects.toBeInstanceOf(TerminalError);
      }
    });
  }

  it('can be read by a mark through a view over tables, and as a snapshot', async () => {
    await db.sql('CREATE VIEW plain_view AS SELECT * FROM base');
    for (const [from, extract] of [
      ['plain_view', incremental('at')],
      ['kept', { mode: 'snapshot' }],
    ] as const)
      expect((await extractAll(db.source, aTable({ from, extract }))).rows).toBe(0);
  });
});
