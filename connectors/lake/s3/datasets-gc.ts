import type { GcReport, Lake } from '../port.ts';
import { ATTEMPT, publicationsAmong, sortedOut } from '../publications.ts';
import type { Bucket, StoredObject } from './bucket.ts';
import { readPublication } from './datasets.ts';
import type { S3Places } from './places.ts';

type Options = Parameters<Lake['gc']>[0];

/** Removes publications that nobody reads any more, and files that none of the rest names; see `Lake.gc`. Reads every publication. */
export async function collectDatasets(bucket: Bucket, places: S3Places, options: Options): Promise<GcReport> {
  const { olderThanMs, runs = [], dryRun } = options;
  const needed = new Set<string>();
  const replaced: string[] = [];
  for (const [folder, { pipeline, names }] of await publicationFolders(bucket, places)) {
    const all = await Promise.all(
      publicationsAmong(names).map(async (name) => ({
        key: folder + name,
        publication: await readPublication(bucket, folder + name),
      })),
    );
    const sorted = sortedOut(all, pipeline, options);
    replaced.push(...sorted.replaced.map(({ key }) => key));
    for (const { publication } of sorted.kept)
      for (const [name, { files }] of Object.entries(publication.datasets))
        for (const { path } of files) needed.add(places.dataset(pipeline, name) + path);
  }
  // Before their files: none may name what is gone.
  if (!dryRun) await bucket.remove(replaced);
  const before = Date.now() - olderThanMs;
  const left: StoredObject[] = [];
  for (const objects of (await attempts(bucket, places)).values()) {
    if (objects.some(({ changedAt }) => changedAt > before)) continue;
    const attempt = places.attemptOf(objects[0]?.key ?? '') ?? '';
    if (runs.some(({ runId }) => attempt.startsWith(`data-${runId}`))) continue;
    left.push(...objects.filter(({ key }) => !needed.has(key)));
  }
  if (!dryRun) await bucket.remove(left.map(({ key }) => key));
  return {
    removedLoads: replaced.length,
    removedFiles: left.length,
    removedBytes: left.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** By folder: whose publications it takes, and their names. */
async function publicationFolders(
  bucket: Bucket,
  places: S3Places,
): Promise<Map<string, { readonly pipeline: string; readonly names: string[] }>> {
  const found = new Map<string, { readonly pipeline: string; readonly names: string[] }>();
  for await (const { key } of bucket.list(places.allPublications)) {
    const [pipeline, task, name, ...deeper] = key.slice(places.allPublications.length).split('/');
    if (pipeline === undefined || task === undefined || name === undefined || deeper.length) continue;
    const folder = places.publications(pipeline, task);
    const names = found.get(folder)?.names ?? [];
    names.push(name);
    found.set(folder, { pipeline, names });
  }
  return found;
}

/** Objects of attempts as this project names them, by the folder of the attempt. */
async function attempts(bucket: Bucket, places: S3Places): Promise<Map<string, StoredObject[]>> {
  const found = new Map<string, StoredObject[]>();
  for (const layer of places.layers)
    for await (const object of bucket.list(layer)) {
      const attempt = places.attemptOf(object.key);
      if (attempt === undefined || !ATTEMPT.test(attempt)) continue;
      const folder = object.key.slice(0, object.key.indexOf(`/${attempt}/`) + attempt.length + 1);
      found.set(folder, [...(found.get(folder) ?? []), object]);
    }
  return found;
}
