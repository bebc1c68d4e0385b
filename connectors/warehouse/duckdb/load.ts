import type { DuckDBConnection } from '@duckdb/node-api';
import { TerminalError } from '../../../core/errors.ts';
import { modeOf } from '../../../core/extract-modes.ts';
import type { SchemaChange } from '../../../core/evolution.ts';
import { applyChanges } from './changes.ts';
import { mustHaveColumns, mustHaveKey, mustHaveRows } from './files.ts';
import {
  appliedLoad,
  BOOKKEEPING,
  columnsOf,
  insertLoad,
  noteMadeTarget,
  otherLoads,
  rows,
} from './loads-table.ts';
import { footing, lastMark, restoreMark, voidMarks } from './marks.ts';
import { shape, targetOf, type Target } from './target.ts';
import { writeRows } from './rows.ts';
import { CountMismatch } from '../errors.ts';
import { columnOf } from '../../../core/mark.ts';
import { groundOf, keysMove, mustHaveGround, type Ground } from '../ground.ts';
import { mustBelong, mustBeTheSame, mustContinue, printOf } from '../load-request.ts';
import { nextMark } from '../marks.ts';
import type { AppliedLoad, LoadRequest, LoadResult } from '../port.ts';

/** Applies a load within the transaction that the caller has begun and ends. */
export async function applyLoad(connection: DuckDBConnection, request: LoadRequest): Promise<LoadResult> {
  const { pipeline, table, manifest } = request;
  if (modeOf(manifest).mark === 'position') return applyChanges(connection, request);
  mustBelong(request);
  for (const statement of BOOKKEEPING) await connection.run(statement);
  const target = targetOf(pipeline, table.name);
  const before = await appliedLoad(connection, manifest.loadId);
  if (before) mustBeTheSame(before, request);
  const ground = groundOf(request, await otherLoads(connection, pipeline, table.name, manifest.loadId));
  if (before && (await isInPlace(connection, before, target, ground))) {
    return { ...before, alreadyApplied: true, schemaChange: NO_CHANGE };
  }
  mustHaveGround(request, target.label, ground, before !== undefined);

  const present = (await columnsOf(connection, target.schema, target.table)).size > 0;
  // Its mark was taken back with the target that it was loaded to, so what follows it may be there by now.
  const lost = before?.highWaterMark === null && manifest.highWaterMark !== null;
  // Only incremental loads leave rows that nothing takes away: a target without them was emptied, which is as if it were gone.
  const base =
    modeOf(manifest).covers === 'new'
      ? await footing(connection, pipeline, table.name)
      : present
        ? 'firm'
        : 'gone';
  const mark =
    base === 'firm' ? await lastMark(connection, pipeline, table.name, [manifest.mode]) : undefined;
  if (!before || (lost && table.write === 'append' && base !== 'gone')) {
    const hasRows = present && (await rows(connection, `SELECT 1 FROM ${target.name} LIMIT 1`)).length > 0;
    mustContinue(request, target.label, { mark: mark?.value ?? null, hasRows });
  }
  await mustFit(connection, request, target);
  const schemaChange = await shape(connection, target, pipeline, manifest.schema, table.onSchemaChange);
  if (base === 'gone') await voidMarks(connection, pipeline, table.name);
  const written = await writeRows(connection, request, target, ground, before !== undefined);
  if (before) {
    const again = nextMark(request, mark);
    // Read from the beginning, or from where the table stands: what it says holds again.
    if (again !== null && (manifest.since === null || manifest.since === mark?.value))
      await restoreMark(connection, manifest.loadId, again);
    if (!present) await noteMadeTarget(connection, manifest.loadId);
    return { ...before, alreadyApplied: false, madeTarget: !present, schemaChange };
  }

  const outdated = manifest.rows - written.inserted;
  const byKey = table.write === 'merge' || table.write === 'replace-file' || keysMove(request);
  const mayBeLess = (byKey && ground.newer.length > 0) || ground.shared;
  if (outdated < 0 || (outdated > 0 && !mayBeLess)) {
    throw new CountMismatch(
      manifest.loadId,
      `${written.inserted} rows arrived in ${target.label}, its manifest says ${manifest.rows}.`,
    );
  }
  await insertLoad(connection, {
    loadId: manifest.loadId,
    pipeline,
    table: table.name,
    interval: manifest.interval,
    rowsLoaded: manifest.rows,
    rowsDeleted: written.deleted,
    rowsOutdated: outdated,
    highWaterMark: nextMark(request, mark),
    cursorColumn: columnOf(manifest.cursor),
    cursorType: manifest.cursor?.type ?? null,
    madeTarget: !present,
    mode: manifest.mode,
    disposition: table.write,
    manifestUri: request.manifestUri,
    fingerprint: printOf(manifest),
    columns: JSON.stringify(manifest.schema.columns),
    extractedAt: manifest.extractedAt,
    emptied: manifest.emptied ?? [],
  });
  const applied = await appliedLoad(connection, manifest.loadId);
  if (!applied) throw new TerminalError(`Load ${manifest.loadId} left no row in _sluice.loads. Report this.`);
  return { ...applied, alreadyApplied: false, madeTarget: !present, schemaChange };
}

const NO_CHANGE: SchemaChange = { added: [], removed: [], widened: [], conflicts: [] };

/**
 * Whether a load that was applied needs nothing more: its rows are there, or what is missing was replaced by newer loads.
 * For a merge the count alone cannot tell a row that a newer load replaced from one that was lost, nor for an interval that newer
 * loads hold parts of; then the load goes on, and adds what is missing.
 */
async function isInPlace(
  connection: DuckDBConnection,
  load: AppliedLoad,
  target: Target,
  ground: Ground,
): Promise<boolean> {
  if (ground.taken !== undefined) return true;
  if (!(await columnsOf(connection, target.schema, target.table)).size) return false;
  const [row] = await rows(connection, `SELECT count(*) AS rows FROM ${target.name} WHERE _load_id = $id`, {
    id: load.loadId,
  });
  return Number(row?.['rows']) >= load.rowsLoaded - load.rowsOutdated;
}

async function mustFit(connection: DuckDBConnection, request: LoadRequest, target: Target): Promise<void> {
  const { table, manifest, fileUris } = request;
  await mustHaveColumns(connection, fileUris, manifest.schema, manifest.loadId);
  if (fileUris.length) await mustHaveRows(connection, fileUris, manifest);
  if (table.primaryKey.length) await mustHaveKey(connection, fileUris, manifest.schema, table, target.label);
}
