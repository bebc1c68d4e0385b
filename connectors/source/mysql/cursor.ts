import { TerminalError } from '../../../core/errors.ts';
import { modeOf } from '../../../core/extract-modes.ts';
import type { CursorName } from '../../../core/mark.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { SourceColumn } from './catalog.ts';

const TIMES = ['datetime', 'timestamp', 'date'];
const COUNTERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal'];

/** The ordering column of an extraction. */
export interface Cursor {
  readonly column: string;
  readonly type: string;
  readonly kind: 'time' | 'counter';
  readonly nullable: boolean;
  readonly indexed: boolean;
  /** That its dates, and its times without zone, are in. */
  readonly zone: string;
}

/** @throws {TerminalError} naming the columns that would do, when the cursor is missing or has no fitting order */
export function cursorOf(
  { extract, timezone = 'UTC' }: Pick<ResolvedTable, 'extract' | 'timezone'>,
  table: string,
  columns: readonly SourceColumn[],
): Cursor {
  if (!('cursor' in extract)) throw new TypeError(`${extract.mode} extraction has no cursor`);
  const fitting = modeOf(extract).covers === 'interval' ? TIMES : [...TIMES, ...COUNTERS];
  const fits = ({ type }: SourceColumn) => fitting.includes(type.name);
  const candidates = columns.filter(fits).map(({ name }) => name);
  const advice = candidates.length
    ? `Columns that can be a cursor: ${candidates.join(', ')}.`
    : `The table has no column that can be one; use mode 'snapshot'.`;
  const column = columns.find(({ name }) => name === extract.cursor);
  if (!column)
    throw new TerminalError(`Cursor column '${extract.cursor}' is not in table ${table}. ${advice}`);
  const { name, declared } = column.type;
  if (!fits(column)) {
    const counter = COUNTERS.includes(name);
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
    zone: timezone,
  };
}

/** What a mark of the cursor is a value of. */
export function nameOf({ column, type }: Cursor): CursorName {
  if (type === 'date') return { column, type };
  if (type === 'datetime') return { column, type: 'timestamp' };
  return { column, type: type === 'timestamp' ? 'timestamptz' : 'number' };
}
