import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  datasetPath,
  parseMade,
  parsePublication,
  type DatasetFile,
  type DatasetVersion,
  type Publication,
} from '../../../core/datasets.ts';
import { parquetRows } from '../../duckdb/parquet.ts';
import { makeFolder, measured, syncFolder, writeOnce } from '../durable.ts';
import { codeOf, translated } from '../errors.ts';
import type { Datasets, OpenDatasets } from '../port.ts';
import {
  MADE,
  nothingSaid,
  publicationsAmong,
  publicationsPath,
  publicationUpon,
  PublishedMeanwhile,
  type TakenDataset,
  type TaskPlace,
} from '../publications.ts';
import { namesIn } from './walk.ts';

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
    place: TaskPlace,
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

  folderUri(pipeline: string, name: string): string {
    return join(this.#root, datasetPath(pipeline, name));
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
  readonly #place: TaskPlace;
  readonly #folders: readonly Folder[];
  readonly #upon: Publication | undefined;
  #published = false;

  constructor(root: string, place: TaskPlace, folders: readonly Folder[], upon: Publication | undefined) {
    this.#root = root;
    this.#place = place;
    this.#folders = folders;
    this.#upon = upon;
    this.uris = Object.fromEntries(folders.map(({ name, folder }) => [name, pathToFileURL(folder).href]));
  }

  async publish(made: Parameters<OpenDatasets['publish']>[0]): Promise<Publication> {
    try {
      const taken: TakenDataset[] = [];
      for (const folder of this.#folders) taken.push(await left(folder));
      const { pipeline, task } = this.#place;
      const { publication, text, name } = publicationUpon(this.#place, this.#upon, made, taken);
      const path = join(publicationsOf(this.#root, pipeline, task), name);
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

/** The files that a task has left in its folder, made durable, and what it says of them. */
async function left({ name, of, folder }: Folder): Promise<TakenDataset> {
  const marker = join(folder, MADE);
  const text = await readFile(marker, 'utf8').catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    return nothingSaid(folder);
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
  await syncFolder(of); // whoever writes there may have made it anew
  return { name, made, files };
}

export function publicationsOf(root: string, pipeline: string, task: string): string {
  return join(root, publicationsPath(pipeline, task));
}

/** Oldest first. */
export async function publicationNames(folder: string): Promise<string[]> {
  return publicationsAmong(await namesIn(folder));
}

export async function readPublication(path: string): Promise<Publication> {
  try {
    return parsePublication(await readFile(path, 'utf8'), path);
  } catch (error) {
    throw translated(error, path);
  }
}
