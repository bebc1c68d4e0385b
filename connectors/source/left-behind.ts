import { TerminalError } from '../../core/errors.ts';
import type { Coercion } from '../../core/manifest.ts';
import type { ExtractRequest } from './port.ts';

interface OrderedBy {
  readonly column: string;
  readonly kind: 'time' | 'counter';
}

/** Rows of the whole table that an extraction does not take. */
interface LeftBehind {
  /** Without a cursor. */
  readonly nulls: number;
  /** Whose cursor no interval can hold, such as infinity. */
  readonly stray: number;
  /** Whose cursor lies after the snapshot, and after what is extracted. */
  readonly future: number;
}

/** What stays behind, as the manifest shows it. @throws {TerminalError} rows that no run will ever take, and the table does not say that they may stay */
export function leftBehind(
  { table }: Pick<ExtractRequest, 'table'>,
  cursor: OrderedBy,
  facts: LeftBehind,
): Coercion[] {
  const { extract, name } = table;
  if (!('cursor' in extract)) return [];
  const { column } = cursor;
  const rowsOf = (count: number) => `${count} ${count === 1 ? 'row' : 'rows'}`;
  if (facts.nulls && extract.cursorNulls !== 'exclude') {
    throw new TerminalError(
      `Table '${name}' has ${rowsOf(facts.nulls)} whose cursor '${column}' is NULL: they belong to no interval. ` +
        `Fill the column, or set cursorNulls: 'exclude' to leave such rows out and count them.`,
    );
  }
  if (facts.stray && extract.cursorOutOfRange !== 'exclude') {
    const what =
      cursor.kind === 'time' ? 'infinite, or outside of the years 1 to 9999' : 'infinite, or no number';
    throw new TerminalError(
      `Table '${name}' has ${rowsOf(facts.stray)} whose cursor '${column}' is ${what}: no interval will ever hold them. ` +
        `Correct the values, or set cursorOutOfRange: 'exclude' to leave such rows out and count them.`,
    );
  }
  const found: [string, number][] = [
    ['rows without a cursor are left out', facts.nulls],
    ['rows whose cursor no interval can hold are left out', facts.stray],
    ['rows whose cursor lies in the future are left to later intervals', facts.future],
  ];
  return found.filter(([, rows]) => rows).map(([rule, rows]) => ({ column, rule, rows }));
}
