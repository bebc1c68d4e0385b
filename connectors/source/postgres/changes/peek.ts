import type { Client } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { literal } from '../sql.ts';
import { CopyValues } from './copy-values.ts';
import type { Lsn } from './lsn.ts';

/**
 * Reads the messages of a slot up to a place in the log, without taking them: read again, they are the same. The server keeps them in a
 * temporary file while they flow, so neither side holds a transaction in memory.
 * @param onPiece awaited after each piece: nothing more is read meanwhile
 * @see https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-REPLICATION
 */
export async function peek(
  client: Client,
  stream: string,
  upTo: Lsn,
  take: (message: Buffer) => void,
  onPiece: () => Promise<void>,
): Promise<void> {
  const call =
    `pg_logical_slot_peek_binary_changes(${literal(stream)}, ${literal(upTo)}, NULL, ` +
    `'proto_version', '1', 'publication_names', ${literal(`"${stream}"`)})`;
  const copy = client.query(
    copyTo(`COPY (SELECT data FROM ${call}) TO STDOUT (FORMAT binary)`, { highWaterMark: 1 << 20 }),
  );
  const values = new CopyValues();
  for await (const piece of copy) {
    values.piece(piece as Buffer, take);
    await onPiece();
  }
  values.mustHaveEnded();
}
