import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';

/**
 * The folders of a table's loads, claimed ones too, whatever comes and goes meanwhile: one that is removed under the walk is
 * not there, and hides no other. (`readdir` with `recursive` fails as a whole for it.)
 */
export async function* loadFolders(tableFolder: string): AsyncIterable<string> {
  for (const year of partitions(await namesIn(tableFolder), 'year')) {
    for (const month of partitions(await namesIn(join(tableFolder, year)), 'month')) {
      for (const day of partitions(await namesIn(join(tableFolder, year, month)), 'day')) {
        const folder = join(tableFolder, year, month, day);
        for (const load of await namesIn(folder)) yield join(folder, load);
      }
    }
  }
}

/** The names in a folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  });
}

function partitions(names: readonly string[], key: string): string[] {
  return names.filter((name) => name.startsWith(`${key}=`));
}
