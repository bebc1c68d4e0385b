import type { WarehouseLayout } from '../../../core/pipeline.ts';
import type { LoadRequest } from '../port.ts';
import { keysMove, writesByInterval } from '../ground.ts';
import { intervalCursor, printOf } from '../load-request.ts';
import { nextMark } from '../marks.ts';
import { insertLoad, noteMadeTarget, ofTable, restoreMark, selectLoad, voidMarks } from './loads-table.ts';
import type { State } from './state.ts';
import type { Shaping, Target } from './target.ts';
import { text } from './text.ts';
import {
  copyStage,
  countBefore,
  createStage,
  deleteKeys,
  deleteWhere,
  fileIsNewer,
  insertStaged,
  keyComesAgain,
  keyIsMissing,
  keyIsNewer,
  must,
  ofFiles,
  ofLoads,
  stageHasKey,
  stageHasRows,
  stageIsUnique,
  stageIsWithin,
  targetHasRows,
  targetIsDated,
  targetIsEmpty,
  withinIntervals,
  type Write,
} from './write.ts';

/** What a statement of the batch is for: tells why the batch failed. */
export type Role =
  | 'shape'
  | 'lock'
  | 'unchanged'
  | 'stage'
  | 'copy'
  | 'rows'
  | 'key'
  | 'unique'
  | 'within'
  | 'dated'
  | 'empty'
  | 'write'
  | 'arrived'
  | 'note'
  | 'applied';

export interface Step {
  readonly role: Role;
  readonly sql: string;
}

export interface Plan {
  readonly request: LoadRequest;
  readonly target: Target;
  readonly write: Write;
  readonly state: State;
  readonly shaping: Shaping;
  readonly layout: WarehouseLayout;
  /** Undefined where the load has no file. */
  readonly copyManifest: string | undefined;
  readonly copyRole: string;
}

/**
 * The transaction of a load. The lock comes first where there is a table to lock: what is read after it is what the writer before has
 * left, and `unchanged` proves that this still is what the plan was made from.
 */
export function batchOf(plan: Plan): Step[] {
  const { request, target, write, state, shaping, copyManifest } = plan;
  const { manifest, table } = request;
  const again = state.before !== undefined;
  const steps: Step[] = [];
  const add = (role: Role, ...sqls: readonly string[]) => steps.push(...sqls.map((sql) => ({ role, sql })));
  if (state.present) add('lock', `LOCK ${target.name}`);
  add('unchanged', unchanged(plan));
  add('shape', ...shaping.within);
  if (copyManifest !== undefined) {
    add('stage', createStage(write.schema, plan.layout));
    add('copy', copyStage(copyManifest, plan.copyRole));
    add('rows', stageHasRows(manifest.rows));
    if (table.primaryKey.length) {
      add('key', stageHasKey(table.primaryKey));
      add('unique', stageIsUnique(table.primaryKey));
    }
  }
  const { counts, statements, within, dated } = writing(plan, again);
  if (within !== undefined && copyManifest !== undefined) add('within', stageIsWithin(within));
  if (dated !== undefined) add('dated', dated);
  if (table.write === 'append' && manifest.since === null && !again && state.present)
    add('empty', targetIsEmpty(write));
  add('write', counts, ...statements);
  if (!again) add('arrived', targetHasRows(write, manifest.rows));
  add('note', ...shaping.remember);
  if (state.base === 'gone' && state.last) add('note', voidMarks(request.pipeline, table.name));
  if (!again) add('note', insertLoad(loadRow(plan)));
  else add('note', ...markedAgain(plan), ...(state.present ? [] : [noteMadeTarget(manifest.loadId)]));
  add('applied', selectLoad(manifest.loadId));
  return steps;
}

/** No other load of the table was applied since the plan was made, nor this one. */
function unchanged({ request: { pipeline, table, manifest }, state }: Plan): string {
  const mine = state.before ? 1 : 0;
  return must(
    `COALESCE(MAX(CASE WHEN ${ofTable(pipeline, table.name)} THEN sequence END), 0) = ${state.lastSequence} ` +
      `AND COALESCE(SUM(CASE WHEN load_id = ${text(manifest.loadId)} THEN 1 ELSE 0 END), 0) = ${mine}`,
    '"_sluice"."loads"',
  );
}

/** Read from the beginning, or from where the table stands: what a load that is put back has said holds again. */
function markedAgain({ request, state: { mark } }: Plan): string[] {
  const { since, loadId } = request.manifest;
  const again = nextMark(request, mark);
  if (again === null || (since !== null && since !== mark?.value)) return [];
  return [restoreMark(loadId, again)];
}

