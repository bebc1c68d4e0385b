import {
  parseMade,
  parsePublication,
  type DatasetFile,
  type DatasetVersion,
  type Publication,
} from '../../../core/datasets.ts';
import { LakeFileMissing } from '../errors.ts';
import type { Datasets, OpenDatasets } from '../port.ts';
import {
  MADE,
  nothingSaid,
  publicationsAmong,
  publicationUpon,
  PublishedMeanwhile,
  type TakenDataset,
  type TaskPlace,
} from '../publications.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import { footersOf } from './footers.ts';
import { discard } from './load.ts';
import type { S3Places } from './places.ts';

const COPIES_AT_ONCE = 8;

/**
 * Datasets in a bucket. A task leaves its files where remote jobs do; what is published are copies that S3 has made of them, in a folder
 * that holds nothing else, so that whoever reads folders reads the version.
 */
export class S3Datasets implements Datasets {
  readonly #bucket: Bucket;
  readonly #places: S3Places;

  constructor(bucket: Bucket, places: S3Places) {
    this.#bucket = bucket;
    this.#places = places;
  }

  async current(pipeline: string, task: string): Promise<Publication | undefined> {
    const folder = this.#places.publications(pipeline, task);
    const names: string[] = [];
    for await (const { key } of this.#bucket.list(folder)) names.push(key.slice(folder.length));
    const last = publicationsAmong(names).at(-1);
    return last === undefined ? undefined : readPublication(this.#bucket, folder + last);
  }

  open(
    place: TaskPlace,
    attempt: string,
    names: readonly string[],
    upon: Publication | undefined,
    work = attempt,
  ): Promise<OpenDatasets> {
    const landing = this.#places.landing('extracts', work);
    const folders = names.map((name) => {
      const of = this.#places.dataset(place.pipeline, name);
      return { name, of, landing: `${landing}${name}/`, data: `data-${attempt}/` };
    });
    return Promise.resolve(new S3Attempt(this.#bucket, this.#places, place, landing, folders, upon));
  }

  folderUri(pipeline: string, name: string): string {
    return this.#bucket.uri(this.#places.dataset(pipeline, name).slice(0, -1));
  }

  fileUris(pipeline: string, name: string, { files }: Pick<DatasetVersion, 'files'>): readonly string[] {
    return files.map(({ path }) => this.#bucket.uri(this.#places.dataset(pipeline, name) + path));
  }
}

interface Folder {
  readonly name: string;
  /** Of the dataset; all of them end with `/`. */
  readonly of: string;
  /** Where the task puts its files. */
  readonly landing: string;
  /** Of what is published, in the dataset's. */
  readonly data: string;
}

class S3Attempt implements OpenDatasets {
  readonly uris: Readonly<Record<string, string>>;
  readonly #bucket: Bucket;
  readonly #places: S3Places;
  readonly #place: TaskPlace;
  readonly #landing: string;
  readonly #folders: readonly Folder[];
  readonly #upon: Publication | undefined;
  /** It stands, or nobody knows: then its files stay, and are collected if it does not. */
  #mayStand = false;
  /** The task has done its work: an attempt that joins it finds it here. */
  #isDone = false;

  constructor(
    bucket: Bucket,
    places: S3Places,
    place: TaskPlace,
    landing: string,
    folders: readonly Folder[],
    upon: Publication | undefined,
  ) {
    this.#bucket = bucket;
    this.#places = places;
    this.#place = place;
    this.#landing = landing;
    this.#folders = folders;
    this.#upon = upon;
    this.uris = Object.fromEntries(
      folders.map(({ name, landing }) => [name, bucket.uri(landing.slice(0, -1))]),
    );
  }

  async publish(made: Parameters<OpenDatasets['publish']>[0]): Promise<Publication> {
    this.#isDone = true;
    const taken: TakenDataset[] = [];
    for (const folder of this.#folders) taken.push(await this.#take(folder));
    const { pipeline, task } = this.#place;
    const { publication, text, name } = publicationUpon(this.#place, this.#upon, made, taken);
    this.#mayStand = true;
    const isOurs = await this.#bucket.putOnce(this.#places.publications(pipeline, task) + name, text);
    this.#mayStand = isOurs;
    if (!isOurs) {
      this.#isDone = false; // it rests on what no longer is
      throw new PublishedMeanwhile(this.#place);
    }
    // Copies are what counts from here on; what stays is the collector's.
    await discard(this.#bucket, this.#landing).catch(() => undefined);
    return publication;
  }

  async abort(): Promise<void> {
    if (this.#mayStand) return;
    if (!this.#isDone) await discard(this.#bucket, this.#landing);
    for (const { of, data } of this.#folders) await discard(this.#bucket, of + data);
  }

  /** What a task says that it made, and copies of its files that have rows. */
  async #take({ name, of, landing, data }: Folder): Promise<TakenDataset> {
    const text = await this.#bucket.text(landing + MADE);
    if (text === undefined) return nothingSaid(this.#bucket.uri(landing));
    const made = parseMade(text, this.#bucket.uri(landing + MADE));
    const objects: StoredObject[] = [];
    for await (const object of this.#bucket.list(landing))
      if (!/\/[._][^/]*$/.test(object.key)) objects.push(object);
    const footers = await footersOf(this.#bucket, objects);
    const filled = objects.flatMap(({ key, bytes }, at) => {
      const rows = footers[at]?.rows ?? 0;
      return rows ? [{ key, bytes, rows, path: data + key.slice(landing.length) }] : [];
    });
    const files: DatasetFile[] = [];
    for (let at = 0; at < filled.length; at += COPIES_AT_ONCE) {
      const copies = filled.slice(at, at + COPIES_AT_ONCE).map(async ({ key, bytes, rows, path }) => {
        const sha256 = await this.#bucket.copy({ bucket: this.#bucket.name, key }, of + path);
        const partition = path.split('/').slice(1, -1).join('/');
        return { path, partition, rows, bytes, sha256 };
      });
      files.push(...(await Promise.all(copies)));
    }
    return { name, made, files };
  }
}

/** @throws {LakeFileMissing} there is none @throws {InvalidInput} it is damaged */
export async function readPublication(bucket: Bucket, key: string): Promise<Publication> {
  const text = await bucket.text(key);
  if (text === undefined) throw new LakeFileMissing(bucket.uri(key));
  return parsePublication(text, bucket.uri(key));
}
