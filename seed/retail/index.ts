import type { Connection, RowDataPacket } from 'mysql2/promise';
import { InvalidInput } from '../../core/errors.ts';
import { dayOf } from '../calendar.ts';
import { NotSeeded } from '../errors.ts';
import { checkDays, type SeedOptions, type SeedReport } from '../index.ts';
import { insertRows, replaceTables } from '../mysql/replace.ts';
import { inSeedSession, type MysqlLogin } from '../mysql/session.ts';
import { centsOf, generateRetail, nextDay, type RetailSize, type Shop } from './generate.ts';
import { createStatements, retailTables, type RetailTable } from './tables.ts';

type Report = SeedReport<RetailTable>;

/**
 * Replaces the six tables of the shop for clothes in a MySQL database, all in one statement; the same options give the same rows:
 * `orders` is the number of sales, `shiftTo` the day of the last.
 * @throws {InvalidInput} for what it was given
 * @throws {SeedInProgress} {@link DatabaseRefused} {@link DatabaseUnreachable} for the database
 */
export async function seedRetail(login: MysqlLogin, options: SeedOptions = {}): Promise<Report> {
  const started = performance.now();
  const rows = generateRetail(retailSize(options));
  return inSeedSession(login, async (client) => {
    const tables = retailTables.map((table) => ({
      table,
      create: createStatements[table],
      rows: rows[table],
    }));
    return reportOf(client, await replaceTables(client, tables), started);
  });
}

/**
 * Adds sales of the days after the newest, about as many a day as there were; they follow from what is there alone. All days in one
 * transaction.
 * @throws {InvalidInput} when `days` is not a whole number from 1 to 366
 * @throws {NotSeeded} when nothing is there to go on from
 * @throws {SeedInProgress} {@link DatabaseRefused} {@link DatabaseUnreachable} for the database
 */
export async function advanceRetail(login: MysqlLogin, { days }: { readonly days: number }): Promise<Report> {
  const started = performance.now();
  checkDays(days);
  return inSeedSession(login, async (client) => {
    const shop = await shopOf(client);
    const inserted: Partial<Record<RetailTable, number>> = {};
    await client.query('START TRANSACTION');
    for (let left = days; left > 0; left--) {
      const { newest, ...counts } = await standing(client);
      const rows = nextDay(shop, dayOf(newest) + 1, counts);
      for (const table of ['sales', 'sales_items'] as const)
        inserted[table] = (inserted[table] ?? 0) + (await insertRows(client, `\`${table}\``, rows[table]));
    }
    await client.query('COMMIT');
    return reportOf(client, inserted, started);
  });
}

/** Looks at what was asked for, touching no database. @throws {InvalidInput} */
export function checkRetail(options: SeedOptions): Promise<void> {
  return Promise.resolve(options).then((given) => void generateRetail(retailSize(given)));
}

function retailSize({ orders, seed, data, shiftTo }: SeedOptions): RetailSize {
  if (data) throw new InvalidInput('What to seed', ['retail is generated; there is no data of it to load.']);
  return {
    ...(orders === undefined ? {} : { sales: orders }),
    ...(seed === undefined ? {} : { seed }),
    ...(shiftTo === undefined ? {} : { until: shiftTo }),
  };
}

async function shopOf(client: Connection): Promise<Shop> {
  const idsOf = async (table: RetailTable, key: string) =>
    (await select(client, `SELECT ${key} AS id FROM ${table} ORDER BY 1`)).map((row) => Number(row['id']));
  const [found] = await client.query<RowDataPacket[]>(`SHOW TABLES LIKE 'sales_items'`);
  if (!found.length) throw new NotSeeded('the tables of retail are not there.');
  const products = await select(client, 'SELECT product_id AS id, price FROM products ORDER BY 1');
  const shop = {
    clients: await idsOf('clients', 'client_id'),
    salesPeople: await idsOf('sales_people', 'salesperson_id'),
    products: products.map((row) => ({ id: Number(row['id']), price: centsOf(row['price']) })),
  };
  if (Object.values(shop).every(({ length }) => length > 0)) return shop;
  throw new NotSeeded('it has no clients, sales people or products.');
}

async function standing(
  client: Connection,
): Promise<{ newest: string; perDay: number; saleId: number; itemId: number }> {
  const [row] = await select(
    client,
    `SELECT CAST(MAX(sale_date) AS CHAR) AS newest, COUNT(*) / (DATEDIFF(MAX(sale_date), MIN(sale_date)) + 1) AS per_day,
       MAX(sale_id) + 1 AS sale, (SELECT COALESCE(MAX(item_id), 0) + 1 FROM sales_items) AS item FROM sales`,
  );
  const newest = row?.['newest'] as string | null | undefined;
  if (!newest) throw new NotSeeded('it has no sale to go on from.');
  return {
    newest,
    perDay: Number(row?.['per_day']),
    saleId: Number(row?.['sale']),
    itemId: Number(row?.['item']),
  };
}

async function select(client: Connection, sql: string): Promise<RowDataPacket[]> {
  const [rows] = await client.query<RowDataPacket[]>(sql);
  return rows;
}

async function reportOf(
  client: Connection,
  inserted: Partial<Record<RetailTable, number>>,
  started: number,
): Promise<Report> {
  const none = Object.fromEntries(retailTables.map((table) => [table, 0])) as Record<RetailTable, number>;
  const [row] = await select(client, 'SELECT CAST(MAX(sale_date) AS CHAR) AS day FROM sales');
  return {
    inserted: { ...none, ...inserted },
    updated: none,
    empty: [],
    unchecked: [],
    shiftedDays: 0,
    newestPurchase: (row?.['day'] as string | null | undefined) ?? undefined,
    seconds: (performance.now() - started) / 1000,
  };
}
