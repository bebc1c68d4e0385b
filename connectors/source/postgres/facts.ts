import type { Client } from 'pg';
import { intervalCondition, isCut, outOfRange } from './conditions.ts';
import type { Cursor } from '../named-columns.ts';
import { identifier, literal } from './sql.ts';
import type { Extracted, ExtractRequest } from '../port.ts';

/** What the snapshot says of a table's cursors, beside the rows that are extracted. */
export interface CursorFacts {
  /** Greatest cursor among the rows of the extraction, never below the mark given; null when there are none. */
  readonly mark: string | null;
  /** Greatest cursor of the whole table, but for those that no interval holds; null where it has no rows, or there is no mark to compare it with. */
  readonly greatest: string | null;
  /** Rows of the whole table without a cursor. */
  readonly nulls: number;
  /** Rows whose cursor no interval can hold, such as infinity. */
  readonly stray: number;
  /** Rows whose cursor lies after the snapshot, and after what is extracted. */
  readonly future: number;
  /** Rows of the interval that the request wants counted; undefined where it wants none, or its days cannot be told apart. */
  readonly before: Extracted['before'];
}

/** Counts and bounds, asked of the session that holds the snapshot. One pass where no index helps. */
export async function cursorFacts(
  client: Client,
  relation: string,
  cursor: Cursor,
  condition: string,
  about: FactsAbout,
): Promise<CursorFacts> {
  const before = countable(cursor, about.before);
  const [row] = (
    await client.query<Record<keyof CursorFacts, string | null>>(
      factsSql(relation, cursor, condition, { ...about, before }),
      [about.mark],
    )
  ).rows;
  const count = (name: keyof CursorFacts) => Number(row?.[name] ?? 0);
  return {
    mark: row?.mark ?? null,
    greatest: row?.greatest ?? null,
    nulls: count('nulls'),
    stray: count('stray'),
    future: count('future'),
    before: before && { interval: before, rows: count('before') },
  };
}

/** An interval that was cut otherwise than today's may have no days: a count that only warns must not keep rows from being read. */
function countable(cursor: Cursor, before: ExtractRequest['before']): ExtractRequest['before'] {
  return before && cursor.kind === 'time' && isCut(cursor, before) ? before : undefined;
}

export interface FactsAbout {
  /** The mark that the extraction was read from. */
  readonly mark: string | null;
  /** When the snapshot was taken: ISO 8601, UTC. */
  readonly at: string;
  readonly before: ExtractRequest['before'];
}

function factsSql(
  relation: string,
  cursor: Cursor,
  condition: string,
  { mark, at, before }: FactsAbout,
): string {
  const column = identifier(cursor.column);
  const stray = outOfRange(cursor);
  const now = `${literal(at)}::timestamptz${cursor.type === 'timestamptz' ? '' : ` AT TIME ZONE ${literal(cursor.zone)}`}`;
  const counts: Record<'nulls' | 'stray' | 'future' | 'before', string | undefined> = {
    nulls: cursor.nullable ? `${column} IS NULL` : undefined,
    stray,
    future:
      cursor.kind === 'time' && stray !== undefined
        ? `${column} > (${now})::${cursor.type} AND NOT (${stray}) AND NOT (${condition})`
        : undefined,
    before: before && intervalCondition(cursor, before),
  };
  const own = stray === undefined ? 'true' : `NOT (${stray})`;
  const newest = `CASE WHEN m IS NULL THEN NULL ELSE greatest(m, $1::${cursor.type}) END::text AS mark`;
  const names = Object.keys(counts).join(', ');
  const each = Object.entries(counts).map(([name, what]) =>
    what === undefined
      ? `0 AS ${name}`
      : cursor.indexed
        ? `(SELECT count(*) FROM ${relation} WHERE ${what}) AS ${name}`
        : `count(*) FILTER (WHERE ${what}) AS ${name}`,
  );
  const max = (where: string) =>
    cursor.indexed
      ? `(SELECT max(${column}) FROM ${relation} WHERE ${where})`
      : `max(${column}) FILTER (WHERE ${where})`;
  const facts =
    `SELECT ${each.join(', ')}, ${max(condition)} AS m, ${mark === null ? 'NULL' : `${max(own)}::text`} AS greatest` +
    (cursor.indexed ? '' : ` FROM ${relation}`);
  return `SELECT ${names}, greatest, ${newest} FROM (${facts}) AS facts`;
}
