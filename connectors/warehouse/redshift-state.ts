import type { TableSchema } from '../../core/schema.ts';
import type { AppliedLoad, LoadRequest } from './port.ts';
import type { RedshiftApi } from './redshift-api.ts';
import type { JsonAs } from './redshift-ddl.ts';
import { isMissing, lacksBookkeeping } from './redshift-errors.ts';
import { applied, BOOKKEEPING, selectRelated, selectTypes, typesFrom } from './redshift-loads.ts';
import { countLanded } from './redshift-reads.ts';
import { currentSchema, selectColumns, type Target } from './redshift-target.ts';

/** What the warehouse holds before a load: what the load is planned from, and what its transaction proves again. */
export interface State {
  /** By the service's clock. */
  readonly readAt: Date;
  /** The load itself, where it was applied before. */
  readonly before: AppliedLoad | undefined;
  /** The load of the table that was applied last. */
  readonly last: AppliedLoad | undefined;
  readonly lastSequence: number;
  /** Ids of loads of the table with a greater id, and of those the ones of the same interval. */
  readonly newer: readonly string[];
  readonly newerOfInterval: readonly string[];
  /** Ids of loads of the same interval with a smaller id. */
  readonly olderOfInterval: readonly string[];
  readonly present: TableSchema | undefined;
}

/** Reads it in one transaction. Makes the bookkeeping tables where there are none. */
export async function readState(
  api: RedshiftApi,
  { pipeline, table, manifest }: LoadRequest,
  target: Target,
  json: JsonAs,
  signal: AbortSignal,
): Promise<State> {
  const doing = `Reading what is in ${target.label}`;
  const { loadId, interval } = manifest;
  const reads = [
    selectRelated(pipeline, table.name, loadId, interval),
    selectColumns(target),
    selectTypes(pipeline, table.name),
  ];
  let ended = await api.run(reads, doing, { signal });
  if (lacksBookkeeping(ended.error)) {
    await makeBookkeeping(api);
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
  const isSame = (load: AppliedLoad) =>
    load.interval.start === interval.start && load.interval.end === interval.end;
  const ids = (keep: (load: AppliedLoad) => boolean) => others.filter(keep).map((load) => load.loadId);
  const before = related.find((load) => load.loadId === loadId);
  return {
    readAt: ended.createdAt,
    before,
    last,
    lastSequence: sequenceOf(last),
    newer: ids((load) => load.loadId > loadId),
    newerOfInterval: ids((load) => load.loadId > loadId && isSame(load)),
    olderOfInterval: ids((load) => load.loadId < loadId && isSame(load)),
    present: currentSchema(target, catalog?.rows ?? [], typesFrom(types?.rows ?? []), json),
  };
}

/** May be called again, and by several processes at once: the one that comes second finds it done. */
async function makeBookkeeping(api: RedshiftApi): Promise<void> {
  const doing = 'Making the tables of _sluice';
  const ended = await api.run(BOOKKEEPING, doing);
  if (!/already exists|concurrent/i.test(ended.error)) api.mustFinish(ended, doing);
}

/**
 * Whether a load that was applied needs nothing more: its rows are there, or what is missing was replaced by newer loads.
 * For a merge the count alone cannot tell a row that a newer load replaced from one that was lost, so then the load goes on, and adds
 * what has no row of its key at all.
 */
export async function isInPlace(
  api: RedshiftApi,
  load: AppliedLoad,
  target: Target,
  state: State,
  disposition: LoadRequest['table']['write'],
): Promise<boolean> {
  if (state.newerOfInterval.length || (disposition === 'replace' && state.newer.length)) return true;
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
