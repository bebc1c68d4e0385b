import { thenCleanUp } from '../../../core/clean-up.ts';
import { lookbackOf, modeOf } from '../../../core/extract-modes.ts';
import { readdirSync, statSync } from 'node:fs';
import { rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import type { Client } from 'pg';
import { messageOf, TerminalError } from '../../../core/errors.ts';
import { toInstant } from '../../../core/interval.ts';
import type { Cancellation } from './cancel.ts';
import { readColumns, readLeaves, type Relation } from './catalog.ts';
import { carryColumns, schemaOf, type CarriedColumn } from './columns.ts';
import { incrementalCondition, intervalCondition, usableMark } from './conditions.ts';
import type { Cursor } from '../named-columns.ts';
import { cursorOf, nameOf } from './cursor.ts';
import type { ParquetVersion } from '../../duckdb/parquet-options.ts';
import { leftBehind } from '../left-behind.ts';
import { cursorFacts, type CursorFacts } from './facts.ts';
import type { Horizon } from './horizon.ts';
import {
  copyStatement,
  cutIntoParts,
  lossQuery,
  mayHaveLost,
  partQuery,
  tellsOfLoss,
  type FileStatistics,
  type Part,
} from './plan.ts';
import type { PostgresAddress } from '../../postgres/address.ts';
import { followed } from './set-back.ts';
import { quoted } from './sql.ts';
import { Streams } from './streams.ts';
import type { Extracted, ExtractRequest } from '../port.ts';

/** A session that holds the snapshot, and what it is for. */
export interface Extraction {
  readonly client: Client;
  readonly relation: Relation;
  readonly snapshot: { readonly id: string; readonly at: string };
  /** Of an incremental extraction. */
  readonly horizon: Horizon | undefined;
  readonly request: ExtractRequest;
  readonly cancellation: Cancellation;
  readonly address: PostgresAddress;
  /** Sessions that may read at the same time. */
  readonly streams: number;
  readonly engine: Promise<DuckDBInstance>;
  readonly parquetVersion: ParquetVersion;
  /** Columns beside the table's own, which come before them. */
  readonly added?: readonly CarriedColumn[];
}

/** A share of the table above which reading all of it on several streams beats an index on one. */
const LARGE_SHARE = 0.25;
/** Bytes of a row, as stored. DuckDB holds 2,048 rows of each stream at once, whatever their size. */
const WIDE_ROW = 16 * 1024;
const PROGRESS_INTERVAL = 1000; // milliseconds

/** Extracts within the snapshot that the session holds. */
export async function extractTable(extraction: Extraction): Promise<Extracted> {
  const { client, relation, snapshot, request, cancellation, address, engine } = extraction;
  const { table } = request;
  const found = await readColumns(client, relation);
  const columns = [...(extraction.added ?? []), ...carryColumns(table, found)];
  const cursor =
    modeOf(table.extract).mark === 'cursor' ? cursorOf(table, quoted(relation.name), found) : undefined;
  const since = cursor && modeOf(table.extract).covers === 'new' ? usableMark(request, cursor) : null;
  const condition = cursor && (await conditionOf(extraction, cursor, since));
  const { parts, wide } = await planParts(client, relation, columns, condition);

  const streams = await Streams.open(
    await engine,
    wide ? 1 : Math.min(extraction.streams, parts.length),
    address,
    snapshot.id,
    relation,
  );
  return thenCleanUp(
    async () => {
      cancellation.watchStreams(streams);
      const [files, facts] = await Promise.all([
        writeParts(extraction, streams, columns, parts, condition),
        cursor && condition !== undefined
          ? factsOf(extraction, cursor, condition, since).catch((error: unknown) => {
              streams.interrupt();
              throw error;
            })
          : undefined,
      ]).catch(async (error: unknown) => {
        if (error instanceof TerminalError || !tellsOfLoss(messageOf(error))) throw error;
        throw (await lossOf(extraction, columns, condition)) ?? error;
      });
      return {
        schema: schemaOf(columns),
        files,
        rows: files.reduce((sum, file) => sum + file.rows, 0),
        highWaterMark: facts?.mark ?? null,
        ...(table.timezone !== undefined && { timezone: table.timezone }),
        ...(cursor && { cursor: nameOf(cursor) }),
        ...(modeOf(table.extract).covers === 'new' && { since }),
        ...(facts?.before && { before: facts.before }),
        ...(facts?.notes.length && { notes: facts.notes }),
        reach: extraction.horizon?.reach ?? { upTo: toInstant(new Date(snapshot.at)) },
        coercions: cursor && facts ? leftBehind(request, cursor, facts) : [],
        extractedAt: snapshot.at,
      };
    },
    () => streams.close(),
  );
}

async function conditionOf(
  { client, request, horizon }: Extraction,
  cursor: Cursor,
  since: string | null,
): Promise<string> {
  const { extract } = request.table;
  if (modeOf(extract).covers !== 'new') return intervalCondition(cursor, request.interval);
  const upTo = horizon?.upTo ?? null;
  const once = request.table.write === 'append';
  return incrementalCondition(client, cursor, since, lookbackOf(extract), upTo, once);
}

/** Few rows behind an index: as PostgreSQL plans it, on one stream. Otherwise by pages, on all of them. */
async function planParts(
  client: Client,
  relation: Relation,
  columns: readonly CarriedColumn[],
  condition: string | undefined,
): Promise<Plan> {
  const server = await client.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  );
  const leaves = await readLeaves(client, relation);
  const all = await planOf(client, partQuery('as planned', relation.sql, columns, undefined));
  const bytes = leaves.reduce((sum, leaf) => sum + leaf.bytes, 0);
  const wide = bytes / Math.max(all.rows, 1) > WIDE_ROW;
  const asPlanned: Plan = { parts: ['as planned'], wide };
  // Before PostgreSQL 14 a range of ctids means a scan of the whole table.
  if (!leaves.length || (server.rows[0]?.version ?? 0) < 140000) return asPlanned;
  if (condition !== undefined) {
    const some = await planOf(client, partQuery('as planned', relation.sql, columns, condition));
    if (!some.scans && some.rows < all.rows * LARGE_SHARE) return asPlanned;
  }
  return { parts: cutIntoParts(leaves), wide };
}

