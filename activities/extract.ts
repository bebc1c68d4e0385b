import { randomBytes } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { fingerprint, type Manifest } from '../core/manifest.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { ExtractResult, RunRef } from '../core/run.ts';
import type { CommittedLoad, Lake } from '../connectors/lake/port.ts';
import type { Warehouse } from '../connectors/warehouse/port.ts';
import type { Connectors } from './connectors.ts';
import { withHeartbeat } from './heartbeat.ts';

/**
 * Brings a table's rows for the interval from the source into the lake. Every attempt writes a load of its own; where the
 * files come out the same as those of the interval's last load, that one stands and the new files go.
 */
export async function extract(
  { lake, warehouse, source }: Connectors,
  run: RunRef,
  connection: string,
  table: ResolvedTable,
): Promise<ExtractResult> {
  return withHeartbeat(async (signal, report) => {
    const last = await warehouse.lastLoad(run.pipeline, table.name);
    const place = {
      pipeline: run.pipeline,
      domain: table.domain,
      table: table.name,
      logicalDate: run.interval.start,
      loadId: newLoadId(),
    };
    const load = await lake.open(place);
    try {
      const { files, ...extracted } = await source(connection).extract(
        {
          table,
          interval: run.interval,
          highWaterMark: last?.highWaterMark ?? null,
          directory: load.directory,
          onProgress: report,
        },
        signal,
      );
      const committed = await load.commit({
        version: 1,
        loadId: place.loadId,
        pipeline: run.pipeline,
        domain: table.domain,
        table: table.name,
        interval: run.interval,
        mode: table.extract.mode,
        ...extracted,
        ...(table.extract.mode === 'incremental' ? { since: last?.highWaterMark ?? null } : {}),
        files,
      });
      const same = await standingLoad(lake, warehouse, run, table.name, committed.manifest);
      if (!same) return toResult(committed, false);
      await lake.remove(committed.manifestUri);
      return toResult(same, true);
    } catch (error) {
      await load.abort();
      throw error;
    }
  });
}

/** Unique per attempt; sorts by the time at which the server scheduled the attempt, whichever worker runs it. */
function newLoadId(): string {
  const scheduled = new Date(Context.current().info.currentAttemptScheduledTimestampMs);
  return `${scheduled.toISOString().replace(/[-:.]/g, '').replace('T', 't').replace('Z', '')}-${randomBytes(4).toString('hex')}`;
}

/** The interval's last load, when it holds the same rows in the same files and all of them are still in the warehouse. */
async function standingLoad(
  lake: Lake,
  warehouse: Warehouse,
  run: RunRef,
  table: string,
  fresh: Manifest,
): Promise<CommittedLoad | undefined> {
  const last = await warehouse.lastLoad(run.pipeline, table, run.interval);
  if (!last) return undefined;
  const landed = await warehouse.landed(run.pipeline, [{ table, loadId: last.loadId }]);
  if (landed.get(last.loadId) !== last.rowsLoaded) return undefined;
  const manifest = await lake.readManifest(last.manifestUri);
  return fingerprint(manifest) === fingerprint(fresh)
    ? { manifestUri: last.manifestUri, manifest }
    : undefined;
}

function toResult({ manifestUri, manifest }: CommittedLoad, unchanged: boolean): ExtractResult {
  const { loadId, rows, bytes } = manifest;
  return { loadId, manifestUri, rows, bytes, unchanged };
}
