import { copyFile, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InvalidInput } from '../../core/errors.ts';
import { DataMissing } from '../errors.ts';
import type { SeedOptions } from '../index.ts';
import { DEFAULT_ORDERS } from '../olist/generate.ts';
import { generateFunnel } from './generate.ts';

/** Where the pipeline looks for them, below the root of its connection. */
const PLACE = 'user_behaviour';
const DEFAULT_SEED = 1;

/** A file that was put there, and how many bytes it has. */
export interface FunnelReport {
  readonly files: Readonly<Record<string, number>>;
}

/**
 * Puts files of user behaviour where the pipeline `olist_funnel` waits for them: real ones (`*funnel*.csv` of the given places), or generated
 * ones, a file a year, of the shop that the same orders and seed give. Each appears whole. May be called again: the same bytes are new
 * arrivals, which change no row.
 * @param root the folder of the connection
 * @throws {InvalidInput} {@link DataMissing} for what it was given
 */
export async function seedFunnel(root: string, options: SeedOptions = {}): Promise<FunnelReport> {
  await checkFunnel(options);
  const { data, orders = DEFAULT_ORDERS, seed = DEFAULT_SEED } = options;
  const folder = join(root, PLACE);
  await mkdir(folder, { recursive: true });
  const files: Record<string, number> = {};
  const put = async (name: string, write: (path: string) => Promise<void>) => {
    const hidden = join(folder, `.${name}.part`); // names with a point are not looked at
    await write(hidden);
    await rename(hidden, join(folder, name));
    files[name] = (await stat(join(folder, name))).size;
  };
  if (data) for (const path of await filesIn(data)) await put(basename(path), (to) => copyFile(path, to));
  else
    for (const [year, text] of generateFunnel(orders, seed))
      await put(`${year}_funnel.csv`, (to) => writeFile(to, text));
  return { files };
}

/** Looks at what was asked for, writing nothing. @throws {InvalidInput} {@link DataMissing} */
export async function checkFunnel({ orders, seed, data, shiftTo }: SeedOptions): Promise<void> {
  if (shiftTo !== undefined)
    throw new InvalidInput('What to seed', ['files of behaviour stay at their dates; leave the shift out.']);
  if (data === undefined) return void generateFunnel(orders ?? DEFAULT_ORDERS, seed ?? DEFAULT_SEED);
  await filesIn(data);
}

async function filesIn(places: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const place of places) {
    const isFolder = await stat(place).then(
      (entry) => entry.isDirectory(),
      () => undefined,
    );
    if (isFolder === undefined) throw new DataMissing(place, 'is not there. Correct the path.');
    const names = isFolder ? await readdir(place) : [];
    const fit = names.filter((name) => /funnel.*\.csv$/i.test(name)).map((name) => join(place, name));
    if (isFolder && !fit.length)
      throw new DataMissing(place, `has no file like 2016_funnel.csv. Name the folder that has.`);
    found.push(...(isFolder ? fit.sort() : [place]));
  }
  return found;
}
