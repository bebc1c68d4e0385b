import type { Client } from 'pg';
import { InvalidInput } from '../core/errors.ts';
import { copyRows } from './copy.ts';
import { DEFAULT_ORDERS, generateOlist } from './olist/generate.ts';
import { findFiles } from './olist/data-places.ts';
import { loadFiles, type LoadedFiles } from './olist/load-files.ts';
import { addKeys, createTables } from './olist/schema.ts';
import { asDay, newestPurchase, shiftTo } from './olist/shift.ts';
import { noRows, olistTables } from './olist/tables.ts';
import type { OnProgress, SeedReport } from './report.ts';
import { inSeedTransaction } from './transaction.ts';

export type { OnProgress, SeedReport } from './report.ts';
export * from './errors.ts';
export { advanceOlist, checkDays } from './olist/advance.ts';

const DEFAULT_SEED = 1;

export interface SeedOptions {
  /** Orders to generate, 1 to 10,000,000; 5,000 unless set. Not together with `data`. */
  readonly orders?: number;
  /** Seed of the generator, a whole number; 1 unless set. */
  readonly seed?: number;
  /** Folders and files of real data to load instead; the first that has a table's file wins. */
  readonly data?: readonly string[];
  /** Day, like `2026-11-20`, onto which the newest order is moved, and every other date with it. */
  readonly shiftTo?: string;
  readonly onProgress?: OnProgress;
}

/**
 * Replaces the Olist tables of a source database (schema `public`) by generated ones, or by real data. One
 * transaction: it is done wholly or not at all, and may be called again; the same options give the same rows.
 *
 * @param database a connection string, or a connected client that is not in a transaction
 * @throws {InvalidInput} {@link DataMissing} {@link DataMalformed} {@link DataInconsistent} for what it was given
 * @throws {SeedInProgress} {@link DatabaseRefused} {@link DatabaseUnreachable} for the database
 */
export async function seedOlist(database: string | Client, options: SeedOptions = {}): Promise<SeedReport> {
  const started = performance.now();
  await checkSeed(options);
  return inSeedTransaction(database, async (client) => {
    await createTables(client);
    const { rows, empty } = await fill(client, options);
    const shiftedDays = options.shiftTo === undefined ? 0 : await shiftTo(client, options.shiftTo);
    const unchecked = await addKeys(
      client,
      empty.map(({ table }) => table),
    );
    return {
      inserted: rows,
      updated: noRows(),
      empty,
      unchecked,
      shiftedDays,
      newestPurchase: await newestPurchase(client),
      seconds: (performance.now() - started) / 1000,
    };
  });
}

/** Whether somebody has made the tables already, with rows or without. @throws {DatabaseUnreachable} */
export async function isSeeded(database: string): Promise<boolean> {
  return inSeedTransaction(database, async (client) => {
    const { rows } = await client.query<{ seeded: boolean }>(
      `select to_regclass('public.orders') is not null as seeded`,
    );
    return rows[0]?.seeded === true;
  });
}

/** Looks at what was asked for, touching no database. @throws {InvalidInput} {@link DataMissing} */
export async function checkSeed({ orders, seed, data, shiftTo: day }: SeedOptions): Promise<void> {
  if (day !== undefined) asDay(day);
  if (data === undefined) {
    generateOlist(orders ?? DEFAULT_ORDERS, seed ?? DEFAULT_SEED);
    return;
  }
  const problems = [
    ...(data.length === 0 ? ['no data place is given; name a folder, or leave data out to generate.'] : []),
    ...(orders !== undefined || seed !== undefined
      ? ['orders and seed are for generated data; leave them out where data is given.']
      : []),
  ];
  if (problems.length > 0) throw new InvalidInput('What to seed', problems);
  await findFiles(data);
}

async function fill(client: Client, options: SeedOptions): Promise<LoadedFiles> {
  const { data, orders = DEFAULT_ORDERS, seed = DEFAULT_SEED, onProgress } = options;
  if (data !== undefined) return loadFiles(client, data, onProgress);
  const generated = generateOlist(orders, seed);
  const rows = noRows();
  for (const table of olistTables) {
    rows[table] = await copyRows(client, table, generated[table](), {
      fresh: true,
      onRows: (count) => onProgress?.({ table, rows: count }),
    });
  }
  return { rows, empty: [] };
}
