import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidInput, TransientError } from '../../../core/errors.ts';
import {
  datasetPath,
  parseMade,
  parsePublication,
  type DatasetFile,
  type DatasetVersion,
  type MadeDataset,
  type Publication,
} from '../../../core/datasets.ts';
import { parquetRows } from '../../duckdb/parquet.ts';
import { makeFolder, measured, syncFolder, writeOnce } from '../durable.ts';
import { codeOf, translated } from '../errors.ts';
import type { Datasets, OpenDatasets } from '../port.ts';
import { namesIn } from './walk.ts';

const MADE = '_dataset.json';
/** Digits of a publication's number: so many sort as text. */
const DIGITS = 8;

type Place = Parameters<Datasets['open']>[0];

/** Datasets in a lake that is a folder. */
export class FolderDatasets implements Datasets {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async current(pipeline: string, task: string): Promise<Publication | undefined> {
    const folder = publicationsOf(this.#root, pipeline, task);
    const last = (await publicationNames(folder)).at(-1);
    return last === undefined ? undefined : readPublication(join(folder, last));
  }

  async open(
    place: Place,
    attempt: string,
    names: readonly string[],
    upon: Publication | undefined,
  ): Promise<OpenDatasets> {
    const folders = names.map((name) => {
      const of = join(this.#root, datasetPath(place.pipeline, name));
      return { name, of, folder: join(of, `data-${attempt}`) };
    });
    try {
      for (const { folder } of folders) await makeUnlessThere(folder, this.#root);
    } catch (error) {
      throw translated(error, this.#root);
    }
    return new FolderAttempt(this.#root, place, folders, upon);
  }

  fileUris(pipeline: string, name: string, { files }: Pick<DatasetVersion, 'files'>): readonly string[] {
    return files.map(({ path }) => join(this.#root, datasetPath(pipeline, name), path));
  }
}

interface Folder {
  readonly name: string;
  /** Of the dataset. */
  readonly of: string;
  /** Of the attempt. */
  readonly folder: string;
}

class FolderAttempt implements OpenDatasets {
  readonly uris: Readonly<Record<string, string>>;
  readonly #root: string;
  readonly #place: Place;
  readonly #folders: readonly Folder[];
  readonly #upon: Publication | undefined;
  #published = false;

  constructor(root: string, place: Place, folders: readonly Folder[], upon: Publication | undefined) {
    this.#root = root;
    this.#place = place;
    this.#folders = folders;
    this.#upon = upon;
    this.uris = Object.fromEntries(folders.map(({ name, folder }) => [name, pathToFileURL(folder).href]));
  }

  async publish(made: Parameters<OpenDatasets['publish']>[0]): Promise<Publication> {
    try {
      const datasets: Record<string, DatasetVersion> = {};
      for (const [name, version] of Object.entries(this.#upon?.datasets ?? {}))
        datasets[name] = { ...version, ...(made[name] && { inputs: made[name].inputs }) };
      for (const { name, of, folder } of this.#folders) {
        const rest = made[name];
        if (rest) datasets[name] = versionOf(rest, await taken(of, folder), datasets[name]);
      }
      const { pipeline, task, run } = this.#place;
      const number = (this.#upon?.number ?? 0) + 1;
      const path = join(publicationsOf(this.#root, pipeline, task), nameOf(number));
      const written = {
        format: 1,
        number,
        pipeline,
        task,
        run,
        publishedAt: new Date().toISOString(),
        datasets,
      };
      const text = `${JSON.stringify(written)}\n`;
      const publication = parsePublication(text, path);
      await makeUnlessThere(dirname(path), this.#root);
      await writeOnce(path, text).catch(async (error: unknown) => {
        // It may be there for everybody to see, and only what comes after that have failed.
        const there = await readFile(path, 'utf8').catch(() => undefined);
        this.#published = there === text;
        throw codeOf(error) === 'EEXIST' && !this.#published ? new PublishedMeanwhile(this.#place) : error;
      });
      this.#published = true;
      return publication;
    } catch (error) {
      throw translated(error, this.#root);
    }
  }

  async abort(): Promise<void> {
    if (this.#published) return;
    for (const { folder } of this.#folders) await rm(folder, { recursive: true, force: true });
  }
}

/** Makes a folder durable, unless it is there. */
async function makeUnlessThere(folder: string, root: string): Promise<void> {
  await makeFolder(folder, root).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
}

class PublishedMeanwhile extends TransientError {
  override name = 'PublishedMeanwhile';

  constructor({ pipeline, task }: Place) {
    super(`Another run has published what ${pipeline}'s task '${task}' makes. It is made again, upon that.`);
  }
}

/** The files that a task has left in its folder, and what it says of them. */
async function taken(of: string, folder: string): Promise<{ made: MadeDataset; files: DatasetFile[] }> {
  const marker = join(folder, MADE);
  const text = await readFile(marker, 'utf8').catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new InvalidInput(`The dataset in ${folder}`, [
      `there is no ${MADE}: the task has ended without saying what it made (docs/lakehouse.md). Correct it, then rerun.`,
    ]);
  });
  const made = parseMade(text, marker);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !/^[._]/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const rows = await parquetRows(paths);
  const files: DatasetFile[] = [];
  for (const path of paths) {
    const partition = relative(folder, dirname(path)).split(sep).join('/');
    files.push({
      path: relative(of, path).split(sep).join('/'),
      partition,
      rows: rows.get(path) ?? 0,
      ...(await measured(path)),
    });
  }
  for (const entry of entries) if (entry.isDirectory()) await syncFolder(join(entry.parentPath, entry.name));
  await syncFolder(folder);
  return { made, files };
}

/** A dataset with the new files in the place of those of the partitions that they replace. @throws {InvalidInput} they lie elsewhere */
function versionOf(
  rest: Parameters<OpenDatasets['publish']>[0][string],
  { made, files }: { readonly made: MadeDataset; readonly files: readonly DatasetFile[] },
  before: DatasetVersion | undefined,
): DatasetVersion {
  const { columns, replaces } = made;
  const { partitionedBy } = rest;
  const misplaced = files.find(
    ({ partition }) => partition.replaceAll(/=[^/]*/g, '') !== partitionedBy.join('/'),
  );
  const strange =
    replaces === 'all' ? undefined : files.find(({ partition }) => !replaces.includes(partition));
  const missing = partitionedBy.find((name) => !columns.some((column) => column.name === name));
  const problems = [
    ...(misplaced
      ? [`${misplaced.path} does not lie in a folder of its ${partitionedBy.join(', ') || 'dataset'}.`]
      : []),
    ...(strange ? [`${strange.path} is of a partition that 'replaces' does not name.`] : []),
    ...(missing === undefined
      ? []
      : [`column '${missing}', by which it is partitioned, is not among 'columns'.`]),
  ];
  if (problems.length) throw new InvalidInput('What the task has made', problems);
  const kept =
    replaces === 'all' ? [] : (before?.files ?? []).filter(({ partition }) => !replaces.includes(partition));
  const all = [...kept, ...files.filter(({ rows }) => rows > 0)].sort((a, b) =>
    a.partition < b.partition ? -1 : 1,
  );
  const sum = (field: 'rows' | 'bytes') => all.reduce((total, file) => total + file[field], 0);
  return { ...rest, columns, files: all, rows: sum('rows'), bytes: sum('bytes') };
}

export function publicationsOf(root: string, pipeline: string, task: string): string {
  return join(root, 'datasets', pipeline, task);
}

/** Oldest first. */
export async function publicationNames(folder: string): Promise<string[]> {
  return (await namesIn(folder)).filter((name) => /^\d+\.json$/.test(name)).sort();
}

export async function readPublication(path: string): Promise<Publication> {
  try {
    return parsePublication(await readFile(path, 'utf8'), path);
  } catch (error) {
    throw translated(error, path);
  }
}

function nameOf(number: number): string {
  return `${String(number).padStart(DIGITS, '0')}.json`;
}
