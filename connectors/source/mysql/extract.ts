import { readdirSync, statSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { messageOf, TerminalError, Unreachable } from '../../../core/errors.ts';
import { lookbackOf, modeOf } from '../../../core/extract-modes.ts';
import type { Coercion } from '../../../core/manifest.ts';
import { duckDbType } from '../../duckdb/types.ts';
import { parquetOptions, type ParquetVersion } from '../../duckdb/parquet-options.ts';
import { leftBehind } from '../left-behind.ts';
import type { Extracted, ExtractRequest } from '../port.ts';
import type { Cancellation } from './cancel.ts';
import { readColumns, shown, type Relation } from './catalog.ts';
import { carryColumns, nullsZeros, schemaOf, type CarriedColumn } from './columns.ts';
import { incrementalCondition, intervalCondition, usableMark } from './conditions.ts';
import type { Cursor } from '../named-columns.ts';
import { cursorOf, nameOf } from './cursor.ts';
import { cursorFacts } from './facts.ts';
import { findHorizon, untilWritten, type Horizon } from './horizon.ts';
import { serverOf } from './server.ts';
import type { MysqlAddress } from './session.ts';
import { duckdbIdentifier, duckdbLiteral, identifier } from './sql.ts';
import { Stream } from './stream.ts';
import { isZeroDate } from './types.ts';

export interface Extraction {
  readonly client: Connection;
  readonly relation: Relation;
  readonly request: ExtractRequest;
  readonly cancellation: Cancellation;
  readonly address: MysqlAddress;
  readonly engine: Promise<DuckDBInstance>;
  readonly parquetVersion: ParquetVersion;
}

const PROGRESS_INTERVAL_MS = 1000;
const FILE = 'part-0.parquet';
/** The error that a stream ends with when a value would not arrive exactly. */
const LOSS = 'sluice: no exact counterpart';

/**
 * Extracts by one statement, which sees one snapshot; the mark is the greatest cursor among its rows. What is counted beside them is counted
 * before: a row that comes in between is counted by the next extraction.
 */
export async function extractTable(extraction: Extraction): Promise<Extracted> {
  const { client, relation, request, cancellation, address, engine } = extraction;
  const { table } = request;
  if (modeOf(table.extract).mark === 'position') {
    throw new TerminalError(
      `Table '${table.name}': a MySQL source has no stream of changes that can be read. Extract it in another mode.`,
    );
  }
  const server = await serverOf(client);
  const found = await readColumns(client, relation);
  const columns = carryColumns(table, found);
  const cursor =
    modeOf(table.extract).mark === 'cursor' ? cursorOf(table, shown(relation.name), found) : undefined;
  const since = cursor && modeOf(table.extract).covers === 'new' ? usableMark(request, cursor) : null;
  const { horizon, notes } = await settled(extraction, cursor, server.replica);
  const at = await clock(client);
  const condition = cursor && conditionOf(request, cursor, since, horizon);
  const facts =
    cursor &&
    condition !== undefined &&
    (await cursorFacts(client, relation.sql, cursor, condition, { at, before: request.before }));
  const behind = cursor && facts ? leftBehind(request, cursor, facts) : [];
  const zeros = await zeroDates(extraction, columns, condition);
  const stream = await Stream.open(await engine, address);
  return thenCleanUp(
    async () => {
      cancellation.watchStream(stream);
      const rows = await write(extraction, stream, columns, condition).catch(async (error: unknown) => {
        if (!messageOf(error).includes(LOSS)) throw error;
        throw await lossOf(extraction, columns, condition, messageOf(error));
      });
      await mustBeAsItWas(extraction, found);
      const file = join(request.directory, FILE);
      const mark = cursor && rows ? await markIn(stream, file, cursor, columns, since) : null;
      if (!rows) await unlink(file);
      return {
        schema: schemaOf(columns),
        files: rows ? [{ path: FILE, rows }] : [],
        rows,
        highWaterMark: mark,
        ...(table.timezone !== undefined && { timezone: table.timezone }),
        ...(cursor && { cursor: nameOf(cursor) }),
        ...(modeOf(table.extract).covers === 'new' && { since }),
        ...(facts && facts.before && { before: facts.before }),
        ...(notes.length && { notes }),
        reach: horizon?.reach ?? { upTo: `${at.slice(0, 19)}Z` },
        coercions: [...behind, ...zeros],
        extractedAt: at,
      };
    },
    () => stream.close(),
  );
}

/** Waits for whom must be waited for. */
async function settled(
  { client, relation, request }: Extraction,
  cursor: Cursor | undefined,
  replica: boolean,
): Promise<{ horizon: Horizon | undefined; notes: string[] }> {
  const { extract } = request.table;
  const name = shown(relation.name);
  const notes: string[] = [];
  if (relation.engine !== null && !TRANSACTIONAL.test(relation.engine))
    notes.push(
      `is of the engine ${relation.engine}, which has no transactions and no snapshot: what a program writes in several statements may be read in between`,
    );
  if (cursor && modeOf(extract).covers === 'new') {
    const lookback = lookbackOf(extract);
    return { horizon: await findHorizon(client, relation.sql, cursor, name, { lookback, replica }), notes };
  }
  if (cursor) {
    const tell = (waitingFor: string) => request.onProgress?.({ bytes: 0, waitingFor });
    const note = await untilWritten(client, name, request.interval.end, replica, tell);
    if (note) notes.push(note);
  }
  return { horizon: undefined, notes };
}

/** Of MariaDB and MySQL. Rows of others are of the moment in which they are read. */
const TRANSACTIONAL = /^(innodb|rocksdb|ndbcluster|ndb)$/i;

function conditionOf(
  { table, interval }: ExtractRequest,
  cursor: Cursor,
  since: string | null,
  horizon: Horizon | undefined,
): string {
  const { extract } = table;
  if (modeOf(extract).covers !== 'new') return intervalCondition(cursor, interval);
  return incrementalCondition(cursor, since, lookbackOf(extract), horizon?.upTo, table.write === 'append');
}

/** @returns the rows written */
async function write(
  { relation, request, parquetVersion }: Extraction,
  stream: Stream,
  columns: readonly CarriedColumn[],
  condition: string | undefined,
): Promise<number> {
  const { directory, onProgress } = request;
  const values = columns.map(({ carriage }, index) => `${carriage.sql} AS c${index}`);
  const statement = `SELECT ${values.join(', ')} FROM ${relation.sql}${condition === undefined ? '' : ` WHERE ${condition}`}`;
  const read = columns.map(
    ({ name, carriage }, index) =>
      `${guarded(name, carriage.read(`c${index}`), `c${index}`)} AS ${duckdbIdentifier(name)}`,
  );
  const timer =
    onProgress && setInterval(() => onProgress({ bytes: bytesIn(directory) }), PROGRESS_INTERVAL_MS);
  try {
    const [row] = await stream.run(
      `COPY (SELECT ${read.join(', ')} FROM ${stream.rowsOf(statement)}) TO ${duckdbLiteral(join(directory, FILE))} (${parquetOptions(parquetVersion)})`,
    );
    onProgress?.({ bytes: bytesIn(directory) });
    return Number(row?.[0]);
  } finally {
    clearInterval(timer);
  }
}

function guarded(name: string, read: string, value: string): string {
  if (read === value) return value;
  return `CASE WHEN ${value} IS NOT NULL THEN coalesce(${read}, error(${duckdbLiteral(`${LOSS}: ${name}`)})) END`;
}

/** The greatest cursor in the file, never below the mark that was read from. */
async function markIn(
  stream: Stream,
  file: string,
  { column }: Cursor,
  columns: readonly CarriedColumn[],
  since: string | null,
): Promise<string | null> {
  const type = duckDbType(columns.find(({ name }) => name === column)?.type ?? 'string');
  const given = since === null ? 'NULL' : `TRY_CAST(${duckdbLiteral(since)} AS ${type})`;
  const [row] = await stream.run(
    `SELECT greatest(max(${duckdbIdentifier(column)}), ${given})::VARCHAR FROM read_parquet(${duckdbLiteral(file)})`,
  );
  const mark = row?.[0];
  return typeof mark === 'string' ? mark : null;
}

/** Rows whose zero dates become NULL. */
async function zeroDates(
  { client, relation, request }: Extraction,
  columns: readonly CarriedColumn[],
  condition: string | undefined,
): Promise<Coercion[]> {
  const days = columns.filter(({ carriage }) => nullsZeros(carriage, request.table));
  if (!days.length) return [];
  const counts = days.map(
    ({ name }, index) => `COUNT(CASE WHEN ${isZeroDate(identifier(name))} THEN 1 END) AS n${index}`,
  );
  const [rows] = await client.query<RowDataPacket[]>(
    `SELECT ${counts.join(', ')} FROM ${relation.sql}${condition === undefined ? '' : ` WHERE ${condition}`}`,
  );
  return days
    .map(({ name }, index) => ({
      column: name,
      rule: 'zero dates become NULL',
      rows: Number(rows[0]?.[`n${index}`] ?? 0),
    }))
    .filter((each) => each.rows);
}

/** Counts every value that does not arrive exactly: a stream stops at the first. */
async function lossOf(
  { client, relation, request }: Extraction,
  columns: readonly CarriedColumn[],
  condition: string | undefined,
  message: string,
): Promise<TerminalError> {
  const suspects = columns.filter(({ carriage }) => carriage.loss);
  const counts = suspects.map(
    ({ carriage }, index) => `COUNT(CASE WHEN ${carriage.loss?.sql} THEN 1 END) AS n${index}`,
  );
  const [rows] = counts.length
    ? await client.query<RowDataPacket[]>(
        `SELECT ${counts.join(', ')} FROM ${relation.sql}${condition === undefined ? '' : ` WHERE ${condition}`}`,
      )
    : [[]];
  const problems = suspects.flatMap(({ name, carriage: { loss } }, index) => {
    const count = Number(rows[0]?.[`n${index}`] ?? 0);
    const what = `column '${name}': ${count} ${count === 1 ? 'row holds' : 'rows hold'} ${loss?.what}`;
    return count && loss ? [`${what}. Correct the values, ${loss.advice}, or exclude the column`] : [];
  });
  const told = columns.find(({ name }) => message.includes(`${LOSS}: ${name}`));
  if (!problems.length)
    problems.push(
      `column '${told?.name}' holds a value that ${told?.type} does not hold. Correct it, set types: { <column>: 'string' }, or exclude the column`,
    );
  return new TerminalError(
    `Table '${request.table.name}' cannot be extracted exactly: ${problems.join('; ')}.`,
  );
}

/** A statement keeps others from changing its table; before it, they may. @throws {Unreachable} */
async function mustBeAsItWas({ client, relation }: Extraction, before: unknown): Promise<void> {
  if (JSON.stringify(await readColumns(client, relation)) === JSON.stringify(before)) return;
  throw new Unreachable(
    `Table ${shown(relation.name)} was altered while it was read; the next attempt reads it as it is then.`,
  );
}

async function clock(client: Connection): Promise<string> {
  const [rows] = await client.query<RowDataPacket[]>(
    `SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ') AS at`,
  );
  return String(rows[0]?.['at']);
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
