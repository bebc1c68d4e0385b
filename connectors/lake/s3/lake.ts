import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { MANIFEST_NAME, type LoadPlace } from '../../../core/layout.ts';
import { parseManifest, type Manifest } from '../../../core/manifest.ts';
import { LoadIdTaken, ManifestMissing } from '../errors.ts';
import { FolderLoad } from '../folder-load.ts';
import { bothOf } from '../gc-report.ts';
import type { CommittedLoad, GcReport, Lake, OpenLoad, LakeTable } from '../port.ts';
import { Bucket } from './bucket.ts';
import { S3Datasets } from './datasets.ts';
import { collectDatasets } from './datasets-gc.ts';
import { collect } from './gc.ts';
import { S3Landing } from './landing.ts';
import { discard, S3Load } from './load.ts';
import { folderOf, OPEN_MARK, S3Places, type LandingArea } from './places.ts';

export interface S3LakeOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Where the lake begins in the bucket: `lake` or `team/lake`; the whole bucket when absent. */
  readonly prefix?: string;
  /** A local folder for files on their way to S3; the system's when absent. */
  readonly scratch?: string;
}

/** A lake in an S3 bucket. URIs are `s3://bucket/key`. */
export class S3Lake implements Lake {
  readonly datasets: S3Datasets;
  readonly #bucket: Bucket;
  readonly #places: S3Places;
  readonly #scratch: string;

  constructor({ client, bucket, prefix = '', scratch = join(tmpdir(), 'sluice-uploads') }: S3LakeOptions) {
    this.#bucket = new Bucket(client, bucket);
    this.#places = new S3Places(bucket, prefix);
    this.#scratch = scratch;
    this.datasets = new S3Datasets(this.#bucket, this.#places);
  }

  async open(place: LoadPlace): Promise<OpenLoad> {
    const folder = await this.#reserve(place);
    await this.#sweepScratch();
    const directory = await mkdtemp(join(this.#scratch, `${process.pid}-`));
    return new S3Load(new FolderLoad(directory, place, () => Promise.resolve()), this.#bucket, folder);
  }

  async readManifest(manifestUri: string): Promise<Manifest> {
    const text = await this.#bucket.text(this.#places.manifestKey(manifestUri));
    if (text === undefined) throw new ManifestMissing(manifestUri);
    return parseManifest(text, manifestUri);
  }

  fileUris(manifestUri: string, manifest: Manifest): readonly string[] {
    return manifest.files.map(({ path }) => folderOf(manifestUri) + path);
  }

  async *list(table: LakeTable): AsyncIterable<CommittedLoad> {
    const found: { uri: string; loadId: string }[] = [];
    for (const folder of this.#places.tables(table)) {
      for await (const { key } of this.#bucket.list(folder)) {
        const load = this.#places.loadOf(key);
        if (load && key === load.folder + MANIFEST_NAME)
          found.push({ uri: this.#bucket.uri(key), loadId: load.loadId });
      }
    }
    found.sort((a, b) => (a.loadId < b.loadId ? -1 : 1));
    for (const { uri } of found) {
      const manifest = await this.readManifest(uri).catch(undefinedWhereMissing);
      if (manifest && manifest.pipeline === table.pipeline) yield { manifestUri: uri, manifest };
    }
  }

  async remove(manifestUri: string): Promise<void> {
    await discard(this.#bucket, folderOf(this.#places.manifestKey(manifestUri)));
  }

  async gc(options: Parameters<Lake['gc']>[0]): Promise<GcReport> {
    const loads = await collect(this, this.#bucket, this.#places, options);
    return bothOf(loads, await collectDatasets(this.#bucket, this.#places, options));
  }

  /**
   * The folder in which a remote job may leave files for the lake: `<prefix>/extracts/<token>/`; a database has `<prefix>/exports/<token>/`.
   * What stays there is collected by `gc` like the remains of other attempts.
   */
  landing(token: string, area: LandingArea = 'extracts'): S3Landing {
    return new S3Landing(this.#bucket, this.#places.landing(area, token), (place) => this.#reserve(place));
  }

  /** Marks the load's folder as taken. @returns it, with a trailing slash */
  async #reserve(place: LoadPlace): Promise<string> {
    const folder = this.#places.load(place);
    for await (const { key } of this.#bucket.list(folder)) throw new LoadIdTaken(this.#bucket.uri(key));
    const mark = JSON.stringify({ openedAt: new Date().toISOString(), by: crypto.randomUUID() });
    if (!(await this.#bucket.putOnce(folder + OPEN_MARK, mark)))
      throw new LoadIdTaken(this.#bucket.uri(folder));
    return folder;
  }

  /** Removes the folders of processes that are no more. */
  async #sweepScratch(): Promise<void> {
    await mkdir(this.#scratch, { recursive: true });
    for (const name of await readdir(this.#scratch)) {
      const pid = Number(/^(\d+)-/.exec(name)?.[1]);
      if (pid && !isAlive(pid)) await rm(join(this.#scratch, name), { recursive: true, force: true });
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
}

function undefinedWhereMissing(error: unknown): undefined {
  if (!(error instanceof ManifestMissing)) throw error;
}