interface Plan {
  readonly parts: Part[];
  /** Rows are so wide that a second stream would take too much memory. */
  readonly wide: boolean;
}

async function planOf(client: Client, query: string): Promise<{ rows: number; scans: boolean }> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    `EXPLAIN (FORMAT JSON) ${query}`,
  );
  const plan = rows[0]?.['QUERY PLAN'][0].Plan;
  return { rows: plan?.['Plan Rows'] ?? 0, scans: plan ? scans(plan) : true };
}

interface PlanNode {
  'Node Type': string;
  'Plan Rows': number;
  Plans?: PlanNode[];
}

function scans(node: PlanNode): boolean {
  return node['Node Type'] === 'Seq Scan' || (node.Plans ?? []).some(scans);
}

async function writeParts(
  extraction: Extraction,
  streams: Streams,
  columns: readonly CarriedColumn[],
  parts: readonly Part[],
  condition: string | undefined,
): Promise<{ path: string; rows: number }[]> {
  const { relation, request, parquetVersion } = extraction;
  const { directory, onProgress } = request;
  const nameOf = (index: number) => `part-${index}.parquet`;
  const timer = onProgress && setInterval(() => onProgress({ bytes: bytesIn(directory) }), PROGRESS_INTERVAL);
  try {
    const written = await streams.each(
      parts,
      (part, index, database) =>
        copyStatement(
          database,
          partQuery(part, relation.sql, columns, condition),
          columns,
          join(directory, nameOf(index)),
          parquetVersion,
        ),
      (result, _, index) => {
        const [, rows, , , statistics] = result[0] ?? [];
        return {
          path: nameOf(index),
          rows: Number(rows ?? 0),
          doubtful: Number(rows) > 0 && mayHaveLost(statistics as unknown as FileStatistics, columns),
        };
      },
    );
    const lost = written.some(({ doubtful }) => doubtful) && (await lossOf(extraction, columns, condition));
    if (lost) throw lost;
    for (const { path } of written.filter(({ rows }) => !rows)) await unlink(join(directory, path));
    const files = written
      .filter(({ rows }) => rows)
      .map(({ rows }, index) => ({ path: nameOf(index), rows }));
    for (const [index, { path }] of written.filter(({ rows }) => rows).entries()) {
      if (path !== nameOf(index)) await rename(join(directory, path), join(directory, nameOf(index)));
    }
    onProgress?.({ bytes: bytesIn(directory) });
    return files;
  } finally {
    clearInterval(timer);
  }
}

/** @throws {TerminalError} rows would stay behind for ever, or be missed */
async function factsOf(
  { client, relation, snapshot, request }: Extraction,
  cursor: Cursor,
  condition: string,
  since: string | null,
): Promise<CursorFacts & { readonly notes: readonly string[] }> {
  const about = { mark: since, at: snapshot.at, before: request.before };
  const facts = await cursorFacts(client, relation.sql, cursor, condition, about);
  leftBehind(request, cursor, facts);
  const notes =
    since === null ? [] : await followed(client, relation, cursor, { mark: since, greatest: facts.greatest });
  return { ...facts, notes };
}

/** Asks for every value that does not arrive exactly: a stream stops at the first, without a word on which. */
async function lossOf(
  { client, relation, request }: Extraction,
  columns: readonly CarriedColumn[],
  condition: string | undefined,
): Promise<TerminalError | undefined> {
  const { name } = request.table;
  const { rows } = await client.query<Record<string, string | null>>(
    lossQuery(relation.sql, columns, condition),
  );
  const problems = columns.flatMap(({ name: column, type, carriage }, index) => {
    const count = Number(rows[0]?.[`n${index}`] ?? 0);
    return count && carriage.loss
      ? [
          `column '${column}': ${count} ${count === 1 ? 'row holds' : 'rows hold'} ${carriage.loss.what}, which ${type} does not hold`,
        ]
      : [];
  });
  if (!problems.length) return undefined;
  return new TerminalError(
    `Table '${name}' cannot be extracted exactly: ${problems.join('; ')}. Correct the values, set types: { <column>: 'string' }, or exclude the column.`,
  );
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}
