import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PostgresSource } from '../../connectors/source/postgres/source.ts';
import { ChangesLab, changing } from './lab.ts';

const t = changing();

describe('A stream of changes', { timeout: 240_000 }, () => {
  let lab: ChangesLab;
  beforeEach(async () => {
    lab = await ChangesLab.open();
    await lab.sql(`CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'a')`);
  });
  afterEach(() => lab.close());

  const drop = (what: RegExp) =>
    expect(lab.run(t)).rejects.toThrow(
      new RegExp(`${what.source}[^]*sluice source drop shop ${lab.pipeline}`),
    );

  it('is begun anew by sluice source drop: merged tables are read whole again', async () => {
    await lab.run(t);
    await lab.sql(`SELECT pg_drop_replication_slot('${lab.stream}')`);
    await lab.sql(`UPDATE t SET note = 'missed'`);
    await drop(/slot .* is gone/);
    expect(await lab.source.changes.drop(lab.pipeline)).toBe(true);
    expect(await lab.source.changes.drop(lab.pipeline)).toBe(false);
    expect(await lab.run(t)).toMatchObject({ load: { rowsLoaded: 1 } });
    expect(await lab.target(t, 'note')).toEqual([{ note: 'missed' }]);
  });

  it('is refused where the slot has moved on without us', async () => {
    await lab.run(t);
    await lab.sql(`INSERT INTO t VALUES (2, 'b')`);
    await lab.sql(`SELECT pg_replication_slot_advance('${lab.stream}', pg_current_wal_lsn())`);
    await drop(/has moved on to .* without us/);
  });

  it('is refused where the publication was edited, even if it was put right again', async () => {
    await lab.run(t);
    await lab.sql(`ALTER PUBLICATION ${lab.stream} SET (publish = 'insert, update')`);
    await drop(/was edited and leaves out delete, truncate/);
    await lab.sql(`ALTER PUBLICATION ${lab.stream} SET (publish = 'insert, update, delete, truncate')`);
    await lab.run(t);
    await lab.sql(`ALTER PUBLICATION ${lab.stream} DROP TABLE t`);
    await lab.sql(`ALTER PUBLICATION ${lab.stream} ADD TABLE t`);
    await drop(/is not in the publication .* or was out of it/);
    await lab.source.changes.drop(lab.pipeline);
    await lab.run(t);
    await lab.sql(`ALTER PUBLICATION ${lab.stream} SET TABLE t WHERE (id > 5)`);
    await drop(/not in the publication|has a filter/);
  });

  it('is refused over a table whose rows cannot be told apart, and leaves it writable', async () => {
    await lab.sql(`CREATE TABLE keyless (id int)`);
    const keyless = changing({ name: 'keyless', from: 'keyless' });
    await expect(lab.run(keyless)).rejects.toThrow(
      /public.keyless has no replica identity[^]*ALTER TABLE public.keyless REPLICA IDENTITY FULL/,
    );
    expect(await lab.sql(`SELECT pubname FROM pg_publication`)).toEqual([]);
    await lab.sql(`INSERT INTO keyless VALUES (1); UPDATE keyless SET id = 2`);
    await lab.sql(`ALTER TABLE keyless REPLICA IDENTITY FULL`);
    await lab.run(keyless);
    await lab.sql(`UPDATE keyless SET id = 3`);
    await lab.run(keyless);
    expect(await lab.target(keyless, 'id')).toEqual([{ id: 3 }]);
    await lab.sql(`ALTER TABLE keyless REPLICA IDENTITY NOTHING`);
    await expect(lab.run(keyless)).rejects.toThrow(/no replica identity \(NOTHING\)/);
  });

  it('is refused for a key that deletions do not tell, views, unlogged tables and tables with children', async () => {
    const note = changing({ primaryKey: ['note'] });
    await expect(lab.run(note)).rejects.toThrow(/key \(note\)[^]*replica identity is \(id\)/);
    await lab.sql(`CREATE VIEW v AS SELECT * FROM t; CREATE UNLOGGED TABLE u (id int PRIMARY KEY)`);
    await lab.sql(`CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent)`);
    await expect(lab.run(changing({ from: 'v' }))).rejects.toThrow(/is no table/);
    await expect(lab.run(changing({ from: 'u' }))).rejects.toThrow(/unlogged[^]*SET LOGGED/);
    await expect(lab.run(changing({ from: 'parent' }))).rejects.toThrow(/child by inheritance, public.child/);
  });

  it('is refused to a user who may not read the log, or not publish the table, with what to run', async () => {
    const role = `reader_${lab.pipeline}`;
    await lab.sql(`CREATE ROLE ${role} LOGIN PASSWORD 'x'; GRANT SELECT ON t TO ${role}`);
    const source = new PostgresSource({ ...lab.options, user: role, password: 'x' });
    const extract = () =>
      source.extract(
        {
          pipeline: lab.pipeline,
          table: t,
          interval: { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z' },
          directory: lab.folder,
        },
        new AbortController().signal,
      );
    try {
      await expect(extract()).rejects.toThrow(new RegExp(`ALTER ROLE "${role}" REPLICATION`));
      await lab.sql(`ALTER ROLE ${role} REPLICATION`);
      await expect(extract()).rejects.toThrow(/CREATE PUBLICATION .* FOR TABLE "public"."t"/);
    } finally {
      await source.close();
      await lab.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  it('has no generated columns, and says so instead of leaving them out', async () => {
    await lab.sql(`CREATE TABLE g (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED)`);
    const g = changing({ name: 'g', from: 'g' });
    await expect(lab.run(g)).rejects.toThrow(/column 'twice' is generated[^]*exclude: \["twice"\]/);
    await lab.run({ ...g, exclude: ['twice'] });
    await lab.sql(`INSERT INTO g VALUES (4)`);
    await lab.run({ ...g, exclude: ['twice'] });
    expect(await lab.target(g, 'id')).toEqual([{ id: 4 }]);
  });

  it('is refused where a value has no exact counterpart, naming the column', async () => {
    await lab.sql(`CREATE TABLE n (id int PRIMARY KEY, x numeric(4,1), y numeric)`);
    const n = changing({ name: 'n', from: 'n', types: { y: 'decimal(10,2)' } });
    await lab.run(n);
    await lab.sql(`INSERT INTO n VALUES (1, 'NaN', 1), (2, 1, 1.234)`);
    await expect(lab.run(n)).rejects.toThrow(/column 'x': 1 change [^]*column 'y': 1 change/);
  });

  it('serves one reader at a time; the other waits', async () => {
    await lab.run(t);
    await lab.sql(`INSERT INTO t SELECT i, 'x' FROM generate_series(2, 2000) AS i`);
    const both = await Promise.allSettled([lab.extract(t), lab.extract(t)]);
    const [first, second] = both.map((each) => (each.status === 'fulfilled' ? each.value : undefined));
    expect([first?.manifest.rows, second?.manifest.rows]).toEqual([1999, 1999]);
    if (!first || !second) throw new Error('not both were read');
    await lab.load(t, first);
    // Twice the same changes: the second load finds the table elsewhere.
    await expect(lab.load(t, second)).rejects.toThrow(/no longer stands there/);
    expect(await lab.load(t, first)).toMatchObject({ alreadyApplied: true });
    expect(await lab.target(t, 'count(*)::int AS n')).toEqual([{ n: 2000 }]);
  });

  it('does not go back to a whole reading that began before the one that is loaded', async () => {
    const older = await lab.extract(t);
    await lab.sql(`INSERT INTO t VALUES (2, 'later')`);
    const newer = await lab.extract(t);
    await lab.load(t, newer);
    await expect(lab.load(t, older)).rejects.toThrow(/no longer stands there/);
    expect(await lab.target(t, 'id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('reads a merged table whole again where somebody has changed it by hand, and no appended one', async () => {
    const kept = changing({ name: 'kept', write: 'append' });
    await lab.run(t, [kept]);
    await lab.run(kept, [t]);
    expect(await lab.run(t, [kept])).toMatchObject({ load: { rowsLoaded: 0 } });
    await lab.byHand(`DELETE FROM raw_${lab.pipeline}.t; DELETE FROM raw_${lab.pipeline}.kept`);
    await lab.sql(`INSERT INTO t VALUES (2, 'b')`);
    expect(await lab.run(t, [kept])).toMatchObject({ load: { rowsLoaded: 2 } });
    expect(await lab.run(kept, [t])).toMatchObject({ load: { rowsLoaded: 2 } });
    await lab.byHand(
      `DELETE FROM raw_${lab.pipeline}.t WHERE id = 1; DELETE FROM raw_${lab.pipeline}.kept WHERE id = 1`,
    );
    expect(await lab.run(t, [kept])).toMatchObject({ load: { rowsLoaded: 2, rowsDeleted: 1 } });
    await expect(lab.run(kept, [t])).rejects.toThrow(/'append' would bring them a second time/);
    expect(await lab.target(t, 'id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('leaves no session, lock or temporary slot behind when it is cancelled', async () => {
    const stop = new AbortController();
    const writer = await lab.database.session();
    await writer.query(`BEGIN; INSERT INTO t VALUES (99, 'open')`);
    const reading = lab.extract(t, stop.signal);
    setTimeout(() => stop.abort(new Error('cancelled')), 1500);
    await expect(reading).rejects.toThrow('cancelled');
    await writer.query('COMMIT');
    expect(
      await lab.sql(
        `SELECT count(*)::int AS n FROM pg_replication_slots WHERE database = current_database() AND temporary`,
      ),
    ).toEqual([{ n: 0 }]);
    await lab.run(t);
    expect(await lab.target(t, 'id')).toEqual([{ id: 1 }, { id: 99 }]);
  });
});
