import type { CursorName } from '../../../core/mark.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import { chooseCursor, type Cursor } from '../named-columns.ts';
import type { SourceColumn } from './catalog.ts';

const TIMES = ['timestamp', 'timestamptz', 'date'];
const COUNTERS = ['int2', 'int4', 'int8', 'oid', 'numeric', 'text', 'varchar'];

/** @throws {TerminalError} as `chooseCursor` does */
export function cursorOf(
  of: Pick<ResolvedTable, 'extract' | 'timezone'>,
  table: string,
  columns: readonly SourceColumn[],
): Cursor {
  return chooseCursor(of, table, columns, {
    times: TIMES,
    counters: COUNTERS,
    isOwn: ({ type }) => type.builtIn && type.kind === 'b',
  });
}

/** What a mark of the cursor is a value of: widths aside, for a wider column gives the same values. */
export function nameOf({ column, type, kind }: Cursor): CursorName {
  if (kind === 'time') return { column, type: type as 'date' | 'timestamp' | 'timestamptz' };
  return { column, type: type === 'text' || type === 'varchar' ? 'text' : 'number' };
}
