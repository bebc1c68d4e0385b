import type { Client } from 'pg';
import { messageOf, TerminalError } from '../../../core/errors.ts';
import { lookbackOf, modeOf } from '../../../core/extract-modes.ts';
import { toInstant } from '../../../core/interval.ts';
import { leftBehind } from '../left-behind.ts';
import type { Cursor } from '../named-columns.ts';
import type { Extracted, ExtractRequest } from '../port.ts';
import { readColumns, type Relation } from './catalog.ts';
import { carryColumns, schemaOf, type CarriedColumn } from './columns.ts';
import { incrementalCondition, intervalCondition, usableMark } from './conditions.ts';
import { cursorOf, nameOf } from './cursor.ts';
import { cursorFacts, type CursorFacts } from './facts.ts';
import type { Horizon } from './horizon.ts';
import { planParts, type Plan } from './plan-parts.ts';
import { lossQuery, tellsOfLoss } from './plan.ts';
import { followed } from './set-back.ts';
import { quoted } from './sql.ts';

/** A session that holds the snapshot, and what it is for: the same whichever way the rows go. */
export interface Reading {
  readonly client: Client;
  readonly relation: Relation;
  readonly snapshot: { readonly id: string; readonly at: string };
  /** Of an incremental extraction. */
  readonly horizon: Horizon | undefined;
  readonly request: Omit<ExtractRequest, 'directory' | 'onProgress'>;
  /** Columns beside the table's own, which come before them. */
  readonly added?: readonly CarriedColumn[];
}

/** The rows of an extraction, and how they are cut. */
export interface Rows extends Plan {
  readonly columns: readonly CarriedColumn[];
  readonly condition: string | undefined;
}

type Facts = CursorFacts & { readonly notes: readonly string[] };

/** Asks for what the snapshot says beside the rows; undefined where there is no cursor. @throws {TerminalError} rows would stay behind for ever, or be missed */
export type AskFacts = () => Promise<Facts | undefined>;

/**
 * Reads within the snapshot that the session holds.
 * @param write has the rows written to files, a file for each part, and asks for the facts when it suits: the session is its own meanwhile
 */
export async function readTable<File extends { readonly rows: number }>(
  reading: Reading,
  write: (rows: Rows, facts: AskFacts) => Promise<readonly [files: File[], facts: Facts | undefined]>,
): Promise<Omit<Extracted, 'files'> & { readonly files: File[] }> {
  const { client, relation, snapshot, request } = reading;
  const { table } = request;
  const found = await readColumns(client, relation);
  const columns = [...(reading.added ?? []), ...carryColumns(table, found)];
  const cursor =
    modeOf(table.extract).mark === 'cursor' ? cursorOf(table, quoted(relation.name), found) : undefined;
  const since = cursor && modeOf(table.extract).covers === 'new' ? usableMark(request, cursor) : null;
  const condition = cursor && (await conditionOf(reading, cursor, since));
  const plan = await planParts(client, relation, columns, condition);
  const ask: AskFacts = async () =>
    cursor && condition !== undefined ? factsOf(reading, cursor, condition, since) : undefined;
  const [files, facts] = await write({ ...plan, columns, condition }, ask).catch(async (error: unknown) => {
    if (error instanceof TerminalError || !tellsOfLoss(messageOf(error))) throw error;
    throw (await lossOf(reading, columns, condition)) ?? error;
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
    reach: reading.horizon?.reach ?? { upTo: toInstant(new Date(snapshot.at)) },
    coercions: cursor && facts ? leftBehind(request, cursor, facts) : [],
    extractedAt: snapshot.at,
  };
}

async function conditionOf(
  { client, request, horizon }: Reading,
  cursor: Cursor,
  since: string | null,
): Promise<string> {
  const { extract } = request.table;
  if (modeOf(extract).covers !== 'new') return intervalCondition(cursor, request.interval);
  const upTo = horizon?.upTo ?? null;
  const once = request.table.write === 'append';
  return incrementalCondition(client, cursor, since, lookbackOf(extract), upTo, once);
}

async function factsOf(
  { client, relation, snapshot, request }: Reading,
  cursor: Cursor,
  condition: string,
  since: string | null,
): Promise<Facts> {
  const about = { mark: since, at: snapshot.at, before: request.before };
  const facts = await cursorFacts(client, relation.sql, cursor, condition, about);
  leftBehind(request, cursor, facts);
  const notes =
    since === null ? [] : await followed(client, relation, cursor, { mark: since, greatest: facts.greatest });
  return { ...facts, notes };
}

/** Asks for every value that does not arrive exactly: a stream stops at the first, without a word on which. */
export async function lossOf(
  { client, relation, request }: Reading,
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
