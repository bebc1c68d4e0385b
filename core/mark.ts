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

/** Whether loads of a mode go on where the one before has stopped: each holds what no other does. */
export function goesOn(mode: string): boolean {
  return mode === 'incremental' || mode === 'changes';
}

/** Where an incremental extraction of a table goes on, or one of changes. */
export interface Mark {
  /** Exact text that the source reads back. */
  readonly value: string;
  /** Null: written by a version that did not say. */
  readonly cursor: CursorName | null;
}

/** Whether a mark may be a value of the cursor; one whose cursor nobody wrote down may be. */
export function mayBelong({ cursor }: Mark, to: CursorName): boolean {
  return cursor === null || (cursor.column === to.column && cursor.type === to.type);
}
