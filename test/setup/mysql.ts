import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';

/** A real, empty MySQL (MariaDB) database of a test's own. */
export interface TestMysql {
  readonly address: MysqlLogin & { readonly database: string };
  /** Runs statements in it, as a user who may do everything. */
  readonly sql: (statement: string) => Promise<Record<string, string | null>[]>;
  /** Another session in it, ended with the database. */
  readonly session: (as?: Partial<MysqlLogin>) => Promise<Connection>;
  /** Ends the sessions and drops the database. */
  readonly close: () => Promise<void>;
}

interface MysqlLogin {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

const START_TIMEOUT_MS = 180_000;
const POLL_MS = 100;

/** In the server that SLUICE_TEST_MYSQL names, else in the one of the test run, which the first test that asks starts. */
export async function testMysql(purpose: string): Promise<TestMysql> {
  const login = await testServer();
  const database = `${purpose}_${randomBytes(6).toString('hex')}`;
  const open: Connection[] = [];
  const connect = async (to: object) => {
    const connection = await mysql.createConnection({ ...to, dateStrings: true, multipleStatements: true });
    connection.on('error', () => undefined); // A lost connection shows in the query that needs it.
    open.push(connection);
    return connection;
  };
  const admin = await connect(login);
  await admin.query(`CREATE DATABASE ${database} CHARACTER SET utf8mb4; USE ${database}`);
  const address = { ...login, database };
  return {
    address,
    sql: async (statement) => {
      const [rows] = await admin.query<RowDataPacket[]>(statement);
      return rows;
    },
    session: (as = {}) => connect({ ...address, ...as }),
    async close() {
      await admin.query(`DROP DATABASE ${database}`);
      await Promise.all(open.map((connection) => connection.end().catch(() => undefined)));
    },
  };
}

/** One for all test files of a run: `servers.ts` starts it when it is asked for here. */
async function testServer(): Promise<MysqlLogin> {
  const given = process.env['SLUICE_TEST_MYSQL'];
  const home = process.env['SLUICE_TEST_MYSQL_HOME'];
  if (given !== undefined) return loginOf(given);
  if (home === undefined)
    throw new Error('SLUICE_TEST_MYSQL_HOME is not set: run tests by vitest, whose set-up names it.');
  writeFileSync(join(home, 'wanted'), '');
  const ready = join(home, 'ready');
  for (const deadline = Date.now() + START_TIMEOUT_MS; !existsSync(ready); await delay(POLL_MS))
    if (Date.now() > deadline) throw new Error('The MariaDB of the tests is not there after three minutes.');
  const answer = readFileSync(ready, 'utf8');
  if (answer.startsWith('mysql:')) return loginOf(answer);
  throw new Error(answer);
}

function loginOf(url: string): MysqlLogin {
  const { hostname, port, username, password } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
}
