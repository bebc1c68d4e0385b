import { z } from 'zod';
import { TerminalError } from '../../../../core/errors.ts';
import type { Lsn } from './lsn.ts';

/** A table of a stream, as it was when a position was taken: what would have changed its rows without a word in the stream. */
const identity = z.strictObject({
  slot: z.string(),
  /** `pg_control_system()`: another one is another server. */
  system: z.string(),
  /** `pg_class.oid`, and the file that holds its rows: another one where all of them were written anew. 0 for a partitioned table. */
  table: z.int(),
  file: z.int(),
  /** `pg_publication_rel.oid`: another one where the table was out of the publication for a while. */
  member: z.int(),
  /** Names of columns by `attnum`. */
  columns: z.record(z.string(), z.string()),
  /** Columns, by `attnum`, that were not added plainly: rows that were there may have a value that no change told of. */
  filled: z.array(z.int()).readonly(),
});
export type StreamIdentity = z.infer<typeof identity>;

/** Where a reader of changes stands: all transactions whose commit lies before `lsn` are loaded. */
export interface Position {
  readonly lsn: Lsn;
  readonly identity: StreamIdentity;
}

/** As the text of a mark: greater texts are later positions. */
export function positionText({ lsn, identity }: Position): string {
  return `${lsn} ${JSON.stringify(identity)}`;
}

/** @throws {TerminalError} when it was not made by `positionText` */
export function parsePosition(text: string): Position {
  const [, lsn = '', json = ''] = /^([0-9A-F]{8}\/[0-9A-F]{8}) (.+)$/.exec(text) ?? [];
  const parsed = lsn ? identity.safeParse(jsonOf(json)) : undefined;
  if (parsed?.success) return { lsn, identity: parsed.data };
  throw new TerminalError(
    `'${text.slice(0, 60)}' is no position in a stream of changes. Drop the table in the warehouse and run again: it is read anew.`,
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Why the rows of a table cannot be told from its position and the stream alone, though nothing of the stream is missing; undefined where they can. */
export function reasonToReadAnew(before: StreamIdentity, now: StreamIdentity): string | undefined {
  if (before.file !== now.file)
    return 'its rows were written anew in the source (TRUNCATE, ALTER TABLE or VACUUM FULL)';
  const renamed = Object.entries(before.columns).find(
    ([number, name]) => now.columns[number] !== undefined && now.columns[number] !== name,
  );
  if (renamed) return `its column '${renamed[1]}' was renamed`;
  const filled = now.filled.find((number) => !(number in before.columns));
  if (filled !== undefined)
    return `its column '${now.columns[filled] ?? ''}' was added with a value for rows that were there`;
  return undefined;
}
