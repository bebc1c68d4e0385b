import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_NAME, type LoadPlace } from '../../core/layout.ts';
import { parseManifest, type Manifest, type ManifestFile } from '../../core/manifest.ts';
import { parquetRows } from '../duckdb/parquet.ts';
import { measured, writeOnce } from './durable.ts';
import { codeOf, LoadIdTaken, LoadIncomplete, translated } from './errors.ts';
import type { CommittedLoad, ManifestDraft, OpenLoad } from './port.ts';

/** A load whose files are written where they stay. */
export class FolderLoad implements OpenLoad {
  readonly directory: string;
  readonly #place: LoadPlace;
  readonly #prune: () => Promise<void>;
  #committed = false;

  constructor(directory: string, place: LoadPlace, prune: () => Promise<void>) {
    this.directory = directory;
    this.#place = place;
    this.#prune = prune;
  }

  async commit(draft: ManifestDraft): Promise<CommittedLoad> {
    const manifestUri = join(this.directory, MANIFEST_NAME);
    try {
      this.#mustBeOfThisLoad(draft);
      const files = await this.#measuredFiles(draft);
      const bytes = files.reduce((total, file) => total + file.bytes, 0);
      // Parsed as a reader will: what could not be read back is never committed.
      const manifest = parseManifest(
        JSON.stringify({ ...draft, files, bytes } satisfies Manifest),
        manifestUri,
      );
      await writeOnce(manifestUri, `${JSON.stringify(manifest, undefined, 2)}\n`);
      this.#committed = true;
      return { manifestUri, manifest };
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw new LoadIdTaken(manifestUri);
      throw translated(error, this.directory);
    }
  }

  async abort(): Promise<void> {
    if (this.#committed) return;
    try {
      await rm(join(this.directory, MANIFEST_NAME), { force: true });
      await rm(this.directory, { recursive: true, force: true });
      await this.#prune();
    } catch (error) {
      throw translated(error, this.directory);
    }
  }

  #mustBeOfThisLoad(draft: ManifestDraft): void {
    const { pipeline, domain, table, loadId, logicalDate } = this.#place;
    const wanted = { pipeline, domain, table, loadId };
    const problems = Object.entries(wanted)
      .filter(([field, value]) => draft[field as keyof typeof wanted] !== value)
      .map(([field, value]) => `its manifest says another ${field} than '${value}'.`);
    if (draft.interval.start.slice(0, 10) !== logicalDate.slice(0, 10)) {
      problems.push(`its interval starts at ${draft.interval.start}, its folder is that of ${logicalDate}.`);
    }
    if (problems.length) throw new LoadIncomplete(this.directory, problems);
  }

  async #measuredFiles(draft: ManifestDraft): Promise<ManifestFile[]> {
    const present = new Set(await readdir(this.directory));
    if (present.has(MANIFEST_NAME)) throw new LoadIdTaken(join(this.directory, MANIFEST_NAME));
    const drafted = new Set(draft.files.map(({ path }) => path));
    const problems = [
      ...[...drafted].filter((path) => !present.has(path)).map((path) => `'${path}' is missing.`),
      ...[...present].filter((path) => !drafted.has(path)).map((path) => `'${path}' is not in the manifest.`),
    ];
    if (drafted.size !== draft.files.length) problems.push('a file is in the manifest twice.');
    if (problems.length) throw new LoadIncomplete(this.directory, problems);

    const footers = await parquetRows(draft.files.map(({ path }) => join(this.directory, path)));
    const files: ManifestFile[] = [];
    for (const { path, rows } of draft.files) {
      const found = footers.get(join(this.directory, path));
      if (found !== rows) problems.push(`'${path}' holds ${found ?? 0} rows, its manifest says ${rows}.`);
      files.push({ path, rows, ...(await measured(join(this.directory, path))) });
    }
    const total = files.reduce((sum, { rows }) => sum + rows, 0);
    if (total !== draft.rows) problems.push(`all files hold ${total} rows, its manifest says ${draft.rows}.`);
    if (problems.length) throw new LoadIncomplete(this.directory, problems);
    return files;
  }
}
