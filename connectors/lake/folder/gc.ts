import { rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { modeOf } from '../../../core/extract-modes.ts';
import { MANIFEST_NAME } from '../../../core/layout.ts';
import { codeOf } from '../errors.ts';
import { passedOver } from '../passed-over.ts';
import type { CommittedLoad, GcReport, Lake } from '../port.ts';
import { loadFolders, namesIn } from './walk.ts';

/** Folders of loads that a collector has claimed; no reader or writer looks at them. */
const CLAIMED = 'removed=';

/** Removes what the lake no longer needs; see `Lake.gc`. */
export async function collect(
  lake: Pick<Lake, 'remove'> & {
    readonly loadsIn: (folders: readonly string[]) => AsyncIterable<CommittedLoad>;
  },
  root: string,
  { olderThanMs, applied, inUse, dryRun }: Parameters<Lake['gc']>[0],
): Promise<GcReport> {
  const before = Date.now() - olderThanMs;
  const report = { removedLoads: 0, removedFiles: 0, removedBytes: 0 };
  const drop = async (folder: string, remove: () => Promise<boolean>) => {
    const { files, bytes } = await contents(folder);
    if (!dryRun && !(await remove())) return;
    report.removedLoads++;
    report.removedFiles += files;
    report.removedBytes += bytes;
  };
  for (const folders of await tables(root)) {
    const loads: (CommittedLoad & { readonly loadId: string })[] = [];
    for await (const load of lake.loadsIn(folders)) loads.push({ ...load, loadId: load.manifest.loadId });
    const passed = await passedOver(loads, applied, ({ manifest }) => Promise.resolve(manifest));
    for (const { manifestUri, loadId } of [...superseded(loads), ...passed]) {
      if (applied.has(loadId) || inUse.has(loadId) || (await changedAt(dirname(manifestUri))) > before)
        continue;
      await drop(dirname(manifestUri), async () => {
        await lake.remove(manifestUri);
        return true;
      });
    }
    for (const folder of folders) {
      for (const path of await uncommitted(folder)) {
        if ((await changedAt(path)) > before) continue;
        await drop(path, () => removeUncommitted(path, root));
      }
      if (!dryRun) await pruneDown(folder);
    }
  }
  return report;
}

/** Removes folders that are empty, from this one up to the root, which stays. */
export async function pruneUp(folder: string, root: string): Promise<void> {
  for (let at = folder; at.length > root.length; at = dirname(at)) {
    if (!(await removedWhenEmpty(at))) return;
  }
}

async function pruneDown(folder: string): Promise<void> {
  const inner = (await namesIn(folder)).filter((name) => /^(year|month|day)=/.test(name));
  for (const name of inner) await pruneDown(join(folder, name));
  await removedWhenEmpty(folder);
}

async function removedWhenEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    if (codeOf(error) === 'ENOTEMPTY' || codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Of loads of one table, oldest first, those that another one of their pipeline and interval has replaced. */
function superseded<T extends CommittedLoad>(loads: readonly T[]): T[] {
  const newest = new Map<string, T>();
  const old: T[] = [];
  for (const load of loads) {
    const { pipeline, interval } = load.manifest;
    if (modeOf(load.manifest).covers === 'new') continue;
    const group = JSON.stringify([pipeline, interval.start, interval.end]);
    const before = newest.get(group);
    if (before) old.push(before);
    newest.set(group, load);
  }
  return old;
}

/**
 * Claims the folder by renaming it, so that a writer that is still alive cannot commit any more: its manifest finds no folder.
 * @returns false when it had committed just before, or had gone
 */
async function removeUncommitted(folder: string, root: string): Promise<boolean> {
  const name = folder.slice(dirname(folder).length + 1);
  const claimed = name.startsWith(CLAIMED) ? folder : join(dirname(folder), `${CLAIMED}${name}`);
  try {
    if (claimed !== folder) await rename(folder, claimed);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
  if ((await namesIn(claimed)).includes(MANIFEST_NAME) && claimed !== folder) {
    await rename(claimed, folder);
    return false;
  }
  await rm(claimed, { recursive: true, force: true });
  await pruneUp(dirname(claimed), root);
  return true;
}

/** The folders of tables of one name: a pipeline's newest load may lie in another of them than those that it has replaced. */
async function tables(root: string): Promise<Iterable<string[]>> {
  const found = new Map<string, string[]>();
  const bronze = join(root, 'bronze');
  for (const owner of await namesIn(bronze)) {
    for (const table of await namesIn(join(bronze, owner)))
      found.set(table, [...(found.get(table) ?? []), join(bronze, owner, table)]);
  }
  return found.values();
}

/** Load folders without a manifest, and those that an earlier collector had claimed. */
async function uncommitted(tableFolder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of loadFolders(tableFolder)) {
    const name = basename(path);
    const waits = name.startsWith('load=') && !(await namesIn(path)).includes(MANIFEST_NAME);
    if (waits || name.startsWith(CLAIMED)) found.push(path);
  }
  return found;
}

/** When the folder or a file in it was last written: a writer at work is younger than its folder. */
async function changedAt(folder: string): Promise<number> {
  const times = [folder, ...(await namesIn(folder)).map((name) => join(folder, name))].map((path) =>
    stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    ),
  );
  return Math.max(...(await Promise.all(times)));
}

async function contents(folder: string): Promise<{ files: number; bytes: number }> {
  const sizes = await Promise.all(
    (await namesIn(folder)).map((name) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return { files: sizes.length, bytes: sizes.reduce((total, size) => total + size, 0) };
}
