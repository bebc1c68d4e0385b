import { randomBytes } from 'node:crypto';
import type { Lake } from '../../connectors/lake/port.ts';
import type { Source } from '../../connectors/source/port.ts';
import type { Warehouse } from '../../connectors/warehouse/port.ts';
import type { DataInterval } from '../../core/interval.ts';
import type { Manifest } from '../../core/manifest.ts';
import type { ResolvedTable } from '../../core/pipeline.ts';

const never = new AbortController().signal;

interface Ports {
  readonly source: Source;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
}

interface Wanted {
  readonly pipeline: string;
  readonly table: ResolvedTable;
  readonly interval: DataInterval;
}

/** Extracts a table's interval into the lake and loads it, without Temporal. @returns the load, and where its files are */
export async function bring(
  { source, lake, warehouse }: Ports,
  { pipeline, table, interval }: Wanted,
): Promise<{ manifest: Manifest; manifestUri: string; fileUris: readonly string[] }> {
  const loadId = `${new Date().toISOString().replace(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;
  const { name, domain } = table;
  const load = await lake.open({ pipeline, domain, table: name, logicalDate: interval.start, loadId });
  const mark = await warehouse.mark(pipeline, name);
  const { files, ...extracted } = await source.extract(
    { pipeline, table, interval, mark, directory: load.directory },
    never,
  );
  const { manifest, manifestUri } = await load.commit({
    version: 1,
    loadId,
    pipeline,
    domain,
    table: name,
    interval,
    mode: table.extract.mode,
    ...extracted,
    files,
  });
  const fileUris = lake.fileUris(manifestUri, manifest);
  await warehouse.load({ pipeline, table, manifestUri, manifest, fileUris }, never);
  return { manifest, manifestUri, fileUris };
}
