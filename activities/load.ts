import { Context } from '@temporalio/activity';
import { isUnchanged, type SchemaChange } from '../core/evolution.ts';
import type { ResolvedTable } from '../core/pipeline.ts';
import type { ExtractResult, LoadStepResult, RunRef } from '../core/run.ts';
import { newestOf } from './checks/freshness.ts';
import { checkLoad } from './checks/index.ts';
import { advance, type Followed } from './advance.ts';
import type { Connectors } from './connectors.ts';
import { say } from './step-lines.ts';

/** Looks at a load of the lake, and brings it into the warehouse. Idempotent by load id. @param followed where the load is of changes */
export async function load(
  connectors: Connectors,
  run: RunRef,
  table: ResolvedTable,
  bronze: ExtractResult,
  followed?: Followed,
): Promise<LoadStepResult> {
  const { lake, warehouse } = connectors;
  const manifest = await lake.readManifest(bronze.manifestUri);
  const isThere = async () => {
    // Made by this very load, in an attempt that nobody knows to have gone well: it is as little there as it was then.
    const last = await warehouse.lastLoad(run.pipeline, table.name, manifest.interval);
    if (last?.loadId === manifest.loadId && last.madeTarget) return false;
    return (await warehouse.present(run.pipeline, [table.name])).has(table.name);
  };
  const looked = { run, table, manifest, isThere };
  const found = await checkLoad(connectors.ledger, looked, (line) => void say(line));
  const warnings = found.map(({ check, text }) => `${table.name}: ${check}: ${text}`);
  for (const warning of warnings) say(warning, 'warn');
  const loaded = await warehouse.load(
    {
      pipeline: run.pipeline,
      table,
      manifestUri: bronze.manifestUri,
      manifest,
      fileUris: lake.fileUris(bronze.manifestUri, manifest),
    },
    Context.current().cancellationSignal,
  );
  if (followed) await advance(connectors, run, followed);
  const newest = newestOf(manifest);
  const schemaChanges = inWords(loaded.schemaChange);
  for (const change of schemaChanges) say(change);
  return {
    loadId: loaded.loadId,
    rows: loaded.rowsLoaded,
    rowsDeleted: loaded.rowsDeleted,
    rowsOutdated: loaded.rowsOutdated,
    alreadyApplied: loaded.alreadyApplied,
    schemaChanges,
    ...(loaded.madeTarget && { madeTarget: true }),
    ...(newest && { newest }),
    ...(bronze.late && { late: bronze.late }),
    ...(bronze.reach && { reach: bronze.reach }),
    ...(bronze.notes && { notes: bronze.notes }),
    ...(warnings.length && { warnings }),
  };
}

function inWords(change: SchemaChange): string[] {
  if (isUnchanged(change)) return [];
  return [
    ...change.added.map((column) => `added column ${column.name} ${column.type}`),
    ...change.removed.map((column) => `column ${column.name} is no longer in the source`),
    ...change.widened.map((column) => `widened column ${column.name} from ${column.from} to ${column.to}`),
  ];
}
