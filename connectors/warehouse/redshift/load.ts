import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { TerminalError, TransientError } from '../../../core/errors.ts';
import { modeOf } from '../../../core/extract-modes.ts';
import type { SchemaChange } from '../../../core/evolution.ts';
import { mustHaveGround } from '../ground.ts';
import type { LoadRequest, LoadResult } from '../port.ts';
import type { Outcome, RedshiftApi } from './api.ts';
import { batchOf, type Plan, type Step } from './batch.ts';
import type { JsonAs } from './ddl.ts';
import { diagnosis } from './diagnosis.ts';
import { isConflict } from './errors.ts';
import { mustHold, writeCopyManifest } from './files.ts';
import { applied, selectLoad } from './loads-table.ts';
import { mustBeTheSame, mustBelong, mustContinue } from '../load-request.ts';
import { mustHaveKeyColumns } from './request.ts';
import { isInPlace, readState, type State } from './state.ts';
import { foldedSchema, shape, targetOf, type Target } from './target.ts';
import { folded, identifier } from './text.ts';

export interface LoadContext {
  readonly api: RedshiftApi;
  readonly s3: S3Client;
  readonly copyRole: string;
  readonly json: JsonAs;
}

const ATTEMPTS = 6; // of a transaction that another one is in the way of
const FIRST_WAIT_MS = 200; // doubled each time, with a share of chance

const NO_CHANGE: SchemaChange = { added: [], removed: [], widened: [], conflicts: [] };

/**
 * Applies a load: reads what is there, plans, and runs the plan as one transaction. Where another load came in between, or the
 * transaction lost against another one, it reads and plans again.
 */
export async function applyLoad(
  context: LoadContext,
  request: LoadRequest,
  signal: AbortSignal,
): Promise<LoadResult> {
  const { manifest } = request;
  const target = targetOf(request.pipeline, request.table.name);
  const doing = `Load ${manifest.loadId} of ${target.label}`;
  mustBelong(request);
  if (modeOf(manifest).mark === 'position') {
    throw new TerminalError(
      `${doing}: changes cannot be loaded into Redshift yet. Extract the table in another mode.`,
    );
  }
  let copyManifest: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const state = await readState(context.api, request, target, context.json, signal);
    const done = await settled(context, request, target, state);
    if (done) return done;
    copyManifest ??= await staging(context, request, target);
    signal.throwIfAborted();
    const plan = planOf(context, request, target, state, copyManifest);
    for (const statement of plan.shaping.before)
      await context.api.execute(statement, `Lengthening texts of ${target.label}`, signal);
    const steps = batchOf(plan);
    const ended = await submit(context.api, plan, steps, signal);
    if (ended.status === 'FINISHED') {
      const { rows } = await context.api.result(ended.id, doing, { part: steps.length - 1 });
      const [row] = rows;
      if (!row) throw new TerminalError(`${doing} left no row in _sluice.loads. Report this.`);
      return {
        ...applied(row),
        alreadyApplied: false,
        madeTarget: !state.present,
        schemaChange: plan.shaping.change,
      };
    }
    const role = steps[ended.failedAt]?.role;
    if (
      role !== 'unchanged' &&
      !isConflict(ended.error) &&
      !(role === 'shape' && /already exists/i.test(ended.error))
    ) {
      throw await diagnosis(
        context.api,
        plan,
        role,
        ended.error || `The transaction was ${ended.status.toLowerCase()}.`,
      );
    }
    await sleep(FIRST_WAIT_MS * 2 ** attempt * (0.5 + Math.random()), undefined, { signal }).catch(() =>
      signal.throwIfAborted(),
    );
  }
  throw new TransientError(
    `${doing}: other transactions were in the way ${ATTEMPTS} times. It is tried again.`,
  );
}

/** The result, where the load needs nothing more. @throws {IntervalTaken} a newer one is there */
async function settled(
  { api }: LoadContext,
  request: LoadRequest,
  target: Target,
  state: State,
): Promise<LoadResult | undefined> {
  const { manifest, table } = request;
  if (state.before) {
    mustBeTheSame(state.before, request);
    if (await isInPlace(api, state.before, target, state)) {
      return { ...state.before, alreadyApplied: true, schemaChange: NO_CHANGE };
    }
  }
  mustHaveGround(request, target.label, state.ground, state.before !== undefined);
  // A load whose mark was taken back with the target that it was loaded to: what follows it may be there by now.
  const lost = state.before?.highWaterMark === null && manifest.highWaterMark !== null;
  // Whether the target is empty, where it must be, the transaction proves.
  if (!state.before || (lost && table.write === 'append' && state.base !== 'gone'))
    mustContinue(request, target.label, { mark: state.mark?.value ?? null, hasRows: false });
  return undefined;
}

/** Proves the files, and makes the list that COPY reads. @returns its place; undefined where there is no file */
async function staging(
  { s3 }: LoadContext,
  request: LoadRequest,
  target: Target,
): Promise<string | undefined> {
  const { table, manifest, fileUris } = request;
  const files = await mustHold(s3, fileUris, manifest);
  if (table.primaryKey.length) mustHaveKeyColumns(request, target.label);
  return files.length ? writeCopyManifest(s3, files, manifest.loadId) : undefined;
}

function planOf(
  context: LoadContext,
  request: LoadRequest,
  target: Target,
  state: State,
  copyManifest: string | undefined,
): Plan {
  const { pipeline, table, manifest } = request;
  const { json, copyRole } = context;
  const layout = table.warehouse ?? {};
  const schema = foldedSchema(target, manifest.schema);
  const shaping = shape(target, pipeline, state.present, schema, {
    policy: table.onSchemaChange,
    json,
    layout,
  });
  const write = {
    target: target.name,
    table: identifier(table.name),
    schema,
    loadId: manifest.loadId,
    extractedAt: manifest.extractedAt,
    json,
  };
  const folding = { ...request, table: { ...table, primaryKey: table.primaryKey.map(folded) } };
  return { request: folding, target, write, state, shaping, layout, copyManifest, copyRole };
}

/**
 * Sends the batch under a token made from the load id: a second process, or this one after a lost answer, gets the batch that runs
 * already. A batch from before that failed is over and done: the next token is taken.
 */
async function submit(
  api: RedshiftApi,
  { request, state, target }: Plan,
  steps: readonly Step[],
  signal: AbortSignal,
): Promise<Outcome> {
  const sqls = steps.map(({ sql }) => sql);
  const { loadId } = request.manifest;
  for (let attempt = 0; ; attempt++) {
    const token = createHash('sha256')
      .update(JSON.stringify([loadId, attempt, sqls]))
      .digest('hex');
    const ended = await api.run(sqls, `Load ${loadId} of ${target.label}`, { token, signal });
    if (ended.createdAt >= state.readAt) return ended;
    // One that ran while the state was read counts; one whose work was undone by hand since does not.
    const counts = ended.status === 'FINISHED' && !state.before;
    if (counts && (await api.rows(selectLoad(loadId), `Looking for load ${loadId}`)).length) return ended;
  }
}
