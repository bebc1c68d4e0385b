import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { Row } from '../copy.ts';

/** A table to be, and the rows that it gets. */
export interface NewTable<T extends string> {
  readonly table: T;
  /** Its statement; `quoted` gives the name that a table has until it takes its place, its own and those that it refers to. */
  readonly create: (quoted: (table: T) => string) => string;
  /** Absent: none. */
  readonly rows?: Iterable<Row> | AsyncIterable<Row>;
}

type OnRows<T> = (progress: { readonly table: T; readonly rows: number }) => void;

/** Rows of one statement. */
const BATCH = 500;

/**
 * Writes tables beside those of before, those that are referred to first; all take their place in one statement.
 * @returns rows by table
 */
export async function replaceTables<T extends string>(
  client: Connection,
  tables: readonly NewTable<T>[],
  onRows?: OnRows<T>,
): Promise<Readonly<Partial<Record<T, number>>>> {
  const names = tables.map(({ table }) => table);
  await drop(client, names.map(draft));
  for (const { create } of tables) await client.query(create(draft));
  const counts: Partial<Record<T, number>> = {};
  for (const { table, rows } of tables) {
    if (!rows) continue;
    await client.query('START TRANSACTION');
    counts[table] = await insertRows(client, draft(table), rows, (count) => onRows?.({ table, rows: count }));
    await client.query('COMMIT');
  }
  await takePlace(client, names);
  return counts;
}

/** @param table quoted @returns how many */
export async function insertRows(
  client: Connection,
  table: string,
  rows: Iterable<Row> | AsyncIterable<Row>,
  onRows: (rows: number) => void = () => undefined,
): Promise<number> {
  let count = 0;
  let batch: Row[] = [];
  const flush = async () => {
    if (batch.length) await client.query(`INSERT INTO ${table} VALUES ?`, [batch]);
    count += batch.length;
    batch = [];
    onRows(count);
  };
  for await (const row of rows) {
    if (batch.push(row) === BATCH) await flush();
  }
  await flush();
  return count;
}

/** All tables at once, whichever are there. */
async function takePlace(client: Connection, tables: readonly string[]): Promise<void> {
  const [found] = await client.query<RowDataPacket[]>('SHOW TABLES');
  const names = new Set(found.map((row) => String(Object.values(row)[0])));
  const moves = tables.flatMap((table) => [
    ...(names.has(table) ? [`\`${table}\` TO ${old(table)}`] : []),
    `${draft(table)} TO \`${table}\``,
  ]);
  await drop(client, tables.map(old));
  await client.query(`RENAME TABLE ${moves.join(', ')}`);
  await drop(client, tables.map(old));
}

/** Whatever refers to them. */
async function drop(client: Connection, tables: readonly string[]): Promise<void> {
  await client.query('SET SESSION foreign_key_checks = 0');
  await client.query(`DROP TABLE IF EXISTS ${tables.join(', ')}`);
  await client.query('SET SESSION foreign_key_checks = 1');
}

const draft = (table: string): string => `\`${table}__new\``;
const old = (table: string): string => `\`${table}__old\``;
