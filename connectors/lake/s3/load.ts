import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_NAME } from '../../../core/layout.ts';
import type { Manifest } from '../../../core/manifest.ts';
import { LoadIdTaken, LoadIncomplete } from '../errors.ts';
import type { FolderLoad } from '../folder-load.ts';
import type { CommittedLoad, ManifestDraft, OpenLoad } from '../port.ts';
import type { Bucket } from './bucket.ts';
import { OPEN_MARK } from './places.ts';

/** A load that is written to a local folder, checked there, and uploaded at `commit`. */
export class S3Load implements OpenLoad {
  readonly #local: FolderLoad;
  readonly #bucket: Bucket;
  readonly #folder: string;
  #committed = false;

  /** @param folder the load's place in the bucket, with a trailing slash */
  constructor(local: FolderLoad, bucket: Bucket, folder: string) {
    this.#local = local;
    this.#bucket = bucket;
    this.#folder = folder;
  }

  get directory(): string {
    return this.#local.directory;
  }

  async commit(draft: ManifestDraft): Promise<CommittedLoad> {
    if (this.#committed) throw new LoadIdTaken(this.#bucket.uri(this.#folder + MANIFEST_NAME));
    // Measures and checks; of several callers at once all but one end here.
    const { manifest } = await this.#local.commit(draft);
    for (const file of manifest.files) {
      await this.#bucket.upload(this.#folder + file.path, join(this.directory, file.path), file);
    }
    const committed = await seal(this.#bucket, this.#folder, manifest);
    this.#committed = true;
    await rm(this.directory, { recursive: true, force: true });
    return committed;
  }

  async abort(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
    if (!this.#committed) await discard(this.#bucket, this.#folder);
  }
}

/**
 * Makes uploaded files a load: holds what is in S3 against the manifest, then writes it, only if there is none.
 * A collector that finds the load too old takes its mark away, before or while this happens: then it is not committed.
 */
export async function seal(bucket: Bucket, folder: string, manifest: Manifest): Promise<CommittedLoad> {
  const sizes = new Map<string, number>();
  for await (const { key, bytes } of bucket.list(folder)) sizes.set(key.slice(folder.length), bytes);
  const uri = bucket.uri(folder + MANIFEST_NAME);
  if (sizes.has(MANIFEST_NAME)) throw new LoadIdTaken(uri);
  const problems = manifest.files
    .filter(({ path, bytes }) => sizes.get(path) !== bytes)
    .map(({ path, bytes }) => `'${path}' has ${sizes.get(path) ?? 'no'} bytes in S3, not ${bytes}.`);
  const known = new Set([OPEN_MARK, ...manifest.files.map(({ path }) => path)]);
  problems.push(
    ...[...sizes.keys()]
      .filter((name) => !known.has(name))
      .map((name) => `'${name}' is not in the manifest.`),
  );
  if (!sizes.has(OPEN_MARK)) problems.push('a collector has removed it as too old.');
  if (problems.length) throw new LoadIncomplete(bucket.uri(folder), problems);

  const written = await bucket.putOnce(folder + MANIFEST_NAME, `${JSON.stringify(manifest, undefined, 2)}\n`);
  if (!written) throw new LoadIdTaken(uri);
  if ((await bucket.size(folder + OPEN_MARK)) === undefined) {
    await bucket.remove([folder + MANIFEST_NAME]);
    throw new LoadIncomplete(bucket.uri(folder), ['a collector has removed it as too old.']);
  }
  // The load stands from here on; a mark that stays is the collector's to remove.
  await bucket.remove([folder + OPEN_MARK]).catch(() => undefined);
  return { manifestUri: uri, manifest };
}

/** Removes what an attempt uploaded, its unfinished uploads too. May be called again. */
export async function discard(bucket: Bucket, folder: string): Promise<void> {
  await bucket.abortUploads(folder);
  const keys: string[] = [];
  for await (const { key } of bucket.list(folder)) keys.push(key);
  // The manifest first: no reader may meet one without files.
  await bucket.remove(keys.filter((key) => key.endsWith(`/${MANIFEST_NAME}`)));
  await bucket.remove(keys.filter((key) => !key.endsWith(`/${MANIFEST_NAME}`)));
}
