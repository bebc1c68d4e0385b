import type { WarehouseLayout } from '../../core/pipeline.ts';
import type { LoadRequest } from './port.ts';
import { insertLoad, ofTable, selectLoad } from './redshift-loads.ts';
import { greaterMark } from './redshift-marks.ts';
import { printOf } from './load-request.ts';
import { intervalCursor } from './redshift-request.ts';
import type { State } from './redshift-state.ts';
import type { Shaping, Target } from './redshift-target.ts';
import { text } from './redshift-text.ts';
import {
  copyStage,
  countBefore,
  createStage,
  deleteKeys,
  deleteWhere,
  insertStaged,
  keyComesAgain,
  keyIsMissing,
  keyIsNewer,
  must,
  ofLoads,
  stageHasKey,
  stageHasRows,
  stageIsUnique,
  stageIsWithin,
  targetHasRows,
  withinInterval,
  type Write,
} from './redshift-write.ts';

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
  const { counts, statements, within } = writing(plan, again);
  if (within !== undefined && copyManifest !== undefined) add('within', stageIsWithin(within));
  add('write', counts, ...statements);
  if (!again) add('arrived', targetHasRows(write, manifest.rows));
  add('note', ...shaping.remember);
  if (!again) add('note', insertLoad(loadRow(plan)));
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

interface Writing {
  readonly counts: string;
  readonly statements: readonly string[];
  /** The condition on every staged row, where the disposition has one. */
  readonly within?: string;
}

function writing({ request, write, state, target, copyManifest }: Plan, again: boolean): Writing {
  const { table, manifest } = request;
  const key = table.primaryKey;
  const insert = copyManifest === undefined ? [] : [insertStaged(write)];
  switch (table.write) {
    case 'append': {
      const gone = ofLoads([
        ...(manifest.mode === 'incremental' ? [] : state.olderOfInterval),
        manifest.loadId,
      ]);
      return {
        counts: countBefore(write, gone, undefined),
        statements: [deleteWhere(write, gone), ...insert],
      };
    }
    case 'replace':
      return { counts: countBefore(write, 'TRUE', undefined), statements: [deleteWhere(write), ...insert] };
    case 'merge': {
      if (copyManifest === undefined)
        return { counts: countBefore(write, undefined, undefined), statements: [] };
      const missing = insertStaged(write, keyIsMissing(write, key));
      if (again) return { counts: countBefore(write, undefined, undefined), statements: [missing] };
      const newer = state.newer.length > 0;
      return {
        counts: countBefore(write, keyComesAgain(write, key), newer ? keyIsNewer(write, key) : undefined),
        statements: [deleteKeys(write, key), ...(newer ? [missing] : insert)],
      };
    }
    case 'replace-interval': {
      const { name, type } = intervalCursor(request, target.label);
      const gone = withinInterval(name, manifest.interval, type, false);
      return {
        counts: countBefore(write, gone, undefined),
        statements: [deleteWhere(write, gone), ...insert],
        within: withinInterval(name, manifest.interval, type, true),
      };
    }
  }
}

function loadRow({ request, state }: Plan) {
  const { pipeline, table, manifest } = request;
  const cursor = 'cursor' in table.extract ? table.extract.cursor : undefined;
  const type = manifest.schema.columns.find(({ name }) => name === cursor)?.type;
  return {
    sequence: state.lastSequence + 1,
    loadId: manifest.loadId,
    pipeline,
    table: table.name,
    interval: manifest.interval,
    rowsLoaded: manifest.rows,
    highWaterMark: type ? greaterMark([state.last?.highWaterMark, manifest.highWaterMark], type) : null,
    mode: manifest.mode,
    disposition: table.write,
    manifestUri: request.manifestUri,
    fingerprint: printOf(manifest),
    columns: JSON.stringify(manifest.schema.columns),
    extractedAt: manifest.extractedAt,
  };
}