interface Writing {
  readonly counts: string;
  readonly statements: readonly string[];
  /** The condition on every staged row, where the disposition has one. */
  readonly within?: string;
  /** What must hold of the target's rows, where the disposition goes by a cursor. */
  readonly dated?: string;
}

function writing(plan: Plan, again: boolean): Writing {
  const { request, write, state, copyManifest } = plan;
  const { table, manifest } = request;
  const { ground } = state;
  const key = table.primaryKey;
  const insert = copyManifest === undefined ? [] : [insertStaged(write)];
  if (writesByInterval(request)) return writingByInterval(plan);
  switch (table.write) {
    case 'append': {
      const gone = ofLoads([...ground.replaced, manifest.loadId]);
      return {
        counts: countBefore(write, gone, undefined),
        statements: [deleteWhere(write, gone), ...insert],
      };
    }
    case 'merge': {
      if (copyManifest === undefined)
        return { counts: countBefore(write, undefined, undefined), statements: [] };
      const missing = insertStaged(write, keyIsMissing(write, key));
      if (again) return { counts: countBefore(write, undefined, undefined), statements: [missing] };
      const newer = ground.newer.length > 0;
      return {
        counts: countBefore(write, keyComesAgain(write, key), newer ? keyIsNewer(write, key) : undefined),
        statements: [deleteKeys(write, key), ...(newer ? [missing] : insert)],
      };
    }
    case 'replace-file': {
      const names = manifest.replaces ?? [];
      if (!names.length) return { counts: countBefore(write, undefined, undefined), statements: [] };
      const gone = ofFiles(write, names);
      const newer = ground.newer.length > 0 && insert.length > 0;
      return {
        counts: countBefore(write, gone, newer ? fileIsNewer(write, ground.emptied) : undefined),
        statements: [
          deleteWhere(write, gone),
          ...(newer ? [insertStaged(write, `NOT (${fileIsNewer(write, ground.emptied)})`)] : insert),
        ],
      };
    }
    default:
      return { counts: countBefore(write, 'TRUE', undefined), statements: [deleteWhere(write), ...insert] };
  }
}

function writingByInterval({ request, write, state, target, copyManifest }: Plan): Writing {
  const { own, shared } = state.ground;
  const { interval, timezone: zone } = request.manifest;
  const cursor = intervalCursor(request, target.label);
  const gone = withinIntervals(cursor, own, { staged: false, zone });
  const fresh = withinIntervals(cursor, own, { staged: true, zone });
  const hasRows = copyManifest !== undefined;
  const key = request.table.primaryKey;
  const isKeyed = hasRows && keysMove(request);
  const isNewer = isKeyed && state.ground.newer.length > 0;
  const only = [...(shared ? [`(${fresh})`] : []), ...(isNewer ? [keyIsMissing(write, key)] : [])];
  const left = [...(shared ? [`NOT (${fresh})`] : []), ...(isNewer ? [keyIsNewer(write, key)] : [])];
  return {
    counts: countBefore(
      write,
      isKeyed ? `(${gone}) OR (${keyComesAgain(write, key)})` : gone,
      hasRows && left.length ? left.join(' OR ') : undefined,
    ),
    statements: [
      deleteWhere(write, gone),
      ...(isKeyed ? [deleteKeys(write, key)] : []),
      ...(hasRows ? [insertStaged(write, only.length ? only.join(' AND ') : undefined)] : []),
    ],
    within: withinIntervals(cursor, [interval], { staged: true, zone }),
    ...(state.present ? { dated: targetIsDated(write, cursor.name) } : {}),
  };
}

function loadRow({ request, state }: Plan) {
  const { pipeline, table, manifest } = request;
  return {
    sequence: state.lastSequence + 1,
    loadId: manifest.loadId,
    pipeline,
    table: table.name,
    interval: manifest.interval,
    rowsLoaded: manifest.rows,
    highWaterMark: nextMark(request, state.mark),
    cursor: manifest.cursor,
    madeTarget: !state.present,
    mode: manifest.mode,
    disposition: table.write,
    manifestUri: request.manifestUri,
    fingerprint: printOf(manifest),
    columns: JSON.stringify(manifest.schema.columns),
    extractedAt: manifest.extractedAt,
    emptied: manifest.emptied ?? [],
  };
}
