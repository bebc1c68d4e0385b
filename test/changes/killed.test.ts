import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../faults/wait.ts';
import { ChangesLab, changing } from './lab.ts';

const t = changing();
const ROWS = 60_000;

describe('A worker that is killed', { timeout: 240_000 }, () => {
  let lab: ChangesLab;
  beforeEach(async () => {
    lab = await ChangesLab.open();
    await lab.sql(`CREATE TABLE t (id int PRIMARY KEY, note text)`);
    await lab.sql(`INSERT INTO t SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, ${ROWS}) AS i`);
  });
  afterEach(() => lab.close());

  /** Starts the work in a process of its own, and kills it when `when` holds, or when it says that it is at `until`. */
  async function killed(until: string, when: (said: string) => boolean | Promise<boolean>): Promise<void> {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'run.fixture.ts'), lab.folder, lab.database.url, until],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exited = new Promise((resolve) => child.once('exit', resolve));
    let said = '';
    child.stdout.on('data', (text) => (said += String(text)));
    await eventually(`the worker to be where it is killed (${until})`, async () => {
      if (child.exitCode !== null) throw new Error(`it has ended: ${said}`);
      return when(said);
    });
    child.kill('SIGKILL');
    await exited;
  }

  /** Files of loads whose names match, with something in them. */
  const written = (name: RegExp) =>
    readdirSync(lab.folder, { recursive: true })
      .map(String)
      .some((path) => name.test(path) && statSync(join(lab.folder, path)).size > 0);

  async function endsWell(): Promise<void> {
    await lab.run(t);
    const sums = `count(*)::int AS n, sum(id)::int8::text AS ids, md5(string_agg(note, '' ORDER BY id)) AS notes`;
    const [source] = await lab.sql(`SELECT ${sums} FROM t`);
    const [target] = await lab.target(t, sums.replace('::int8::text', '::VARCHAR'));
    expect(target).toEqual(source);
    await eventually('sessions to end', async () => {
      const [row] = await lab.sql(
        `SELECT (SELECT count(*) FROM pg_replication_slots WHERE database = current_database() AND slot_name <> '${lab.stream}')
           + (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sluice') AS left`,
      );
      return row?.['left'] === '0';
    });
  }

  it('while the slot is being made leaves none, and the next run makes it', async () => {
    const writer = await lab.database.session();
    await writer.query(`BEGIN; INSERT INTO t VALUES (0, 'open')`);
    await killed('never', async () => {
      const rows = await lab.sql(`SELECT FROM pg_replication_slots WHERE slot_name = '${lab.stream}'`);
      return rows.length > 0;
    });
    await writer.query('COMMIT');
    await endsWell();
  });

  it('while the snapshot is read, loses nothing', async () => {
    await killed('never', () => written(/part-\d+\.parquet$/));
    await lab.sql(`UPDATE t SET note = 'changed' WHERE id <= 10; DELETE FROM t WHERE id > ${ROWS - 10}`);
    await endsWell();
  });

  it.each(['extracted', 'loaded'])('when the snapshot is %s, loses and doubles nothing', async (point) => {
    await killed(point, (said) => said.includes(point));
    await lab.sql(`UPDATE t SET note = 'changed' WHERE id <= 10; DELETE FROM t WHERE id > ${ROWS - 10}`);
    await endsWell();
  });

  it.each(['extracted', 'loaded'])('when changes are %s, loses and doubles nothing', async (point) => {
    await lab.run(t);
    await lab.sql(`UPDATE t SET id = id + 100000, note = 'moved' WHERE id % 3 = 0`);
    await killed(point, (said) => said.includes(point));
    await lab.sql(`INSERT INTO t SELECT i, 'late' FROM generate_series(-9, -1) AS i`);
    await endsWell();
  });

  it('while changes are read, loses and doubles nothing', async () => {
    await lab.run(t);
    await lab.sql(`UPDATE t SET note = note || 'x'`);
    await killed('never', () => written(/chunk-\d+\.csv$/));
    await endsWell();
  });

  it('or loses the source in mid stream, goes on with the next attempt', async () => {
    await lab.run(t);
    await lab.sql(`UPDATE t SET note = note || 'x'`);
    const reading = lab.extract(t).catch((error: unknown) => error);
    await eventually('changes to flow', () => Promise.resolve(written(/chunk-\d+\.csv$/)));
    await lab.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sluice'`,
    );
    expect(String(await reading)).toMatch(/Unreachable|manifest/);
    await endsWell();
  });
});
