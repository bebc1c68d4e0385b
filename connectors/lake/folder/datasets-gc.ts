import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { datasetPath, type Publication } from '../../../core/datasets.ts';
import type { GcReport, Lake } from '../port.ts';
import { publicationNames, publicationsOf, readPublication } from './datasets.ts';
import { codeOf } from '../errors.ts';
import { ATTEMPT, sortedOut } from '../publications.ts';
import { namesIn } from './walk.ts';

type Options = Parameters<Lake['gc']>[0];

/** Removes publications that nobody reads any more, and files that none of the rest names; see `Lake.gc`. */
export async function collectDatasets(root: string, options: Options): Promise<GcReport> {
  const report = { removedLoads: 0, removedFiles: 0, removedBytes: 0 };
  for (const pipeline of await namesIn(join(root, 'datasets'))) {
    const needed = new Set<string>();
    for (const task of await namesIn(join(root, 'datasets', pipeline))) {
      const folder = publicationsOf(root, pipeline, task);
      const kept = await keptOf(folder, pipeline, options, () => (report.removedLoads += 1));
      for (const { datasets } of kept)
        for (const [name, { files }] of Object.entries(datasets))
          for (const { path } of files) needed.add(join(root, datasetPath(pipeline, name), path));
    }
    for (const layer of ['silver', 'gold'])
      for (const table of await namesIn(join(root, layer, pipeline)))
        for (const data of await namesIn(join(root, layer, pipeline, table)))
          await collectFolder(join(root, layer, pipeline, table, data), data, needed, options, report);
  }
  return report;
}

/** Removes what another publication has replaced long enough ago, and reads the rest. */
async function keptOf(
  folder: string,
  pipeline: string,
  options: Options,
  onRemoved: () => void,
): Promise<Publication[]> {
  const names = await publicationNames(folder);
  const all = await Promise.all(
    names.map(async (name) => ({ name, publication: await readPublication(join(folder, name)) })),
  );
  const { kept, replaced } = sortedOut(all, pipeline, options);
  for (const { name } of replaced) {
    if (!options.dryRun) await rm(join(folder, name), { force: true });
    onRemoved();
  }
  return kept.map(({ publication }) => publication);
}

/** Removes the files of one attempt that no publication names, unless its run is open or somebody has written there since. */
async function collectFolder(
  folder: string,
  name: string,
  needed: ReadonlySet<string>,
  { olderThanMs, runs = [], dryRun }: Options,
  report: { removedFiles: number; removedBytes: number },
): Promise<void> {
  if (!ATTEMPT.test(name) || runs.some(({ runId }) => name.startsWith(`data-${runId}`))) return;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(gone);
  if (!entries) return;
  const paths = entries.map((entry) => ({
    path: join(entry.parentPath, entry.name),
    isFile: entry.isFile(),
  }));
  const before = Date.now() - olderThanMs;
  const stats = await Promise.all(paths.map(({ path }) => stat(path))).catch(gone);
  // An attempt that is given up just now removes its own.
  if (!stats || stats.some(({ mtimeMs }) => mtimeMs > before)) return;
  const isUsed = paths.some(({ path }) => needed.has(path));
  for (const [at, { path, isFile }] of paths.entries()) {
    if (!isFile || needed.has(path) || (isUsed && /^[._]/.test(basename(path)))) continue;
    report.removedFiles += 1;
    report.removedBytes += stats[at]?.size ?? 0;
    if (!dryRun) await rm(path, { force: true });
  }
  if (dryRun) return;
  const folders = [
    ...paths
      .filter(({ isFile }) => !isFile)
      .map(({ path }) => path)
      .sort()
      .reverse(),
    folder,
  ];
  for (const each of folders) await rmdir(each).catch(() => undefined); // one that still has files stays
}

function gone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error;
}
