import type { CursorName } from '../../../core/mark.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import { chooseCursor, type Cursor } from '../named-columns.ts';
import type { SourceColumn } from './catalog.ts';

const TIMES = ['datetime', 'timestamp', 'date'];
const COUNTERS = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal'];

/** @throws {TerminalError} as `chooseCursor` does */
export function cursorOf(
  of: Pick<ResolvedTable, 'extract' | 'timezone'>,
  table: string,
  columns: readonly SourceColumn[],
): Cursor {
  return chooseCursor(of, table, columns, {
    times: TIMES,
    counters: COUNTERS,
  });
}

/** What a mark of the cursor is a value of. */
export function nameOf({ column, type }: Cursor): CursorName {
  if (type === 'date') return { column, type };
  if (type === 'datetime') return { column, type: 'timestamp' };
  return { column, type: type === 'timestamp' ? 'timestamptz' : 'number' };
}
