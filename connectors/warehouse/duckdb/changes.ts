import type { DuckDBConnection } from '@duckdb/node-api';
import { mergedSchema } from '../../../core/changes.ts';
import { columnOf } from '../../../core/mark.ts';
import { TerminalError } from '../../../core/errors.ts';
import { mustFollow, nothingToFill } from '../changes.ts';
import { CountMismatch, KeyViolated, MarkMoved } from '../errors.ts';
import { mustBelong, mustBeTheSame, printOf } from '../load-request.ts';
import type { LoadRequest, LoadResult } from '../port.ts';
import {
  COUNT_NOT_FOUND,
  countWithoutKey,
  deleteChanged,
  DROP_TEMPORARY,
  insertLast,
  keepFill,
  keepLast,
  SELECT_UNCHANGED,
  selectLastTruncation,
} from './changes-write.ts';
import { mustHaveColumns, mustHaveKey, mustHaveRows } from './files.ts';
import { appliedLoad, BOOKKEEPING, columnsOf, insertLoad, otherLoads, rows } from './loads-table.ts';
import { footing, lastMark, voidMarks } from './marks.ts';
import type { Written } from './rows.ts';
import { shape, targetOf, type Target } from './target.ts';
import { insertAll, type Write } from './write.ts';

const NO_CHANGE = { added: [], removed: [], widened: [], conflicts: [] };

/** Applies a load of changes within the transaction that the caller has begun and ends. */
export async function applyChanges(connection: DuckDBConnection, request: LoadRequest): Promise<LoadResult> {
  const { pipeline, table, manifest, fileUris } = request;
  mustBelong(request);
  for (const statement of BOOKKEEPING) await connection.run(statement);
  const target = targetOf(pipeline, table.name);
  const base = await footing(connection, pipeline, table.name);
  const before = await appliedLoad(connection, manifest.loadId);
  if (before) {
    mustBeTheSame(before, request);
    // What came after it is there, or it cannot be put back: the changes between are not in it.
    if (base === 'firm')
      return {
        ...before,
        alreadyApplied: true,
        schemaChange: NO_CHANGE,
      };
    throw new MarkMoved(target.label, manifest.loadId);
  }
  const mark =
    base === 'firm' ? await lastMark(connection, pipeline, table.name, [manifest.mode]) : undefined;
  const present = (await columnsOf(connection, target.schema, target.table)).size > 0;
  const hasRows = present && (await rows(connection, `SELECT 1 FROM ${target.name} LIMIT 1`)).length > 0;
  const others = await otherLoads(connection, pipeline, table.name, manifest.loadId);
  const isNewest = others.every(({ loadId }) => loadId < manifest.loadId);
  mustFollow(request, target.label, { mark: mark?.value ?? null, hasRows, isNewest });
  await mustHaveColumns(connection, fileUris, manifest.schema, manifest.loadId);
  if (fileUris.length) await mustHaveRows(connection, fileUris, manifest);

  const schema = table.write === 'merge' ? mergedSchema(manifest.schema) : manifest.schema;
  const schemaChange = await shape(connection, target, pipeline, schema, table.onSchemaChange);
  const isWhole = (manifest.since ?? null) === null;
  if (isWhole) await voidMarks(connection, pipeline, table.name);
  const write: Write = {
    target: target.name,
    columns: schema.columns.map(({ name }) => name),
    fileUris,
    loadId: manifest.loadId,
    extractedAt: manifest.extractedAt,
  };
  const written = isWhole
    ? await writeWhole(connection, request, target, write)
    : table.write === 'merge'
      ? await merge(connection, request, target, write)
      : { deleted: 0, inserted: await insert(connection, write) };
  if (written.inserted > manifest.rows || (table.write === 'append' && written.inserted < manifest.rows)) {
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
    rowsOutdated: manifest.rows - written.inserted,
    highWaterMark: manifest.highWaterMark,
    cursorColumn: columnOf(manifest.cursor),
    cursorType: manifest.cursor?.type ?? null,
    madeTarget: !present,
    mode: manifest.mode,
    disposition: table.write,
    manifestUri: request.manifestUri,
    fingerprint: printOf(manifest),
    columns: JSON.stringify(manifest.schema.columns),
    extractedAt: manifest.extractedAt,
  });
  const applied = await appliedLoad(connection, manifest.loadId);
  if (!applied) throw new TerminalError(`Load ${manifest.loadId} left no row in _sluice.loads. Report this.`);
  return { ...applied, alreadyApplied: false, madeTarget: !present, schemaChange };
}

async function insert(connection: DuckDBConnection, write: Write): Promise<number> {
  return write.fileUris.length ? (await connection.run(insertAll(write))).rowsChanged : 0;
}

async function writeWhole(
  connection: DuckDBConnection,
  { table, manifest, fileUris }: LoadRequest,
  target: Target,
  write: Write,
): Promise<Written> {
  if (table.write === 'append') return { deleted: 0, inserted: await insert(connection, write) };
  await mustHaveKey(connection, fileUris, manifest.schema, table, target.label);
  const { rowsChanged: deleted } = await connection.run(`DELETE FROM ${target.name}`);
  return { deleted, inserted: await insert(connection, write) };
}

async function merge(
  connection: DuckDBConnection,
  { table, fileUris }: LoadRequest,
  target: Target,
  write: Write,
): Promise<Written> {
  if (!fileUris.length) return { deleted: 0, inserted: 0 };
  const run = async (sql: string) => (await connection.run(sql)).rowsChanged;
  const count = async (sql: string) => Number((await rows(connection, sql))[0]?.['rows']);
  const key = table.primaryKey;
  const keyless = await count(countWithoutKey(fileUris, key));
  if (keyless) throw new KeyViolated(target.label, key, `is not whole in ${keyless} changes.`);
  for (const statement of DROP_TEMPORARY) await connection.run(statement);
  const [truncation] = await rows(connection, selectLastTruncation(fileUris));
  const after = truncation && { lsn: String(truncation['lsn']), seq: String(truncation['seq']) };
  await run(keepLast(write, key, after));
  // What was there before a truncation is no one's former value: rows after it come whole.
  const unchanged = (await rows(connection, SELECT_UNCHANGED)).map(({ name }) => String(name));
  if (unchanged.length) {
    await run(keepFill(write, key, unchanged));
    const missing = await count(COUNT_NOT_FOUND);
    if (missing) throw nothingToFill(target.label, write.loadId, missing);
  }
  const deleted = await run(after ? `DELETE FROM ${target.name}` : deleteChanged(write, key));
  const inserted = await run(insertLast(write, unchanged));
  for (const statement of DROP_TEMPORARY) await connection.run(statement);
  return { deleted, inserted };
}
