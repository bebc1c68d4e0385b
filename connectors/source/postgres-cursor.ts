import type { Client } from 'pg';
import { milliseconds } from '../../core/duration.ts';
import { TerminalError } from '../../core/errors.ts';
import type { Instant } from '../../core/interval.ts';
import type { SourceColumn } from './postgres-catalog.ts';
import { identifier, literal } from './postgres-sql.ts';
import type { ExtractRequest } from './port.ts';

const TIMES = ['timestamp', 'timestamptz', 'date'];
const COUNTERS = ['int2', 'int4', 'int8', 'oid', 'numeric', 'text', 'varchar'];

/** The ordering column of an extraction. */
export interface Cursor {
  readonly column: string;
  /** The type to which bounds are cast: `timestamptz`, `int8`. */
  readonly type: string;
  readonly kind: 'time' | 'counter';
  readonly nullable: boolean;
  readonly indexed: boolean;
}

/** @throws {TerminalError} naming the columns that would do, when the cursor is missing or has no fitting order */
export function cursorOf(
  extract: { readonly mode: 'interval' | 'incremental'; readonly cursor: string },
  table: string,
  columns: readonly SourceColumn[],
): Cursor {
  const fitting = extract.mode === 'interval' ? TIMES : [...TIMES, ...COUNTERS];
  const fits = ({ type }: SourceColumn) => type.builtIn && type.kind === 'b' && fitting.includes(type.name);
  const candidates = columns.filter(fits).map(({ name }) => name);
  const advice = candidates.length
    ? `Columns that can be a cursor: ${candidates.join(', ')}.`
    : `The table has no column that can be one; use mode 'snapshot'.`;
  const column = columns.find(({ name }) => name === extract.cursor);
  if (!column)
    throw new TerminalError(`Cursor column '${extract.cursor}' is not in table ${table}. ${advice}`);
  const { name, builtIn, declared } = column.type;
  if (!fits(column)) {
    const counter = builtIn && COUNTERS.includes(name);
    const reason = counter ? `lies in no time interval` : `has no order that follows time`;
    throw new TerminalError(
      `Cursor column '${extract.cursor}' (${declared}) of table ${table} ${reason}. ${advice}${counter ? ` For this column use mode 'incremental'.` : ''}`,
    );
  }
  return {
    column: column.name,
    type: name,
    kind: TIMES.includes(name) ? 'time' : 'counter',
    nullable: column.nullable,
    indexed: column.indexed,
  };
}

/** PostgreSQL condition for the rows whose cursor lies in `[start, end)`. A day stands for its midnight, a time without zone for UTC. */
export function intervalCondition(cursor: Cursor, interval: { start: Instant; end: Instant }): string {
  const column = identifier(cursor.column);
  const bound = (instant: Instant) => `${literal(boundText(cursor.type, instant))}::${cursor.type}`;
  return `${column} >= ${bound(interval.start)} AND ${column} < ${bound(interval.end)}`;
}

/**
 * PostgreSQL condition for the rows from the mark, minus the lookback, up to the horizon (null: none of them). Both ends are inclusive:
 * rows that share the mark's value, or come later with the horizon's, are read again and merged, not lost.
 * Where rows are appended (`once`) none may be read again, so both ends are exclusive: before the horizon every
 * transaction has ended, so none of them can still bring a row with a value that was read. Only a counter's horizon is
 * read itself: that value is committed, and a sequence does not give it out again.
 */
export async function incrementalCondition(
  client: Client,
  cursor: Cursor,
  mark: string | null,
  lookback: string,
  upTo: string | null,
  once: boolean,
): Promise<string> {
  const column = identifier(cursor.column);
  const back = milliseconds(lookback);
  if (back && cursor.kind === 'counter') {
    throw new TerminalError(
      `Cursor column '${cursor.column}' (${cursor.type}) is no time, so a lookback of ${lookback} means nothing for it. Set lookback: '0 seconds', or choose a time as cursor.`,
    );
  }
  const conditions: string[] = [];
  if (mark !== null) {
    const step = back ? ` - interval '${back} milliseconds'` : '';
    const { rows } = await client.query<{ from: string }>(
      `SELECT ($1::${cursor.type}${step})::${cursor.type}::text AS from`,
      [mark],
    );
    conditions.push(`${column} ${once ? '>' : '>='} ${literal(rows[0]?.from ?? mark)}::${cursor.type}`);
  }
  const until = once && cursor.kind === 'time' ? '<' : '<=';
  conditions.push(upTo === null ? 'false' : `${column} ${until} ${literal(upTo)}::${cursor.type}`);
  return conditions.join(' AND ');
}

export interface CursorFacts {
  /** Rows of the whole table without a cursor. */
  readonly nulls: number;
  /** Greatest cursor among the rows of the extraction, never below the mark given; null when there are none. */
  readonly mark: string | null;
}

/** Counts and bounds, asked of the session that holds the snapshot. One pass where no index helps. */
export async function cursorFacts(
  client: Client,
  relation: string,
  cursor: Cursor,
  condition: string,
  before: string | null,
): Promise<CursorFacts> {
  const [row] = (
    await client.query<{ nulls: string; mark: string | null }>(factsSql(relation, cursor, condition), [
      before,
    ])
  ).rows;
  return { nulls: Number(row?.nulls ?? 0), mark: row?.mark ?? null };
}

export function factsSql(relation: string, cursor: Cursor, condition: string): string {
  const column = identifier(cursor.column);
  const greatest = `CASE WHEN m IS NULL THEN NULL ELSE greatest(m, $1::${cursor.type}) END::text AS mark`;
  if (cursor.indexed || !cursor.nullable) {
    const nulls = cursor.nullable ? `(SELECT count(*) FROM ${relation} WHERE ${column} IS NULL)` : '0';
    return `SELECT ${nulls} AS nulls, ${greatest} FROM (SELECT max(${column}) AS m FROM ${relation} WHERE ${condition}) AS facts`;
  }
  return `SELECT nulls, ${greatest} FROM (SELECT count(*) FILTER (WHERE ${column} IS NULL) AS nulls, max(${column}) FILTER (WHERE ${condition}) AS m FROM ${relation}) AS facts`;
}

/** @throws {TerminalError} when rows have no cursor and the table does not say that they may stay behind */
export function mustAllowNulls(request: ExtractRequest, cursor: Cursor, nulls: number): void {
  const { extract, name } = request.table;
  if (!nulls || (extract.mode !== 'snapshot' && extract.cursorNulls === 'exclude')) return;
  throw new TerminalError(
    `Table '${name}' has ${nulls} ${nulls === 1 ? 'row' : 'rows'} whose cursor '${cursor.column}' is NULL: they belong to no interval. ` +
      `Fill the column, or set cursorNulls: 'exclude' to leave such rows out and count them.`,
  );
}

function boundText(type: string, instant: Instant): string {
  if (type === 'timestamptz') return instant;
  if (type === 'timestamp') return instant.slice(0, 19).replace('T', ' ');
  const date = new Date(instant);
  if (!instant.endsWith('T00:00:00Z')) date.setUTCDate(date.getUTCDate() + 1); // The first midnight not before it.
  return date.toISOString().slice(0, 10);
}
