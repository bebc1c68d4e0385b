import { Unreachable } from '../core/errors.ts';
import { modeOf } from '../core/extract-modes.ts';
import { fingerprint } from '../core/manifest.ts';
import type { ExtractResult, RunRef } from '../core/run.ts';
import type { CommittedLoad } from '../connectors/lake/port.ts';
import type { Connectors } from './connectors.ts';
import { lateRows } from './interval-before.ts';

/**
 * What an extraction gives. Where the fresh load holds the same rows in the same files as the interval's last one, all of those
 * are still in the warehouse and nothing was loaded over them since, that one stands and the fresh one goes.
 */
export async function settle(
  { lake, warehouse }: Pick<Connectors, 'lake' | 'warehouse'>,
  run: RunRef,
  fresh: CommittedLoad,
): Promise<ExtractResult> {
  // Rows that were read are not read again because the warehouse is away: they are loaded, as if they were others.
  const ifThere = <T>(looking: Promise<T>) =>
    looking.catch((error: unknown) => {
      if (error instanceof Unreachable) return undefined;
      throw error;
    });
  const same = await ifThere(standingLoad({ lake, warehouse }, run, fresh));
  const late = await ifThere(lateRows(warehouse, run, fresh.manifest));
  // How far the table is read now is said by the fresh load, whichever of the two stands.
  const { reach, notes } = fresh.manifest;
  const found = { ...(late && { late }), ...(reach && { reach }), ...(notes && { notes }) };
  if (!same) return { ...toResult(fresh, false), ...found };
  await lake.remove(fresh.manifestUri);
  return { ...toResult(same, true), ...found };
}

async function standingLoad(
  { lake, warehouse }: Pick<Connectors, 'lake' | 'warehouse'>,
  run: RunRef,
  fresh: CommittedLoad,
): Promise<CommittedLoad | undefined> {
  const { table, interval } = fresh.manifest;
  // What covers all stands for the whole table, whatever its interval.
  const all = modeOf(fresh.manifest).covers === 'all';
  const last = await warehouse.lastLoad(run.pipeline, table, all ? undefined : interval);
  // An attempt that joins another's work may meet the very load that is already there.
  if (!last || last.loadId === fresh.manifest.loadId) return undefined;
  if (last.interval.start !== interval.start || last.interval.end !== interval.end) return undefined;
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
