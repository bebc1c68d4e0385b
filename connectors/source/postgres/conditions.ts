import type { Client } from 'pg';
import { inWords } from '../../../core/duration.ts';
import { TerminalError } from '../../../core/errors.ts';
import type { DataInterval, Instant } from '../../../core/interval.ts';
import { dayBeginningAt, localBound } from '../../../core/local-time.ts';
import { columnOf, mayBelong } from '../../../core/mark.ts';
import type { Cursor } from '../named-columns.ts';
import { nameOf } from './cursor.ts';
import { mustHaveBeen } from './set-back.ts';
import { identifier, literal } from './sql.ts';
import type { ExtractRequest } from '../port.ts';

/**
 * PostgreSQL condition for the rows whose cursor lies in `[start, end)`; local times as core/local-time.ts cuts them.
 * @throws {TerminalError} the cursor is a date, and an end of the interval is no midnight of the table's zone
 */
export function intervalCondition(cursor: Cursor, interval: DataInterval): string {
  const column = identifier(cursor.column);
  return `${column} >= ${boundOf(cursor, interval.start)} AND ${column} < ${boundOf(cursor, interval.end)}`;
}

/** Whether both ends of an interval can be told in the cursor's type: a date needs midnights of the table's zone. */
export function isCut({ type, zone }: Cursor, { start, end }: DataInterval): boolean {
  return type !== 'date' || [start, end].every((at) => dayBeginningAt(at, zone) !== undefined);
}

/** An instant in the cursor's type, as an expression. */
function boundOf(cursor: Cursor, instant: Instant): string {
  return `${literal(boundText(cursor, instant))}::${cursor.type}`;
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
  lookbackMs: number,
  upTo: string | null,
  once: boolean,
): Promise<string> {
  const column = identifier(cursor.column);
  if (lookbackMs && cursor.kind === 'counter') {
    throw new TerminalError(
      `Cursor column '${cursor.column}' (${cursor.type}) is no time, so a lookback of ${inWords(lookbackMs)} means nothing for it. Set lookback: '0 seconds', or choose a time as cursor.`,
    );
  }
  const conditions: string[] = [];
  if (mark !== null) {
    const step = lookbackMs ? ` - interval '${lookbackMs} milliseconds'` : '';
    const { rows } = await client.query<{ from: string }>(
      `SELECT ($1::${cursor.type}${step})::${cursor.type}::text AS from`,
      [mark],
    );
    await mustHaveBeen(client, cursor, rows[0]?.from ?? mark);
    conditions.push(`${column} ${once ? '>' : '>='} ${literal(rows[0]?.from ?? mark)}::${cursor.type}`);
  }
  const until = once && cursor.kind === 'time' ? '<' : '<=';
  conditions.push(upTo === null ? 'false' : `${column} ${until} ${literal(upTo)}::${cursor.type}`);
  const stray = outOfRange(cursor);
  if (stray !== undefined) conditions.push(`NOT (${stray})`);
  return conditions.join(' AND ');
}

/** Condition for cursors that no interval can ever hold, and that nothing follows; undefined where the type has none. */
export function outOfRange({ column, type, kind }: Cursor): string | undefined {
  const name = identifier(column);
  // Instants are written with four digits of a year; infinities lie outside of them.
  if (kind === 'time') return `${name} < '0001-01-01'::${type} OR ${name} >= '10000-01-01'::${type}`;
  return type === 'numeric' ? `${name}::text IN ('NaN', 'Infinity', '-Infinity')` : undefined;
}

const WHOLE = /^-?\d+$/;
/** How PostgreSQL writes values of a type that can be a cursor. A mark that is written otherwise is none of them. */
const WRITTEN: Readonly<Record<string, RegExp>> = {
  int2: WHOLE,
  int4: WHOLE,
  int8: WHOLE,
  oid: WHOLE,
  numeric: /^-?\d+(\.\d+)?$/,
  date: /^\d{4,}-\d\d-\d\d$/,
  timestamp: /^\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/,
  timestamptz: /^\d{4,}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d(:\d\d)*$/,
};

/**
 * The mark to read on from, null for the beginning. One of another column or type is not used, nor one that nobody wrote this down
 * for and that the type would not write so.
 * @throws {TerminalError} such a mark, where reading from the beginning would append all rows a second time
 */
export function usableMark(
  { table, mark }: Pick<ExtractRequest, 'table' | 'mark'>,
  cursor: Cursor,
): string | null {
  if (!mark) return null;
  const written = WRITTEN[cursor.type] ?? /^/;
  if (mayBelong(mark, nameOf(cursor)) && written.test(mark.value)) return mark.value;
  if (table.write !== 'append') return null;
  const of = mark.cursor
    ? ` of '${columnOf(mark.cursor) ?? 'its log of changes'}' (${mark.cursor.type})`
    : '';
  throw new TerminalError(
    `Table '${table.name}' was read up to a mark${of} that is no value of its cursor '${cursor.column}' (${cursor.type}): where to go on cannot be told, ` +
      `and 'append' from the beginning would bring every row twice. Go back to the cursor before, use write: 'merge', or drop the table in the warehouse and run again.`,
  );
}

function boundText({ column, type, zone }: Cursor, instant: Instant): string {
  if (type === 'timestamptz') return instant;
  if (type === 'timestamp') return localBound(instant, zone);
  const day = dayBeginningAt(instant, zone);
  if (day !== undefined) return day;
  throw new TerminalError(
    `Cursor column '${column}' is a date, and ${instant} is no midnight in ${zone}: the days of an interval that begins or ends there cannot be told apart. ` +
      `Set 'timezone' of the table, or of its connection, to the zone that the schedule's days are in, run whole days, or choose a time as cursor.`,
  );
}
