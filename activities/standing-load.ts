import { Unreachable } from '../core/errors.ts';
import { fingerprint } from '../core/manifest.ts';
import type { ExtractResult, RunRef } from '../core/run.ts';
import type { CommittedLoad } from '../connectors/lake/port.ts';
import type { Connectors } from './connectors.ts';

/**
 * What an extraction gives. Where the fresh load holds the same rows in the same files as the interval's last one, and all of
 * those are still in the warehouse, that one stands and the fresh one goes.
 */
export async function settle(
  { lake, warehouse }: Pick<Connectors, 'lake' | 'warehouse'>,
  run: RunRef,
  fresh: CommittedLoad,
): Promise<ExtractResult> {
  const same = await standingLoad({ lake, warehouse }, run, fresh).catch((error: unknown) => {
    // Rows that were read are not read again because the warehouse is away: they are loaded, as if they were others.
    if (error instanceof Unreachable) return undefined;
    throw error;
  });
  if (!same) return toResult(fresh, false);
  await lake.remove(fresh.manifestUri);
  return toResult(same, true);
}

async function standingLoad(
  { lake, warehouse }: Pick<Connectors, 'lake' | 'warehouse'>,
  run: RunRef,
  fresh: CommittedLoad,
): Promise<CommittedLoad | undefined> {
  const { table } = fresh.manifest;
  const last = await warehouse.lastLoad(run.pipeline, table, run.interval);
  // An attempt that joins another's work may meet the very load that is already there.
  if (!last || last.loadId === fresh.manifest.loadId) return undefined;
  const landed = await warehouse.landed(run.pipeline, [{ table, loadId: last.loadId }]);
  if (landed.get(last.loadId) !== last.rowsLoaded) return undefined;
  const manifest = await lake.readManifest(last.manifestUri);
  return fingerprint(manifest) === fingerprint(fresh.manifest)
    ? { manifestUri: last.manifestUri, manifest }
    : undefined;
}

function toResult({ manifestUri, manifest }: CommittedLoad, unchanged: boolean): ExtractResult {
  const { loadId, rows, bytes } = manifest;
  return { loadId, manifestUri, rows, bytes, unchanged };
}
