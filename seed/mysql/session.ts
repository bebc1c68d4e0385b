import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { messageOf } from '../../core/errors.ts';
import { DatabaseRefused, DatabaseUnreachable, DataInconsistent, SeedInProgress } from '../errors.ts';

/** Where a MySQL or MariaDB database is, and how to get in. */
export interface MysqlLogin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** Names of locks are the whole server's. */
const LOCK = 'sluice seed ';

/** In a session that nobody else seeds beside. @throws {SeedInProgress} and what {@link inSession} throws */
export async function inSeedSession<T>(
  login: MysqlLogin,
  work: (client: Connection) => Promise<T>,
): Promise<T> {
  return inSession(login, async (client) => {
    const [[lock]] = await client.query<RowDataPacket[]>(
      'SELECT GET_LOCK(CONCAT(?, MD5(DATABASE())), 0) AS got',
      [LOCK],
    );
    if (Number(lock?.['got']) !== 1) throw new SeedInProgress();
    return work(client);
  });
}

/**
 * Works in a session of its own, which is ended whatever happens.
 * @throws {DataInconsistent} {@link DatabaseRefused} {@link DatabaseUnreachable} for what the server says
 */
export async function inSession<T>(login: MysqlLogin, work: (client: Connection) => Promise<T>): Promise<T> {
  let client: Connection | undefined;
  try {
    client = await mysql.createConnection({
      host: login.host,
      port: login.port,
      database: login.database,
      user: login.user,
      password: login.password,
      charset: 'utf8mb4',
      dateStrings: true,
      timezone: 'Z',
      connectTimeout: 15_000,
    });
    client.on('error', () => undefined); // A lost connection shows in the query that needs it.
    // Values are refused, not cut, whatever the server's own mode is.
    await client.query(`SET SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION time_zone = '+00:00'`);
    return await work(client);
  } catch (error) {
    throw translated(error);
  } finally {
    await client?.end().catch(() => undefined);
  }
}

function translated(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  const code = String(error.code);
  const options = { cause: error };
  const message = messageOf(error);
  if (code === 'ER_DUP_ENTRY')
    return new DataInconsistent(`${message}. Nothing was loaded; correct the data.`, options);
  if (/^(E[A-Z]+|PROTOCOL_\w+)$/.test(code))
    return new DatabaseUnreachable(
      `The source database was not reached or was lost: ${message}. Start it, then try again.`,
      options,
    );
  return new DatabaseRefused(`MySQL refused (${code}): ${message}. The tables are as they were.`, options);
}
