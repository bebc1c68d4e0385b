import type { Client } from 'pg';
import { TerminalError } from '../../../core/errors.ts';
import type { Relation } from './catalog.ts';
import type { Cursor } from '../named-columns.ts';
import { sequencesOf } from './sequences.ts';
import { literal, quoted } from './sql.ts';

/** A mark, and what the source has beside it, as text of the cursor's type. */
interface Followed {
  readonly mark: string;
  /** The greatest cursor of the whole table; null where it has no rows. */
  readonly greatest: string | null;
}

/**
 * Whether a source goes on from a mark. One that was set back (a backup restored, a stale copy that took over) gives the numbers again
 * that it gave before, and their rows would count as read.
 * @returns what points to it and has other explanations, too, in words
 * @throws {TerminalError} the sequence stands below the mark, and nothing is left of what was read up to it
 */
export async function followed(
  client: Client,
  relation: Relation,
  cursor: Cursor,
  { mark, greatest }: Followed,
): Promise<string[]> {
  const isText = ['text', 'varchar'].includes(cursor.type);
  const sequences = cursor.kind === 'counter' && !isText ? await sequencesOf(client, relation, cursor) : [];
  const given = sequences.flatMap(({ last }) => last ?? []);
  const { rows } = await client.query<{
    behind: boolean | null;
    last: string | null;
    beyond: boolean | null;
  }>(
    `SELECT $2::${cursor.type} < $1::${cursor.type} AS behind, last::text AS last, ${isText || cursor.kind === 'time' ? 'NULL' : `$1::${cursor.type} > last`} AS beyond
     FROM (SELECT max(given) AS last FROM unnest($3::numeric[]) AS given) AS sequences`,
    [mark, greatest, given],
  );
  const { behind = null, last = null, beyond = null } = rows[0] ?? {};
  const table = quoted(relation.name);
  const names = sequences.map(({ name }) => name).join(', ');
  const goOn = sequences.map(({ name }) => `SELECT setval(${literal(name)}, ${mark})`).join('; ');
  if (beyond && behind !== false) {
    throw new TerminalError(
      `Table ${table} was read up to ${mark} of '${cursor.column}', and its sequence ${names} stands at ${last ?? ''}: the source was set back (a backup restored, a stale copy that took over), ` +
        `and new rows get numbers that count as read. Drop the table in the warehouse and run again, which reads it from its beginning; ` +
        `or let the numbers go on (${goOn}), and bring what was written since by hand.`,
    );
  }
  if (beyond) {
    return [
      `it has numbers up to ${greatest ?? ''}, and its sequence ${names} stands at ${last ?? ''}: rows that it numbers will count as read, and be missed. Let it go on from there: SELECT setval(${literal(names)}, ${greatest ?? ''})`,
    ];
  }
  // A sequence that has gone on says that the newest rows were only deleted.
  if (!behind || beyond === false) return [];
  return [
    `it was read up to ${mark} of '${cursor.column}', and has rows up to ${greatest ?? ''} only: the newest were deleted, or the source was set back to an older state, ` +
      `and rows that it writes anew below the mark are missed; then drop the table in the warehouse and run again`,
  ];
}

/**
 * @param from where an extraction is to begin, as text of the cursor's type
 * @throws {TerminalError} it lies in the future, so that rows written until then would count as read
 */
export async function mustHaveBeen(client: Client, cursor: Cursor, from: string): Promise<void> {
  if (cursor.kind !== 'time') return;
  const zones = `(VALUES ('UTC'), (${literal(cursor.zone)}), ((SELECT reset_val FROM pg_settings WHERE name = 'TimeZone'))) AS zones (zone)`;
  const latest =
    cursor.type === 'timestamptz'
      ? 'clock_timestamp()'
      : `(SELECT max(clock_timestamp() AT TIME ZONE zone) FROM ${zones})`;
  const { rows } = await client.query<{ now: string; ahead: boolean }>(
    `SELECT now::text AS now, $1::${cursor.type} > now::${cursor.type} AS ahead FROM (SELECT ${latest} AS now) AS clock`,
    [from],
  );
  const [row] = rows;
  if (!row?.ahead) return;
  throw new TerminalError(
    `Cursor column '${cursor.column}' was read up to ${from}, which lies in the future of the source (its clock: ${row.now}): rows that it writes until then would count as read. ` +
      `Set its clock right; where rows are merged, a lookback longer than the difference reads them again; or drop the table in the warehouse and run again.`,
  );
}
