import { readFile, stat } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Client } from 'pg';
import { InvalidInput } from '../../core/errors.ts';
import { copyRows, type Row } from '../copy.ts';
import { csvRows } from '../csv-file.ts';
import { DataMissing } from '../errors.ts';
import { declaredColumns } from '../declared.ts';
import type { SeedReport } from '../report.ts';
import type { SeedOptions } from '../index.ts';
import { inSeedTransaction } from '../transaction.ts';
import { DEFAULT_BIKE_ORDERS, generateBikestore } from './generate.ts';
import { bikestoreFiles, bikestoreTables, fileTables, type BikestoreFile } from './tables.ts';

const DEFAULT_SEED = 1;

/**
 * Replaces the ten tables of the bike stores (schema `public`) by generated ones, or by the nine real files, with audit columns, triggers,
 * and rules that turn a deletion of a customer, product, staff or store into `is_active = 'N'`. One transaction; the same options give
 * the same rows.
 *
 * @param database a connection string, or a connected client that is not in a transaction
 * @throws {InvalidInput} {@link DataMissing} {@link DataMalformed} {@link DataInconsistent} for what it was given
 * @throws {SeedInProgress} {@link DatabaseRefused} {@link DatabaseUnreachable} for the database
 */
export async function seedBikestore(
  database: string | Client,
  options: SeedOptions = {},
): Promise<SeedReport<string>> {
  const started = performance.now();
  await checkBikestore(options);
  const { data, orders = DEFAULT_BIKE_ORDERS, seed = DEFAULT_SEED } = options;
  const files = data && (await allFilesIn(data));
  return inSeedTransaction(database, async (client) => {
    await client.query(
      `drop table if exists ${bikestoreTables.map((table) => `public.${table}`).join(', ')}`,
    );
    await run(client, 'schema.sql');
    await run(client, 'files.sql');
    const declared = await declaredColumns(client, fileTables.map(fileTable));
    const generated = generateBikestore(orders, seed);
    for (const table of fileTables) {
      const path = files?.get(table);
      const rows: Iterable<Row> | AsyncIterable<Row> =
        path === undefined
          ? generated[table]()
          : csvRows(path, declared.get(fileTable(table)) ?? [], ['NULL']);
      await copyRows(client, fileTable(table), rows, { fresh: true });
    }
    await run(client, 'fill.sql');
    await client.query(`drop table ${fileTables.map((table) => `public.${fileTable(table)}`).join(', ')}`);
    await run(client, 'behaviour.sql');
    const inserted: Record<string, number> = {};
    for (const table of bikestoreTables) {
      const { rows } = await client.query<{ rows: number }>(
        `select count(*)::int as rows from public.${table}`,
      );
      inserted[table] = rows[0]?.rows ?? 0;
    }
    const { rows: newest } = await client.query<{ day: string | null }>(
      'select max(order_date)::text as day from public.orders',
    );
    return {
      inserted,
      updated: Object.fromEntries(bikestoreTables.map((table) => [table, 0])),
      empty: [],
      unchecked: [],
      shiftedDays: 0,
      newestPurchase: newest[0]?.day ?? undefined,
      seconds: (performance.now() - started) / 1000,
    };
  });
}

/** Looks at what was asked for, touching no database. @throws {InvalidInput} {@link DataMissing} */
export async function checkBikestore({ orders, seed, data, shiftTo }: SeedOptions): Promise<void> {
  const problems = [
    ...(shiftTo === undefined ? [] : [`dates of the bike stores stay as they are; leave the shift out.`]),
    ...(data?.length === 0 ? ['no data place is given; name a folder, or leave data out to generate.'] : []),
    ...(data && (orders !== undefined || seed !== undefined)
      ? ['orders and seed are for generated data; leave them out where data is given.']
      : []),
  ];
  if (problems.length > 0) throw new InvalidInput('What to seed', problems);
  if (data) await filesIn(data);
  else generateBikestore(orders ?? DEFAULT_BIKE_ORDERS, seed ?? DEFAULT_SEED);
}

/** The nine files. @throws {DataMissing} naming those that are in no place */
async function allFilesIn(places: readonly string[]): Promise<ReadonlyMap<BikestoreFile, string>> {
  const found = await filesIn(places);
  const missing = fileTables.filter((table) => !found.has(table)).map((table) => bikestoreFiles[table]);
  if (missing.length === 0) return found;
  throw new DataMissing(
    places.join(', '),
    `has no ${missing.join(', ')}. The bike stores need all nine files: name the folders that have them.`,
  );
}

/** In folders or one by one; the first place that has a file wins. @throws {DataMissing} for a place without any */
async function filesIn(places: readonly string[]): Promise<ReadonlyMap<BikestoreFile, string>> {
  const found = new Map<BikestoreFile, string>();
  for (const place of places) {
    const kind = await stat(place).catch(() => undefined);
    if (!kind) throw new DataMissing(place, 'is not there. Give an existing folder or file.');
    let here = 0;
    for (const table of fileTables) {
      const path = kind.isDirectory() ? join(place, bikestoreFiles[table]) : place;
      if (basename(path) !== bikestoreFiles[table] || !existsSync(path)) continue;
      here++;
      if (!found.has(table)) found.set(table, path);
    }
    if (here === 0)
      throw new DataMissing(
        place,
        `has none of the bike stores' files. Give a folder with ${Object.values(bikestoreFiles).join(', ')}.`,
      );
  }
  return found;
}

const fileTable = (table: BikestoreFile): string => `file_${table}`;

async function run(client: Client, script: string): Promise<void> {
  await client.query(await readFile(new URL(`./${script}`, import.meta.url), 'utf8'));
}
