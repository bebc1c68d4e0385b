import type { DuckDBConnection } from '@duckdb/node-api';
import { identifier } from './ddl.ts';
import { rows } from './loads-table.ts';
import type { Target } from './target.ts';
import {
  deleteKeys,
  deleteLoads,
  deleteOfFiles,
  fileIsNotNewer,
  files,
  insertAll,
  insertMissing,
  insertWhere,
  keyIsMissing,
  withinIntervals,
  type Write,
} from './write.ts';
import { CountMismatch } from '../errors.ts';
import { keysMove, writesByInterval, type Ground } from '../ground.ts';
import { intervalCursor, undated } from '../load-request.ts';
import type { LoadRequest } from '../port.ts';

export interface Written {
  readonly inserted: number;
  readonly deleted: number;
}

/** Writes a load's rows by its table's disposition. `again`: rows of a load that was applied before are put back. */
export async function writeRows(
  connection: DuckDBConnection,
  request: LoadRequest,
  target: Target,
  ground: Ground,
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
  if (writesByInterval(request)) {
    const within = await conditions(connection, request, target, ground);
    const replaced = await run(`DELETE FROM ${target.name} WHERE ${within.own}`);
    if (!fileUris.length) return { deleted: replaced, inserted: 0 };
    const isKeyed = keysMove(request);
    const deleted = replaced + (isKeyed ? await run(deleteKeys(load, table.primaryKey)) : 0);
    const only = [
      ...(ground.shared ? [`(${within.own})`] : []),
      ...(isKeyed && ground.newer.length ? [keyIsMissing(load, table.primaryKey)] : []),
    ];
    return { deleted, inserted: await (only.length ? run(insertWhere(load, only.join(' AND '))) : insert()) };
  }
  switch (table.write) {
    case 'append': {
      const deleted = await run(deleteLoads(target.name, [...ground.replaced, manifest.loadId]));
      return { deleted, inserted: await insert() };
    }
    case 'merge': {
      if (!fileUris.length) return { deleted: 0, inserted: 0 };
      if (again) return { deleted: 0, inserted: await run(insertMissing(load, table.primaryKey)) };
      const deleted = await run(deleteKeys(load, table.primaryKey));
      const inserted = ground.newer.length
        ? await run(insertMissing(load, table.primaryKey))
        : await insert();
      return { deleted, inserted };
    }
    case 'replace-file': {
      const names = manifest.replaces ?? [];
      if (!names.length) return { deleted: 0, inserted: 0 };
      const deleted = await run(deleteOfFiles(load, names));
      if (!fileUris.length) return { deleted, inserted: 0 };
      return { deleted, inserted: await run(insertWhere(load, fileIsNotNewer(load, ground.emptied))) };
    }
    default: {
      const deleted = await run(`DELETE FROM ${target.name}`);
      return { deleted, inserted: await insert() };
    }
  }
}

/** The condition for the rows that a write by interval replaces, once it is certain that it can be told for every row. */
async function conditions(
  connection: DuckDBConnection,
  request: LoadRequest,
  target: Target,
  { own }: Ground,
): Promise<{ readonly own: string }> {
  const { manifest, fileUris } = request;
  const { name, type } = intervalCursor(request, target.label);
  const found = async (sql: string) => Number((await rows(connection, sql))[0]?.['rows']);
  if (fileUris.length) {
    const whole = withinIntervals(name, [manifest.interval], type, manifest.timezone);
    const outside = await found(
      `SELECT count(*) AS rows FROM ${files(fileUris)} WHERE (${whole}) IS NOT TRUE`,
    );
    if (outside)
      throw new CountMismatch(
        manifest.loadId,
        `${outside} rows have a '${name}' outside of the interval that they are to replace.`,
      );
  }
  if (await found(`SELECT count(*) AS rows FROM ${target.name} WHERE ${identifier(name)} IS NULL`))
    throw undated(target.label, name);
  return { own: withinIntervals(name, own, type, manifest.timezone) };
}
