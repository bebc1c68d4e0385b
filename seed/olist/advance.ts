import type { Client } from 'pg';
import { InvalidInput } from '../../core/errors.ts';
import { dayOf } from '../calendar.ts';
import { NotSeeded } from '../errors.ts';
import type { SeedReport } from '../report.ts';
import { inSeedTransaction } from '../transaction.ts';
import { closeLeads, qualifyLeads } from './next-leads.ts';
import { placeOrders } from './next-orders.ts';
import { reviewOrders } from './next-reviews.ts';
import { moveOrdersOn } from './next-steps.ts';
import { newestPurchase } from './shift.ts';
import { noRows, olistTables } from './tables.ts';

/** @throws {InvalidInput} when `days` is not a whole number from 1 to 366 */
export function checkDays(days: number): void {
  if (Number.isInteger(days) && days >= 1 && days <= MOST_DAYS) return;
  throw new InvalidInput('Days to advance', [`${days} is not a whole number from 1 to ${MOST_DAYS}.`]);
}

/**
 * Lets days pass in a seeded database: new customers and orders, earlier orders approved, shipped, delivered, canceled and
 * reviewed, a few leads. The first day is the one after the newest order; what happens follows from the state of
 * the database alone. All days in one transaction.
 *
 * @param database a connection string, or a connected client that is not in a transaction
 * @throws {InvalidInput} when `days` is not a whole number from 1 to 366
 * @throws {NotSeeded} when the tables are not there, or hold nothing to go on from
 * @throws {SeedInProgress} {@link DatabaseRefused} {@link DatabaseUnreachable} for the database
 */
export async function advanceOlist(
  database: string | Client,
  { days = 1 }: { readonly days?: number } = {},
): Promise<SeedReport> {
  const started = performance.now();
  checkDays(days);
  return inSeedTransaction(database, async (client) => {
    await requireTables(client);
    const inserted = noRows();
    const updated = noRows();
    for (let left = days; left > 0; left--) {
      const newest = await newestPurchase(client);
      if (newest === undefined) throw new NotSeeded('table orders is empty.');
      const day = dayOf(newest) + 1;
      updated.orders += await moveOrdersOn(client, day);
      inserted.order_reviews += await reviewOrders(client, day);
      const placed = await placeOrders(client, day);
      for (const [table, rows] of placed) inserted[table] += rows;
      inserted.leads_closed += await closeLeads(client, day);
      inserted.leads_qualified += await qualifyLeads(client, day);
    }
    return {
      inserted,
      updated,
      empty: [],
      unchecked: [],
      shiftedDays: 0,
      newestPurchase: await newestPurchase(client),
      seconds: (performance.now() - started) / 1000,
    };
  });
}

const MOST_DAYS = 366;

async function requireTables(client: Client): Promise<void> {
  const { rows } = await client.query<{ table: string }>(
    `select name as table from unnest($1::text[]) name where to_regclass('public.' || name) is null`,
    [olistTables],
  );
  if (rows.length > 0) throw new NotSeeded(`it has no table ${rows.map(({ table }) => table).join(', ')}.`);
}
