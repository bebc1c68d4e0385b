import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ChangesLab, changing } from './lab.ts';

describe('A table in mode changes', { timeout: 240_000 }, () => {
  let lab: ChangesLab;
  beforeEach(async () => void (lab = await ChangesLab.open()));
  afterEach(() => lab.close());

  it('is read whole at first, then by its changes, and is the source in the end', async () => {
    const t = changing();
    await lab.sql(`CREATE TABLE t (id int PRIMARY KEY, note text)`);
    await lab.sql(`INSERT INTO t SELECT i, 'n' || i FROM generate_series(1, 10) AS i`);
    expect(await lab.run(t)).toMatchObject({ load: { rowsLoaded: 10, rowsDeleted: 0, rowsOutdated: 0 } });
    await lab.sql(
      `UPDATE t SET note = 'new' WHERE id <= 2; DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (11, NULL)`,
    );
    await lab.sql(`UPDATE t SET note = 'newer' WHERE id = 1`);
    await lab.sql(`UPDATE t SET id = 40 WHERE id = 4`);
    expect(await lab.run(t)).toMatchObject({ load: { rowsLoaded: 7, rowsDeleted: 4, rowsOutdated: 3 } });
    expect(await lab.target(t, 'id, note', 'ORDER BY id')).toEqual(
      await lab.sql(`SELECT id, note FROM t ORDER BY id`),
    );
    expect(await lab.run(t)).toMatchObject({ load: { rowsLoaded: 0, rowsDeleted: 0 } });
  });

  it('keeps every change where it is appended', async () => {
    const t = changing({ write: 'append' });
    await lab.sql(`CREATE TABLE t (id int PRIMARY KEY, note text)`);
    await lab.sql(`INSERT INTO t VALUES (1, 'a')`);
    await lab.run(t);
    await lab.sql(`UPDATE t SET note = 'b'`);
    await lab.sql(`DELETE FROM t`);
    await lab.run(t);
    await lab.run(t);
    expect(await lab.target(t, '_op, id, note', 'ORDER BY _commit_lsn, _seq')).toEqual([
      { _op: 'R', id: 1, note: 'a' },
      { _op: 'U', id: 1, note: 'b' },
      { _op: 'D', id: 1, note: null },
    ]);
  });

  it('forgets in the source what is loaded, also where nothing was changed', async () => {
    const t = changing();
    await lab.sql(`CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE noise (id int)`);
    await lab.run(t);
    await lab.sql(`INSERT INTO noise SELECT generate_series(1, 10000)`);
    // Others write to this server too: what counts is what was written before the run.
    const wal = async () => (await lab.sql(`SELECT pg_current_wal_lsn()::text AS at`))[0]?.['at'];
    const behind = async (at: unknown) =>
      lab.sql(
        `SELECT confirmed_flush_lsn < '${String(at)}' AS behind FROM pg_replication_slots WHERE database = current_database() AND NOT temporary`,
      );
    const written = await wal();
    expect(await behind(written)).toEqual([{ behind: true }]);
    await lab.run(t);
    expect(await behind(written)).toEqual([{ behind: false }]);
  });
});
