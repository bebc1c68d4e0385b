import { open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { DataMissing } from '../errors.ts';
import { sqliteTables } from '../sqlite-file.ts';
import { olistFiles, olistTables, type OlistTable } from './tables.ts';

/** Where the rows of a table are read from. */
export interface DataSource {
  readonly kind: 'csv' | 'sqlite';
  readonly path: string;
}

/**
 * The source of each table that these folders and files have one for; earlier places win. A CSV file given by
 * itself may have words between its Kaggle name and `.csv`. @throws {DataMissing} for a place without any
 */
export async function findFiles(places: readonly string[]): Promise<ReadonlyMap<OlistTable, DataSource>> {
  const found = new Map<OlistTable, DataSource>();
  for (const place of places) {
    for (const [table, source] of await sourcesIn(place)) if (!found.has(table)) found.set(table, source);
  }
  return found;
}

type Sources = readonly (readonly [OlistTable, DataSource])[];

async function sourcesIn(place: string): Promise<Sources> {
  const kind = await stat(place).catch((error: unknown) => {
    throw new DataMissing(place, `cannot be read (${reasonOf(error)}). Give an existing folder or file.`);
  });
  const sources = kind.isDirectory() ? await sourcesInFolder(place) : await sourcesInFile(place);
  if (sources.length > 0) return sources;
  throw new DataMissing(
    place,
    `has none of the Olist tables. Give a folder with files named as on Kaggle (${olistFiles.orders}, …), unpacked, or the SQLite file.`,
  );
}

async function sourcesInFolder(folder: string): Promise<Sources> {
  const names = (await readdir(folder)).sort();
  const files = olistTables
    .filter((table) => names.includes(olistFiles[table]))
    .map((table) => [table, { kind: 'csv', path: join(folder, olistFiles[table]) }] as const);
  const databases = names.filter((name) => /\.(sqlite3?|db)$/.test(name));
  const others = await Promise.all(databases.map((name) => sourcesInFile(join(folder, name))));
  return [...files, ...others.flat()];
}

async function sourcesInFile(path: string): Promise<Sources> {
  if (await isSqlite(path)) {
    const tables = sqliteTables(path);
    return olistTables
      .filter((table) => tables.includes(table))
      .map((table) => [table, { kind: 'sqlite', path }] as const);
  }
  const name = basename(path);
  return olistTables
    .filter((table) => name.startsWith(olistFiles[table].replace(/csv$/, '')) && name.endsWith('.csv'))
    .map((table) => [table, { kind: 'csv', path }] as const);
}

const SQLITE_HEADER = 'SQLite format 3\0';

async function isSqlite(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(
    Buffer.alloc(SQLITE_HEADER.length),
    0,
    SQLITE_HEADER.length,
    0,
  );
  return buffer.toString('latin1', 0, bytesRead) === SQLITE_HEADER;
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
