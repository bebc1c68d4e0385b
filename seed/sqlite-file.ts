import sqlite from 'node-sqlite3-wasm';
import { messageOf } from '../core/errors.ts';
import type { Field, Row } from './copy.ts';
import { DataMalformed } from './errors.ts';
import { fieldReader } from './field.ts';
import type { DeclaredColumn } from './declared.ts';

/** The names of the tables in a SQLite file. @throws {DataMalformed} when the file cannot be read */
export function sqliteTables(path: string): readonly string[] {
  const database = opened(path);
  try {
    return namesIn(database.all("select name from sqlite_master where type = 'table'"));
  } catch (error) {
    throw new DataMalformed(path, undefined, undefined, `is not readable (${messageOf(error)}).`);
  } finally {
    database.close();
  }
}

/**
 * The rows of a table of a SQLite file, in the order of its rows, fields in the order of the columns. Zip codes kept as
 * numbers get their zeros back. @throws {DataMalformed} naming file, table, row and column of what does not fit
 */
export function* sqliteRows(path: string, table: string, columns: readonly DeclaredColumn[]): Generator<Row> {
  const database = opened(path);
  const readers = columns.map((column) => ({ column, read: fieldReader(column) }));
  try {
    const present = namesIn(database.all(`pragma table_info("${table}")`));
    const missing = columns.filter(({ name }) => !present.includes(name)).map(({ name }) => name);
    if (missing.length > 0) {
      throw new DataMalformed(path, undefined, undefined, `table ${table} lacks ${missing.join(', ')}.`);
    }
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    const statement = database.prepare(`select ${names} from "${table}" order by rowid`);
    let row = 0;
    for (const values of statement.iterate()) {
      row++;
      yield readers.map(({ column, read }): Field => {
        const reading = read(textOf(column, values[column.name]));
        if ('text' in reading) return reading.text;
        throw new DataMalformed(
          `${path}, table ${table}, row ${row}`,
          undefined,
          column.name,
          reading.problem,
        );
      });
    }
  } finally {
    database.close();
  }
}

function opened(path: string): sqlite.Database {
  try {
    return new sqlite.Database(path, { readOnly: true, fileMustExist: true });
  } catch (error) {
    throw new DataMalformed(path, undefined, undefined, `cannot be opened (${messageOf(error)}).`);
  }
}

/** A value as a CSV file would have it. */
function textOf(column: DeclaredColumn, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (column.name.endsWith('_zip_code_prefix') && typeof value === 'number')
    return String(value).padStart(5, '0');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return String(value);
  return '\0';
}

function namesIn(rows: readonly { readonly name?: unknown }[]): readonly string[] {
  return rows.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
}
