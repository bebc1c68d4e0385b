import { modeOf } from '../../../core/extract-modes.ts';
import { MANIFEST_NAME } from '../../../core/layout.ts';
import type { Manifest } from '../../../core/manifest.ts';
import { passedOver } from '../passed-over.ts';
import type { GcReport, Lake, OpenRun } from '../port.ts';
import type { Bucket } from './bucket.ts';
import { discard } from './load.ts';
import { LANDING_AREAS, OPEN_MARK, type S3Places } from './places.ts';

interface LoadFolder {
  readonly folder: string;
  readonly loadId: string;
  readonly names: string[];
  bytes: number;
  changedAt: number;
}

/** Removes what the lake no longer needs; see `Lake.gc`. Lists every object once, and reads the manifests of days with several loads and of loads that were never applied. */
export async function collect(
  lake: Lake,
  bucket: Bucket,
  places: S3Places,
  { olderThanMs, applied, inUse, runs = [], dryRun }: Parameters<Lake['gc']>[0],
): Promise<GcReport> {
  const before = Date.now() - olderThanMs;
  const report = { removedLoads: 0, removedFiles: 0, removedBytes: 0 };
  const drop = async (load: LoadFolder, remove: () => Promise<boolean>) => {
    if (!dryRun && !(await remove())) return;
    report.removedLoads++;
    report.removedFiles += load.names.length;
    report.removedBytes += load.bytes;
  };
  const loads = await loadFolders(bucket, places);
  const committed = loads.filter(isCommitted);
  const manifestOf = (load: LoadFolder) => lake.readManifest(bucket.uri(load.folder + MANIFEST_NAME));
  const passed: LoadFolder[] = [];
  for (const ofTable of grouped(committed, ({ folder }) => /[^/]+(?=\/year=)/.exec(folder)?.[0] ?? folder))
    passed.push(...(await passedOver(ofTable, applied, manifestOf)));
  for (const load of [...(await superseded(committed, manifestOf)), ...passed]) {
    if (applied.has(load.loadId) || inUse.has(load.loadId) || load.changedAt > before) continue;
    await drop(load, async () => {
      await discard(bucket, load.folder);
      return true;
    });
  }
  for (const load of loads.filter((each) => !isCommitted(each))) {
    if (load.changedAt <= before) await drop(load, () => removeUncommitted(bucket, load));
  }
  if (!dryRun) {
    const marks = loads.filter((load) => isCommitted(load) && load.names.includes(OPEN_MARK));
    await bucket.remove(
      marks.filter((load) => load.changedAt <= before).map((load) => load.folder + OPEN_MARK),
    );
    await bucket.abortUploads(places.bronze, before);
    for (const area of LANDING_AREAS) await clearLandings(bucket, places.landing(area), before, runs);
  }
  return report;
}

function isCommitted({ names }: LoadFolder): boolean {
  return names.includes(MANIFEST_NAME);
}

async function loadFolders(bucket: Bucket, places: S3Places): Promise<LoadFolder[]> {
  const found = new Map<string, LoadFolder>();
  for await (const { key, bytes, changedAt } of bucket.list(places.bronze)) {
    const place = places.loadOf(key);
    if (!place) continue;
    const load = found.get(place.folder) ?? { ...place, names: [], bytes: 0, changedAt: 0 };
    load.names.push(key.slice(place.folder.length));
    load.bytes += bytes;
    load.changedAt = Math.max(load.changedAt, changedAt);
    found.set(place.folder, load);
  }
  return [...found.values()].sort((a, b) => (a.loadId < b.loadId ? -1 : 1));
}

/** Of tables of one name, whatever folder a version before has put them in: loads that another one of their pipeline and interval has replaced; the newest by load id stays. */
async function superseded(
  loads: readonly LoadFolder[],
  manifestOf: (load: LoadFolder) => Promise<Manifest>,
): Promise<LoadFolder[]> {
  const old: LoadFolder[] = [];
  for (const ofDay of grouped(loads, ({ folder }) => /[^/]+\/year=.*(?=load=)/.exec(folder)?.[0] ?? folder)) {
    if (ofDay.length < 2) continue;
    const newest = new Map<string, LoadFolder>();
    for (const load of ofDay) {
      const manifest = await manifestOf(load);
      if (modeOf(manifest).covers === 'new') continue;
      const group = JSON.stringify([manifest.pipeline, manifest.interval.start, manifest.interval.end]);
      const before = newest.get(group);
      if (before) old.push(before);
      newest.set(group, load);
    }
  }
  return old;
}

function grouped(loads: readonly LoadFolder[], by: (load: LoadFolder) => string): Iterable<LoadFolder[]> {
  const groups = new Map<string, LoadFolder[]>();
  for (const load of loads) groups.set(by(load), [...(groups.get(by(load)) ?? []), load]);
  return groups.values();
}

/** What remote jobs and databases left behind; nobody but their own run looks at it. */
async function clearLandings(
  bucket: Bucket,
  folder: string,
  before: number,
  runs: readonly OpenRun[],
): Promise<void> {
  const old: string[] = [];
  const open = runs.map(({ runId }) => `${folder}${runId}`);
  for await (const { key, changedAt } of bucket.list(folder))
    if (changedAt <= before && !open.some((its) => key.startsWith(its))) old.push(key);
  await bucket.remove(old);
  await bucket.abortUploads(folder, before);
}

/** Takes the mark away first, so that a writer that is still alive does not commit. @returns false when it had just committed */
async function removeUncommitted(bucket: Bucket, { folder }: LoadFolder): Promise<boolean> {
  await bucket.remove([folder + OPEN_MARK]);
  if ((await bucket.size(folder + MANIFEST_NAME)) !== undefined) return false;
  await discard(bucket, folder);
  return true;
}
