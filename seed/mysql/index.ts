import type { RowDataPacket } from 'mysql2/promise';
import { InvalidInput } from '../../core/errors.ts';
import type { Row } from '../copy.ts';
import { csvRows } from '../csv-file.ts';
import { checkSeed, type SeedOptions, type SeedReport } from '../index.ts';
import { findFiles } from '../olist/data-places.ts';
import { DEFAULT_ORDERS, generateOlist } from '../olist/generate.ts';
import { noRows, olistFiles, olistTables } from '../olist/tables.ts';
import { sqliteRows } from '../sqlite-file.ts';
import { replaceTables } from './replace.ts';
import { inSeedSession, inSession, type MysqlLogin } from './session.ts';
import { createStatement, declaredTables } from './tables.ts';

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
  const { data, orders = DEFAULT_ORDERS, seed = DEFAULT_SEED, onProgress } = options;
  const declared = [...(await declaredTables())];
  const files = data && (await findFiles(data));
  const generated = files ? undefined : generateOlist(orders, seed);
  return inSeedSession(login, async (client) => {
    const tables = declared.map(([table, columns]) => {
      const file = files?.get(table);
      const read = generated
        ? generated[table]()
        : file?.kind === 'csv'
          ? csvRows(file.path, columns)
          : file && sqliteRows(file.path, table, columns);
      const booleans = columns.map(({ type }) => type === 'boolean');
      return {
        table,
        create: (quoted: (name: typeof table) => string) => createStatement(quoted(table), table, columns),
        ...(read && { rows: stored(read, booleans) }),
      };
    });
    const rows = await replaceTables(client, tables, onProgress);
    const missing = files ? olistTables.filter((table) => !files.has(table)) : [];
    const [[newest]] = await client.query<RowDataPacket[]>(
      'SELECT CAST(DATE(MAX(order_purchase_timestamp)) AS CHAR) AS day FROM orders',
    );
    return {
      inserted: { ...noRows(), ...rows },
      updated: noRows(),
      empty: missing.map((table) => ({ table, file: olistFiles[table] })),
      unchecked: [],
      shiftedDays: 0,
      newestPurchase: (newest?.['day'] as string | null | undefined) ?? undefined,
      seconds: (performance.now() - started) / 1000,
    };
  });
}

/** Whether somebody has made the tables already, with rows or without: one of them is there. @throws {DatabaseUnreachable} */
export async function isSeededInMysql(login: MysqlLogin, table = 'orders'): Promise<boolean> {
  return inSession(login, async (client) => {
    const [rows] = await client.query<RowDataPacket[]>('SHOW TABLES LIKE ?', [table]);
    return rows.length > 0;
  });
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
