import { orCleanUp } from '../../../core/clean-up.ts';
import type { LoadPlace } from '../../../core/layout.ts';
import { parseManifest, type Manifest, type ManifestFile } from '../../../core/manifest.ts';
import { LoadIncomplete } from '../errors.ts';
import type { CommittedLoad } from '../port.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import { footersOf } from './footers.ts';
import { discard, seal } from './load.ts';

const COPIES_AT_ONCE = 8;

/**
 * A folder beside the lake in which a remote job leaves files. Nothing in it belongs to the lake; `adopt` makes a load of
 * what is there.
 */
export class S3Landing {
  readonly uri: string;
  readonly #bucket: Bucket;
  readonly #folder: string;
  readonly #reserve: (place: LoadPlace) => Promise<string>;

  /** @param folder ends with a slash @param reserve takes a load's folder and gives it */
  constructor(bucket: Bucket, folder: string, reserve: (place: LoadPlace) => Promise<string>) {
    this.uri = bucket.uri(folder);
    this.#bucket = bucket;
    this.#folder = folder;
    this.#reserve = reserve;
  }

  /** @returns undefined where there is none */
  text(name: string): Promise<string | undefined> {
    return this.#bucket.text(this.#folder + name);
  }

  /** Writes a document; what is there already is not overwritten, so give every content a name of its own. */
  async put(name: string, text: string): Promise<void> {
    await this.#bucket.putOnce(this.#folder + name, text);
  }

  /**
   * Commits the Parquet files of a folder as a load: reads sizes and footers in S3, has S3 copy the files and compute their
   * SHA-256, then writes the manifest. What it finds must agree with the draft. A failed adoption leaves nothing in the lake.
   * @throws {TerminalError} files, rows or columns are not those of the draft; the load id is taken
   */
  async adopt(
    place: LoadPlace,
    draft: Omit<Manifest, 'files' | 'bytes'>,
    folder: string,
  ): Promise<CommittedLoad> {
    const found = await this.#filledFiles(folder, draft);
    const target = await this.#reserve(place);
    const take = async () => {
      const files: ManifestFile[] = [];
      for (let at = 0; at < found.length; at += COPIES_AT_ONCE) {
        const copies = found.slice(at, at + COPIES_AT_ONCE).map(async ({ object, rows }, index) => {
          const path = `part-${at + index}.parquet`;
          const sha256 = await this.#bucket.copy(
            { bucket: this.#bucket.name, key: object.key },
            target + path,
          );
          return { path, rows, bytes: object.bytes, sha256 };
        });
        files.push(...(await Promise.all(copies)));
      }
      const bytes = files.reduce((total, file) => total + file.bytes, 0);
      const manifest = parseManifest(JSON.stringify({ ...draft, files, bytes }), this.#bucket.uri(target));
      return seal(this.#bucket, target, manifest);
    };
    return orCleanUp(take, () => discard(this.#bucket, target));
  }

  /** What is in a folder of it, the whole way down: names as `text` takes them, and sizes. */
  async files(folder: string): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for await (const { key, bytes } of this.#bucket.list(`${this.#folder}${folder}/`))
      found.set(key.slice(this.#folder.length), bytes);
    return found;
  }

  /** Adds a file's bytes to the end of a local file. */
  download(name: string, path: string, signal: AbortSignal): Promise<void> {
    return this.#bucket.download(this.#folder + name, path, signal);
  }

  /** Removes a folder of it, or everything. May be called again. */
  clear(folder?: string): Promise<void> {
    return discard(this.#bucket, this.#folder + (folder === undefined ? '' : `${folder}/`));
  }

  /** Files with rows, in the order of their names. */
  async #filledFiles(
    folder: string,
    draft: Omit<Manifest, 'files' | 'bytes'>,
  ): Promise<{ object: StoredObject; rows: number }[]> {
    const objects: StoredObject[] = [];
    for await (const object of this.#bucket.list(`${this.#folder}${folder}/`)) {
      if (object.key.endsWith('.parquet') && !object.key.includes('/_')) objects.push(object);
    }
    const footers = await footersOf(this.#bucket, objects);
    const columns = draft.schema.columns.map(({ name }) => name);
    const problems: string[] = [];
    const files = objects.map((object, at) => {
      const { rows = 0, columns: held = [] } = footers[at] ?? {};
      if (JSON.stringify(held) !== JSON.stringify(columns)) {
        problems.push(`'${object.key}' holds the columns ${held.join(', ')}, not ${columns.join(', ')}.`);
      }
      return { object, rows };
    });
    const rows = files.reduce((total, file) => total + file.rows, 0);
    if (rows !== draft.rows) problems.push(`all files hold ${rows} rows, the job says ${draft.rows}.`);
    if (problems.length) throw new LoadIncomplete(`${this.uri}${folder}`, problems);
    return files.filter((file) => file.rows);
  }
}
