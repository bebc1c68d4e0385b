import { readFile, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MANIFEST_NAME, type LoadPlace } from '../../../core/layout.ts';
import { parseManifest, type Manifest } from '../../../core/manifest.ts';
import { makeFolder, syncFolder } from '../durable.ts';
import { codeOf, LoadIdTaken, ManifestMissing, translated } from '../errors.ts';
import { collect, pruneUp } from './gc.ts';
import { FolderDatasets } from './datasets.ts';
import { collectDatasets } from './datasets-gc.ts';
import { FolderLoad } from '../folder-load.ts';
import { bothOf } from '../gc-report.ts';
import { loadFolder, mustBeManifest, tableFolders } from '../places.ts';
import type { CommittedLoad, GcReport, Lake, OpenLoad, LakeTable } from '../port.ts';
import { loadFolders } from './walk.ts';

export interface FileSystemLakeOptions {
  /** The lake's folder; made by the first load. On a file system with hard links. */
  readonly root: string;
}

/** A lake in a folder. URIs are absolute paths: DuckDB, Spark and people read them as they are. */
export class FileSystemLake implements Lake {
  readonly datasets: FolderDatasets;
  readonly #root: string;

  constructor({ root }: FileSystemLakeOptions) {
    this.#root = resolve(root);
    this.datasets = new FolderDatasets(this.#root);
  }

  async open(place: LoadPlace): Promise<OpenLoad> {
    const folder = loadFolder(this.#root, place);
    try {
      await makeFolder(folder, this.#root);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw new LoadIdTaken(folder);
      throw translated(error, folder);
    }
    return new FolderLoad(folder, place, () => pruneUp(dirname(folder), this.#root));
  }

  async readManifest(manifestUri: string): Promise<Manifest> {
    mustBeManifest(this.#root, manifestUri);
    return parseManifest(await textOf(manifestUri), manifestUri);
  }

  fileUris(manifestUri: string, manifest: Manifest): readonly string[] {
    return manifest.files.map(({ path }) => join(dirname(manifestUri), path));
  }

  async *list(table: LakeTable): AsyncIterable<CommittedLoad> {
    for await (const load of this.loadsIn(tableFolders(this.#root, table)))
      if (load.manifest.pipeline === table.pipeline) yield load;
  }

  /** All committed loads below these folders of tables, oldest first by load id. */
  async *loadsIn(folders: readonly string[]): AsyncIterable<CommittedLoad> {
    const found: { uri: string; loadId: string }[] = [];
    for (const folder of folders) {
      for await (const path of walked(folder)) {
        const loadId = /^load=(.+)$/.exec(basename(path))?.[1];
        if (loadId) found.push({ uri: join(path, MANIFEST_NAME), loadId });
      }
    }
    found.sort((a, b) => (a.loadId < b.loadId ? -1 : 1));
    for (const { uri } of found) {
      const manifest = await this.readManifest(uri).catch(undefinedWhereMissing);
      if (manifest) yield { manifestUri: uri, manifest };
    }
  }

  async remove(manifestUri: string): Promise<void> {
    mustBeManifest(this.#root, manifestUri);
    const folder = dirname(manifestUri);
    try {
      await rm(join(folder, MANIFEST_NAME), { force: true });
      await syncFolder(folder).catch(passWhereMissing);
      await rm(folder, { recursive: true, force: true });
      await pruneUp(dirname(folder), this.#root);
    } catch (error) {
      throw translated(error, folder);
    }
  }

  async gc(options: Parameters<Lake['gc']>[0]): Promise<GcReport> {
    try {
      const loads = await collect(this, this.#root, options);
      return bothOf(loads, await collectDatasets(this.#root, options));
    } catch (error) {
      throw translated(error, this.#root);
    }
  }
}

async function textOf(uri: string): Promise<string> {
  try {
    return await readFile(uri, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw new ManifestMissing(uri);
    throw translated(error, uri);
  }
}

async function* walked(folder: string): AsyncIterable<string> {
  try {
    yield* loadFolders(folder);
  } catch (error) {
    throw translated(error, folder);
  }
}

function undefinedWhereMissing(error: unknown): undefined {
  if (!(error instanceof ManifestMissing)) throw error;
}

function passWhereMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error;
}
