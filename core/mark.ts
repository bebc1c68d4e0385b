import { z } from 'zod';

/**
 * A cursor, as a mark is a value of it: the column, and how its values are ordered in the source. Values of one order compare,
 * whatever their width: a `smallint` that became a `bigint` is the same cursor, a `timestamp` that became a `timestamptz` is not.
 */
export const cursorName = z.strictObject({
  column: z.string().min(1),
  type: z.enum(['date', 'timestamp', 'timestamptz', 'number', 'text']),
});
export type CursorName = z.infer<typeof cursorName>;

/** A place in a source's log of changes, which is of no column. Positions of one stream compare as text. */
const positionName = z.strictObject({ type: z.literal('position') });

/** What a mark is a value of. */
export const markName = z.union([cursorName, positionName]);
export type MarkName = z.infer<typeof markName>;

/** Where an extraction of what is new in a table goes on. */
export interface Mark {
  /** Exact text that the source reads back. */
  readonly value: string;
  /** Null: written by a version that did not say. */
  readonly cursor: MarkName | null;
}

/** Whether a mark may be a value of this; one that nobody wrote this down for may be of any cursor, for there were no others then. */
export function mayBelong({ cursor }: Mark, to: MarkName): boolean {
  if (cursor === null) return columnOf(to) !== null;
  return columnOf(cursor) === columnOf(to) && cursor.type === to.type;
}

/** Of a position, null. */
export function columnOf(name: MarkName | undefined): string | null {
  return name && 'column' in name ? name.column : null;
}

/** As `columnOf` and the type of a mark were written down. */
export function markNameOf({
  column,
  type,
}: {
  readonly column?: unknown;
  readonly type?: unknown;
}): MarkName | null {
  if (typeof type !== 'string') return null;
  return markName.parse(column == null ? { type } : { column, type });
}
