import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise';
import { InvalidInput, messageOf } from '../../core/errors.ts';
import type { Row } from '../copy.ts';
import { csvRows } from '../csv-file.ts';
import { DatabaseRefused, DatabaseUnreachable, DataInconsistent, SeedInProgress } from '../errors.ts';
import { checkSeed, type SeedOptions, type SeedReport } from '../index.ts';
import { findFiles } from '../olist/data-places.ts';
import { DEFAULT_ORDERS, generateOlist } from '../olist/generate.ts';
import { noRows, olistFiles, olistTables, type OlistTable } from '../olist/tables.ts';
import { sqliteRows } from '../sqlite-file.ts';
import { createStatement, declaredTables, type Declared } from './tables.ts';

/** Where a MySQL or MariaDB database is, and how to get in. */
export interface MysqlLogin {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** Rows of one statement. */
const BATCH = 500;
const LOCK = 'sluice seed';
const DEFAULT_SEED = 1;

/**
 * Replaces the Olist tables of a MySQL database by generated ones, or by real data. Rows are written beside the old tables, and take
 * their place in one statement: it is done wholly or not at all, and may be called again; the same options give the same rows.
 * @throws {InvalidInput} {@link DataMissing} {@link DataMalformed} {@link DataInconsistent} for what it was given
 * @throws {SeedInProgress} {@link DatabaseRefused} {@link DatabaseUnreachable} for the database
 */
export async function seedOlistInMysql(login: MysqlLogin, options: SeedOptions = {}): Promise<SeedReport> {
  const started = performance.now();
  await checkSeed(options);
  if (options.shiftTo !== undefined)
    throw new InvalidInput('What to seed', [
      'a shift of dates is for PostgreSQL; leave it out for a MySQL source.',
    ]);
  const declared = await declaredTables();
  return inSession(login, async (client) => {
    const [[lock]] = await client.query<RowDataPacket[]>('SELECT GET_LOCK(?, 0) AS got', [LOCK]);
    if (Number(lock?.['got']) !== 1) throw new SeedInProgress();
    for (const [table, columns] of declared) {
      await client.query(`DROP TABLE IF EXISTS ${draft(table)}`);
      await client.query(createStatement(table, columns).replace(`\`${table}\``, draft(table)));
    }
    const { rows, empty } = await fill(client, declared, options);
    await takePlace(client);
    const [[newest]] = await client.query<RowDataPacket[]>(
      'SELECT CAST(DATE(MAX(order_purchase_timestamp)) AS CHAR) AS day FROM orders',
    );
    return {
      inserted: rows,
      updated: noRows(),
      empty,
      unchecked: [],
      shiftedDays: 0,
      newestPurchase: (newest?.['day'] as string | null | undefined) ?? undefined,
      seconds: (performance.now() - started) / 1000,
    };
  });
}

/** Whether somebody has made the tables already, with rows or without. @throws {DatabaseUnreachable} */
export async function isSeededInMysql(login: MysqlLogin): Promise<boolean> {
  return inSession(login, async (client) => {
    const [rows] = await client.query<RowDataPacket[]>(`SHOW TABLES LIKE 'orders'`);
    return rows.length > 0;
  });
}

async function fill(
  client: Connection,
  declared: Declared,
  { data, orders = DEFAULT_ORDERS, seed = DEFAULT_SEED, onProgress }: SeedOptions,
) {
  const files = data && (await findFiles(data));
  const generated = files ? undefined : generateOlist(orders, seed);
  const rows = noRows();
  for (const [table, columns] of declared) {
    const file = files?.get(table);
    if (files && !file) continue;
    const read = generated
      ? generated[table]()
      : file?.kind === 'csv'
        ? csvRows(file.path, columns)
        : sqliteRows(file?.path ?? '', table, columns);
    const booleans = columns.map(({ type }) => type === 'boolean');
    rows[table] = await insert(client, table, stored(read, booleans), (count) =>
      onProgress?.({ table, rows: count }),
    );
  }
  const missing = files ? olistTables.filter((table) => !files.has(table)) : [];
  return { rows, empty: missing.map((table) => ({ table, file: olistFiles[table] })) };
}

/** Rows with numbers for booleans, which MySQL has none of. */
async function* stored(
  rows: Iterable<Row> | AsyncIterable<Row>,
  booleans: readonly boolean[],
): AsyncGenerator<Row> {
  for await (const row of rows)
    yield row.map((field, index) =>
      booleans[index] && field !== null ? Number(/^(true|1)$/i.test(String(field))) : field,
    );
}

async function insert(
  client: Connection,
  table: OlistTable,
  rows: AsyncIterable<Row>,
  onRows: (rows: number) => void,
): Promise<number> {
  let count = 0;
  let batch: Row[] = [];
  const flush = async () => {
    if (batch.length) await client.query(`INSERT INTO ${draft(table)} VALUES ?`, [batch]);
    count += batch.length;
    batch = [];
    onRows(count);
  };
  await client.query('START TRANSACTION');
  for await (const row of rows) {
    if (batch.push(row) === BATCH) await flush();
  }
  await flush();
  await client.query('COMMIT');
  return count;
}

/** All tables at once, whichever are there. */
async function takePlace(client: Connection): Promise<void> {
  const [found] = await client.query<RowDataPacket[]>('SHOW TABLES');
  const names = new Set(found.map((row) => String(Object.values(row)[0])));
  const moves = olistTables.flatMap((table) => [
    ...(names.has(table) ? [`\`${table}\` TO ${old(table)}`] : []),
    `${draft(table)} TO \`${table}\``,
  ]);
  await client.query(`DROP TABLE IF EXISTS ${olistTables.map(old).join(', ')}`);
  await client.query(`RENAME TABLE ${moves.join(', ')}`);
  await client.query(`DROP TABLE IF EXISTS ${olistTables.map(old).join(', ')}`);
}

const draft = (table: OlistTable): string => `\`${table}__new\``;
const old = (table: OlistTable): string => `\`${table}__old\``;

async function inSession<T>(login: MysqlLogin, work: (client: Connection) => Promise<T>): Promise<T> {
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
