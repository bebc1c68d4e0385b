import { modeOf } from '../../../core/extract-modes.ts';
import type { Mark } from '../../../core/mark.ts';
import type { TableSchema } from '../../../core/schema.ts';
import { footingOf, type Footing } from '../marks.ts';
import { groundOf, type Ground } from '../ground.ts';
import type { AppliedLoad, LoadRequest } from '../port.ts';
import type { RedshiftApi } from './api.ts';
import type { JsonAs } from './ddl.ts';
import { isMissing, lacksBookkeeping, lacksColumns } from './errors.ts';
import {
  applied,
  BOOKKEEPING,
  emptiedBy,
  markOf,
  MIGRATIONS,
  selectFooting,
  selectRelated,
  selectTypes,
  typesFrom,
} from './loads-table.ts';
import { countLanded } from './reads.ts';
import { currentSchema, selectColumns, type Target } from './target.ts';

/** What the warehouse holds before a load: what the load is planned from, and what its transaction proves again. */
export interface State {
  /** By the service's clock. */
  readonly readAt: Date;
  /** The load itself, where it was applied before. */
  readonly before: AppliedLoad | undefined;
  /** The load of the table that was applied last. */
  readonly last: AppliedLoad | undefined;
  readonly lastSequence: number;
  /** What marks stand on. Only incremental loads leave rows that nothing takes away: for others the table is enough. */
  readonly base: Footing;
  /** What the last load of this one's mode has left; undefined where it stands on nothing. */
  readonly mark: Mark | undefined;
  readonly ground: Ground;
  readonly present: TableSchema | undefined;
}

/** Reads it in one transaction. Makes the bookkeeping tables where there are none. */
export async function readState(
  api: RedshiftApi,
  request: LoadRequest,
  target: Target,
  json: JsonAs,
  signal: AbortSignal,
): Promise<State> {
  const { pipeline, table, manifest } = request;
  const doing = `Reading what is in ${target.label}`;
  const { loadId, mode } = manifest;
  const reads = [
    selectRelated(pipeline, table.name, manifest),
    selectColumns(target),
    selectTypes(pipeline, table.name),
  ];
  let ended = await api.run(reads, doing, { signal });
  if (lacksBookkeeping(ended.error) || lacksColumns(ended.error)) {
    await makeBookkeeping(api, ended.error);
    ended = await api.run(reads, doing, { signal });
  }
  api.mustFinish(ended, doing);
  const [loads, catalog, types] = await Promise.all(
    [0, 1, 2].map((part) => api.result(ended.id, doing, { part })),
  );
  const related = (loads?.rows ?? []).map(applied);
  const sequences = new Map(
    (loads?.rows ?? []).map((row) => [String(row['load_id']), Number(row['sequence'])]),
  );
  const sequenceOf = (load: AppliedLoad | undefined) => (load ? (sequences.get(load.loadId) ?? 0) : 0);
  const ofTable = related.filter((load) => load.pipeline === pipeline && load.table === table.name);
  const others = ofTable.filter((load) => load.loadId !== loadId);
  const last = [...ofTable].sort((a, b) => sequenceOf(b) - sequenceOf(a))[0];
  const present = currentSchema(target, catalog?.rows ?? [], typesFrom(types?.rows ?? []), json);
  const rowsOfMode = (loads?.rows ?? [])
    .filter((row) => row['pipeline'] === pipeline && row['table_name'] === table.name && row['mode'] === mode)
    .filter((row) => markOf(row))
    .sort((a, b) => Number(b['sequence']) - Number(a['sequence']));
  const base = await baseOf(api, request, target, present);
  const saying = new Map(
    (loads?.rows ?? []).map((row) => [
      String(row['load_id']),
      { mode: String(row['mode']), emptied: emptiedBy(row) },
    ]),
  );
  return {
    readAt: ended.createdAt,
    before: related.find((load) => load.loadId === loadId),
    last,
    lastSequence: sequenceOf(last),
    base,
    mark: base === 'firm' ? markOf(rowsOfMode[0]) : undefined,
    ground: groundOf(
      request,
      others.map((load) => ({ ...load, mode: '', ...saying.get(load.loadId) })),
    ),
    present,
  };
}

async function baseOf(
  api: RedshiftApi,
  { pipeline, table, manifest }: LoadRequest,
  target: Target,
  present: TableSchema | undefined,
): Promise<Footing> {
  if (!present) return 'gone';
  return modeOf(manifest).covers === 'new' ? footing(api, pipeline, table.name, target) : 'firm';
}

/** Whether a target still has the rows that the marks of its incremental loads speak of. */
export async function footing(
  api: RedshiftApi,
  pipeline: string,
  table: string,
  target: Target,
): Promise<Footing> {
  const doing = `Looking whether ${target.label} stands at its mark`;
  const ended = await api.run([selectFooting(pipeline, table, target.name)], doing);
  if (ended.status === 'FAILED' && isMissing(ended.error)) return 'gone';
  api.mustFinish(ended, doing);
  const { rows } = await api.result(ended.id, doing);
  return footingOf(rows[0]?.['landed'], rows[0]?.['marked']);
}

/** May be called again, and by several processes at once: the one that comes second finds it done. */
export async function makeBookkeeping(api: RedshiftApi, error: string): Promise<void> {
  const doing = 'Making the tables of _sluice';
  const batches = lacksColumns(error) ? MIGRATIONS.map((statement) => [statement]) : [BOOKKEEPING];
  for (const statements of batches) {
    const ended = await api.run(statements, doing);
    if (!/already exists|concurrent/i.test(ended.error)) api.mustFinish(ended, doing);
  }
}

/**
 * Whether a load that was applied needs nothing more: its rows are there, or what is missing was replaced by newer loads.
 * For a merge the count alone cannot tell a row that a newer load replaced from one that was lost, nor for an interval that newer
 * loads hold parts of; then the load goes on, and adds what is missing.
 */
export async function isInPlace(
  api: RedshiftApi,
  load: AppliedLoad,
  target: Target,
  state: State,
): Promise<boolean> {
  if (state.ground.taken !== undefined) return true;
  if (!state.present) return false;
  return (await rowsOfLoad(api, target, load.loadId)) >= load.rowsLoaded - load.rowsOutdated;
}

/** 0 where there is no such table. */
export async function rowsOfLoad(api: RedshiftApi, target: Target, loadId: string): Promise<number> {
  const doing = `Counting the rows of load ${loadId} in ${target.label}`;
  const ended = await api.run([countLanded(target, loadId)], doing);
  if (ended.status === 'FAILED' && isMissing(ended.error)) return 0;
  api.mustFinish(ended, doing);
  const { rows } = await api.result(ended.id, doing);
  return Number(rows[0]?.['landed']);
}
