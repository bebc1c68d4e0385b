import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Extracted, ExtractRequest } from '../port.ts';
import { intervalCondition, isCut, outOfRange } from './conditions.ts';
import type { Cursor } from '../named-columns.ts';
import { nameOf } from './cursor.ts';
import { identifier, literal } from './sql.ts';
import { localBound } from '../../../core/local-time.ts';

/** What the source says of a table's cursors, beside the rows that are extracted. */
export interface CursorFacts {
  /** Rows of the whole table without a cursor. */
  readonly nulls: number;
  /** Rows whose cursor no interval can hold. */
  readonly stray: number;
  /** Rows whose cursor lies after now, and after what is extracted. */
  readonly future: number;
  /** Rows of the interval that the request wants counted; undefined where it wants none, or its days cannot be told apart. */
  readonly before: Extracted['before'];
}

/** Counts, in one pass where no index helps. */
export async function cursorFacts(
  client: Connection,
  from: string,
  cursor: Cursor,
  condition: string,
  about: { readonly at: string; readonly before: ExtractRequest['before'] },
): Promise<CursorFacts> {
  const column = identifier(cursor.column);
  const stray = outOfRange(cursor);
  const before =
    about.before && cursor.kind === 'time' && isCut(cursor, about.before) ? about.before : undefined;
  const now = localBound(
    `${about.at.slice(0, 19)}Z`,
    nameOf(cursor).type === 'timestamptz' ? 'UTC' : cursor.zone,
  );
  const counts = {
    nulls: cursor.nullable ? `${column} IS NULL` : undefined,
    stray,
    future: cursor.kind === 'time' ? `${column} > ${literal(now)} AND NOT (${condition})` : undefined,
    before: before && intervalCondition(cursor, before),
  };
  const each = Object.entries(counts).map(([name, what]) =>
    what === undefined
      ? `0 AS ${identifier(name)}`
      : cursor.indexed
        ? `(SELECT COUNT(*) FROM ${from} WHERE ${what}) AS ${identifier(name)}`
        : `COUNT(CASE WHEN ${what} THEN 1 END) AS ${identifier(name)}`,
  );
  const [rows] = await client.query<RowDataPacket[]>(
    `SELECT ${each.join(', ')}${cursor.indexed ? '' : ` FROM ${from}`}`,
  );
  const count = (name: keyof typeof counts) => Number(rows[0]?.[name] ?? 0);
  return {
    nulls: count('nulls'),
    stray: count('stray'),
    future: count('future'),
    before: before && { interval: before, rows: count('before') },
  };
}
