import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { RowsLost } from './errors.ts';

/** One value of a row as PostgreSQL reads it; null is NULL. */
export type Field = string | number | boolean | null;
export type Row = readonly Field[];

export interface CopyOptions {
  /** The table was made in this very transaction: its rows need no later freezing. */
  readonly fresh: boolean;
  /** Called with the rows so far, every few thousand rows and at the end. */
  readonly onRows?: (rows: number) => void;
}

/**
 * Streams rows, in the order of the table's columns, into a table of schema public, and returns their number.
 * Holds one batch at a time. @throws {RowsLost} when PostgreSQL counts other than what was sent
 */
export async function copyRows(
  client: Client,
  table: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  { fresh, onRows }: CopyOptions,
): Promise<number> {
  const copy = client.query(copyFrom(`copy public.${table} from stdin${fresh ? ' with (freeze)' : ''}`));
  let sent = 0;
  await pipeline(
    Readable.from(
      batches(rows, (count) => {
        sent = count;
        onRows?.(count);
      }),
    ),
    copy,
  );
  if (copy.rowCount !== sent) throw new RowsLost(table, sent, copy.rowCount);
  return sent;
}

/** Characters gathered before they are handed to the connection. */
const BATCH = 1 << 16;

async function* batches(rows: Iterable<Row> | AsyncIterable<Row>, onRows: (rows: number) => void) {
  let batch = '';
  let count = 0;
  for await (const row of rows) {
    batch += line(row);
    count++;
    if (batch.length < BATCH) continue;
    onRows(count);
    yield Buffer.from(batch, 'utf8');
    batch = '';
  }
  onRows(count);
  if (batch !== '') yield Buffer.from(batch, 'utf8');
}

/** A row in PostgreSQL's COPY text format. */
function line(row: Row): string {
  return `${row.map(text).join('\t')}\n`;
}

function text(field: Field): string {
  if (field === null) return '\\N';
  if (typeof field !== 'string') return String(field);
  return SPECIAL.test(field) ? field.replace(ESCAPED, (character) => ESCAPES[character] ?? character) : field;
}

const SPECIAL = /[\\\n\r\t]/;
const ESCAPED = /[\\\n\r\t]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
