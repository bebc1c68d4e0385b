import type { DuckDBConnection } from '@duckdb/node-api';
import { TerminalError } from '../../core/errors.ts';
import type { SchemaChange } from '../../core/evolution.ts';
import { mustHaveColumns, mustHaveKey, mustHaveRows } from './duckdb-files.ts';
import {
  appliedLoad,
  BOOKKEEPING,
  greaterMark,
  insertLoad,
  lastApplied,
  otherLoads,
  rows,
  type OtherLoads,
} from './duckdb-loads.ts';
import { shape, targetOf, type Target } from './duckdb-target.ts';
import {
  deleteKeys,
  deleteLoads,
  files,
  insertAll,
  insertMissing,
  withinInterval,
  type CursorType,
  type Write,
} from './duckdb-write.ts';
import { CountMismatch, IntervalTaken } from './errors.ts';
import { mustBelong, mustBeTheSame, mustContinue, printOf } from './load-request.ts';
import type { AppliedLoad, LoadRequest, LoadResult } from './port.ts';

interface Written {
  readonly inserted: number;
  readonly deleted: number;
}

/** Applies a load within the transaction that the caller has begun and ends. */
export async function applyLoad(connection: DuckDBConnection, request: LoadRequest): Promise<LoadResult> {
  const { pipeline, table, manifest } = request;
  mustBelong(request);
  for (const statement of BOOKKEEPING) await connection.run(statement);
  const target = targetOf(pipeline, table.name);
  const before = await appliedLoad(connection, manifest.loadId);
  if (before) mustBeTheSame(before, request);
  const others = await otherLoads(connection, pipeline, table.name, manifest);
  if (before && (await isInPlace(connection, before, target, others, table.write))) {
    return { ...before, alreadyApplied: true, schemaChange: NO_CHANGE };
  }
  const taken = table.write === 'replace' ? others.newer[0] : others.newerOfInterval[0];
  if (taken) throw new IntervalTaken(target.label, manifest.interval, manifest.loadId, taken);

  if (!before) {
    const last = await lastApplied(connection, pipeline, table.name);
    mustContinue(request, target.label, last?.highWaterMark ?? null);
  }
  await mustFit(connection, request, target);
  const schemaChange = await shape(connection, target, pipeline, manifest.schema, table.onSchemaChange);
  const written = await write(connection, request, target, others, before !== undefined);
  if (before) return { ...before, alreadyApplied: false, schemaChange };

  const outdated = manifest.rows - written.inserted;
  if (outdated < 0 || (outdated > 0 && !(table.write === 'merge' && others.newer.length))) {
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
    highWaterMark: await nextMark(connection, request),
    mode: manifest.mode,
    disposition: table.write,
    manifestUri: request.manifestUri,
    fingerprint: printOf(manifest),
    columns: JSON.stringify(manifest.schema.columns),
    extractedAt: manifest.extractedAt,
  });
  const applied = await appliedLoad(connection, manifest.loadId);
  if (!applied) throw new TerminalError(`Load ${manifest.loadId} left no row in _sluice.loads. Report this.`);
  return { ...applied, alreadyApplied: false, schemaChange };
}

const NO_CHANGE: SchemaChange = { added: [], removed: [], widened: [], conflicts: [] };

/**
 * Whether a load that was applied needs nothing more: its rows are there, or what is missing was replaced by newer loads.
 * For a merge the count alone cannot tell a row that a newer load replaced from one that was lost, so then the load goes on, and adds
 * what has no row of its key at all.
 */
async function isInPlace(
  connection: DuckDBConnection,
  load: AppliedLoad,
  target: Target,
  others: OtherLoads,
  disposition: LoadRequest['table']['write'],
): Promise<boolean> {
  if (others.newerOfInterval.length || (disposition === 'replace' && others.newer.length)) return true;
  const exists = await rows(
    connection,
    `SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = $schema AND table_name = $table`,
    { schema: target.schema, table: target.table },
  );
  if (!exists.length) return false;
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

async function write(
  connection: DuckDBConnection,
  request: LoadRequest,
  target: Target,
  others: OtherLoads,
  again: boolean,
): Promise<Written> {
  const { table, manifest, fileUris } = request;
  const load: Write = {
    target: target.name,
    columns: manifest.schema.columns.map(({ name }) => name),
    fileUris,
    loadId: manifest.loadId,
    extractedAt: manifest.extractedAt,
  };
  const run = async (sql: string) => (await connection.run(sql)).rowsChanged;
  const insert = async () => (fileUris.length ? run(insertAll(load)) : 0);
  switch (table.write) {
    case 'append': {
      const gone = manifest.mode === 'incremental' ? [] : [...others.olderOfInterval];
      const deleted = await run(deleteLoads(target.name, [...gone, manifest.loadId]));
      return { deleted, inserted: await insert() };
    }
    case 'replace': {
      const deleted = await run(`DELETE FROM ${target.name}`);
      return { deleted, inserted: await insert() };
    }
    case 'merge': {
      if (!fileUris.length) return { deleted: 0, inserted: 0 };
      if (again) return { deleted: 0, inserted: await run(insertMissing(load, table.primaryKey)) };
      const deleted = await run(deleteKeys(load, table.primaryKey));
      const inserted = others.newer.length
        ? await run(insertMissing(load, table.primaryKey))
        : await insert();
      return { deleted, inserted };
    }
    case 'replace-interval': {
      const within = await intervalCondition(connection, request, target);
      const deleted = await run(`DELETE FROM ${target.name} WHERE ${within}`);
      return { deleted, inserted: await insert() };
    }
  }
}

/** The condition for the rows of the interval, once it is certain that every row of the load meets it. */
async function intervalCondition(
  connection: DuckDBConnection,
  { table, manifest, fileUris }: LoadRequest,
  target: Target,
): Promise<string> {
  const cursor = 'cursor' in table.extract ? table.extract.cursor : undefined;
  const type = manifest.schema.columns.find(({ name }) => name === cursor)?.type;
  if (!cursor || !isTime(type)) {
    throw new TerminalError(
      `${target.label}: 'replace-interval' needs a cursor that is a date or a timestamp` +
        `${cursor ? `, '${cursor}' is ${type ?? 'missing'}` : ''}. Use 'merge', or another cursor.`,
    );
  }
  const within = withinInterval(cursor, manifest.interval, type);
  if (fileUris.length) {
    const [row] = await rows(
      connection,
      `SELECT count(*) AS rows FROM ${files(fileUris)} WHERE (${within}) IS NOT TRUE`,
    );
    const outside = Number(row?.['rows']);
    if (outside)
      throw new CountMismatch(
        manifest.loadId,
        `${outside} rows have a '${cursor}' outside of the interval that they are to replace.`,
      );
  }
  return within;
}

function isTime(type: string | undefined): type is CursorType {
  return type === 'date' || type === 'timestamp' || type === 'timestamptz';
}

async function nextMark(
  connection: DuckDBConnection,
  { pipeline, table, manifest }: LoadRequest,
): Promise<string | null> {
  const last = await lastApplied(connection, pipeline, table.name);
  const cursor = 'cursor' in table.extract ? table.extract.cursor : undefined;
  const type = manifest.schema.columns.find(({ name }) => name === cursor)?.type;
  if (!type) return null;
  return greaterMark(connection, [last?.highWaterMark, manifest.highWaterMark], type);
}
