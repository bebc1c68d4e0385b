import type { Client } from 'pg';
import { csvRows } from '../csv-file.ts';
import { copyRows } from '../copy.ts';
import { sqliteRows } from '../sqlite-file.ts';
import type { OnProgress } from '../report.ts';
import { findFiles } from './data-places.ts';
import { declaredColumns } from '../declared.ts';
import { noRows, olistFiles, olistTables, type OlistTable, type RowCounts } from './tables.ts';

export interface LoadedFiles {
  readonly rows: RowCounts;
  /** Tables without a file in any place, with the file that was looked for. */
  readonly empty: readonly { readonly table: OlistTable; readonly file: string }[];
}

/**
 * Fills the freshly made tables from the Kaggle CSV files, or the Kaggle SQLite file, found in these places (folders or
 * files); the first place that has a table's file wins. A blank is NULL.
 *
 * @throws {DataMissing} for a place that is not there or holds none of the files
 * @throws {DataMalformed} for the first value, line or heading that the table cannot take
 */
export async function loadFiles(
  client: Client,
  places: readonly string[],
  onProgress?: OnProgress,
): Promise<LoadedFiles> {
  const sources = await findFiles(places);
  const declared = await declaredColumns(client, olistTables);
  const rows = noRows();
  for (const table of olistTables) {
    const source = sources.get(table);
    if (source === undefined) continue;
    const columns = declared.get(table) ?? [];
    const read =
      source.kind === 'csv' ? csvRows(source.path, columns) : sqliteRows(source.path, table, columns);
    rows[table] = await copyRows(client, table, read, {
      fresh: true,
      onRows: (count) => onProgress?.({ table, rows: count }),
    });
  }
  const missing = olistTables.filter((table) => !sources.has(table));
  return { rows, empty: missing.map((table) => ({ table, file: olistFiles[table] })) };
}
