import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, Lab } from './lab.ts';
import { sql } from './state.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
  await lab.startWorker();
});
afterAll(() => lab.close());

const run = async (date: string) => {
  const handle = await lab.run({ pipeline: 'shop_followed', interval: day(date) });
  await handle.result();
};
/** How much of what the server wrote until a moment the stream of this database's source is behind; others write to the server, too. */
const behind = async (moment: string) => {
  const { rows } = await lab.source.query<{ bytes: number; slots: number }>(
    `SELECT max(pg_wal_lsn_diff($1::pg_lsn, confirmed_flush_lsn))::int AS bytes, count(*)::int AS slots
     FROM pg_replication_slots WHERE database = current_database()`,
    [moment],
  );
  return rows[0];
};
const now = async () => {
  const { rows } = await lab.source.query<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn');
  return rows[0]?.lsn ?? '';
};

describe('a pipeline that follows changes', { timeout: 240_000 }, () => {
  it('loads each once, by whatever interval, and lets the source forget them', async () => {
    await run('2024-03-02');
    const [before] = await sql(lab, 'SELECT count(*)::int AS n FROM raw_shop_followed.visits');
    await lab.source.query(`UPDATE shop.visits SET agent = 'changed' WHERE visit_id <= 5`);
    await lab.source.query(`DELETE FROM shop.visits WHERE visit_id BETWEEN 6 AND 8`);
    await lab.source.query(`INSERT INTO shop.prices SELECT n, 1 FROM generate_series(1000, 20000) AS n`);
    const written = await now();
    expect((await behind(written))?.bytes).toBeGreaterThan(500_000);
    await run('2024-03-03');
    await run('2024-03-02');
    const { rows: source } = await lab.source.query(
      'SELECT visit_id::int, agent FROM shop.visits ORDER BY 1',
    );
    expect(
      await sql(lab, 'SELECT visit_id::int AS visit_id, agent FROM raw_shop_followed.visits ORDER BY 1'),
    ).toEqual(source);
    expect(
      await sql(
        lab,
        'SELECT _op, count(*)::int AS n FROM raw_shop_followed.visits_history GROUP BY 1 ORDER BY 1',
      ),
    ).toEqual([
      { _op: 'D', n: 3 },
      { _op: 'R', n: before?.['n'] },
      { _op: 'U', n: 5 },
    ]);
    const left = await behind(written);
    expect(left?.slots).toBe(1);
    expect(left?.bytes).toBeLessThanOrEqual(0);
  });
});
