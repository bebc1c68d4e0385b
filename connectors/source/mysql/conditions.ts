import { inWords } from '../../../core/duration.ts';
import { TerminalError } from '../../../core/errors.ts';
import type { DataInterval, Instant } from '../../../core/interval.ts';
import { dayBeginningAt, localBound } from '../../../core/local-time.ts';
import { columnOf, mayBelong } from '../../../core/mark.ts';
import type { ExtractRequest } from '../port.ts';
import type { Cursor } from '../named-columns.ts';
import { nameOf } from './cursor.ts';
import { identifier, literal } from './sql.ts';

/**
 * MySQL condition for the rows whose cursor lies in `[start, end)`; local times as core/local-time.ts cuts them.
 * @throws {TerminalError} the cursor is a date, and an end of the interval is no midnight of the table's zone
 */
export function intervalCondition(cursor: Cursor, { start, end }: DataInterval): string {
  const column = identifier(cursor.column);
  return `${column} >= ${literal(boundText(cursor, start))} AND ${column} < ${literal(boundText(cursor, end))}`;
}

/** Whether both ends of an interval can be told in the cursor's type: a date needs midnights of the table's zone. */
export function isCut({ type, zone }: Cursor, { start, end }: DataInterval): boolean {
  return type !== 'date' || [start, end].every((at) => dayBeginningAt(at, zone) !== undefined);
}

/**
 * MySQL condition for the rows from the mark, minus the lookback, up to the horizon (null: none of them; undefined: all). Both ends
 * are inclusive, for rows that share the mark's value are merged; where rows are appended (`once`) the lower end is exclusive,
 * and the upper one, too, but for a counter, whose value is not given out again.
 */
export function incrementalCondition(
  cursor: Cursor,
  mark: string | null,
  lookbackMs: number,
  upTo: string | null | undefined,
  once: boolean,
): string {
  const column = identifier(cursor.column);
  if (lookbackMs && cursor.kind === 'counter')
    throw new TerminalError(
      `Cursor column '${cursor.column}' (${cursor.type}) is no time, so a lookback of ${inWords(lookbackMs)} means nothing for it. Set lookback: '0 seconds', or choose a time as cursor.`,
    );
  const conditions = [];
  if (mark !== null) conditions.push(`${column} ${once ? '>' : '>='} ${earlier(cursor, mark, lookbackMs)}`);
  const until = once && cursor.kind === 'time' ? '<' : '<=';
  if (upTo !== undefined)
    conditions.push(upTo === null ? 'FALSE' : `${column} ${until} ${valueOf(cursor, upTo)}`);
  const stray = outOfRange(cursor);
  if (stray !== undefined) conditions.push(`NOT (${stray})`);
  return [`${column} IS NOT NULL`, ...conditions].join(' AND ');
}

/** Condition for cursors that no interval can ever hold; undefined where the type has none. */
export function outOfRange({ column, kind }: Cursor): string | undefined {
  return kind === 'time' ? `${identifier(column)} < '0001-01-01'` : undefined;
}

/** A value of the cursor, as the source writes it, for a comparison. */
export function valueOf(cursor: Cursor, text: string): string {
  return cursor.kind === 'counter' ? text : literal(text.replace(/\+00$/, ''));
}

/** How values of a type that can be a cursor are written. A mark that is written otherwise is none of them. */
const WRITTEN: Readonly<Record<ReturnType<typeof nameOf>['type'], RegExp>> = {
  number: /^-?\d+(\.\d+)?$/,
  text: /^$/,
  date: /^\d{4}-\d\d-\d\d$/,
  timestamp: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/,
  timestamptz: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/,
};

/**
 * The mark to read on from, null for the beginning.
 * @throws {TerminalError} a mark of another cursor, where reading from the beginning would append all rows a second time
 */
export function usableMark({ table, mark }: ExtractRequest, cursor: Cursor): string | null {
  if (!mark) return null;
  const name = nameOf(cursor);
  if (mayBelong(mark, name) && WRITTEN[name.type].test(mark.value)) return mark.value;
  if (table.write !== 'append') return null;
  const of = mark.cursor
    ? ` of '${columnOf(mark.cursor) ?? 'its log of changes'}' (${mark.cursor.type})`
    : '';
  throw new TerminalError(
    `Table '${table.name}' was read up to a mark${of} that is no value of its cursor '${cursor.column}' (${cursor.type}): where to go on cannot be told, ` +
      `and 'append' from the beginning would bring every row twice. Go back to the cursor before, use write: 'merge', or drop the table in the warehouse and run again.`,
  );
}

function earlier(cursor: Cursor, mark: string, back: number): string {
  if (!back) return valueOf(cursor, mark);
  const moved = `(CAST(${valueOf(cursor, mark)} AS DATETIME(6)) - INTERVAL ${back * 1000} MICROSECOND)`;
  return cursor.type === 'date' ? `DATE(${moved})` : moved;
}

function boundText({ column, type, zone }: Cursor, instant: Instant): string {
  if (type === 'timestamp') return localBound(instant, 'UTC');
  if (type === 'datetime') return localBound(instant, zone);
  const day = dayBeginningAt(instant, zone);
  if (day !== undefined) return day;
  throw new TerminalError(
    `Cursor column '${column}' is a date, and ${instant} is no midnight in ${zone}: the days of an interval that begins or ends there cannot be told apart. ` +
      `Set 'timezone' of the table, or of its connection, to the zone that the schedule's days are in, run whole days, or choose a time as cursor.`,
  );
}
