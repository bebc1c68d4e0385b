import type { DuckDBConnection } from '@duckdb/node-api';
import { messageOf, PipelineError, TerminalError, TransientError } from '../../../core/errors.ts';
import { withoutValues } from '../../../core/values.ts';
import { loadExtension } from '../../duckdb/extension.ts';
import { attachStatement, secretStatement, type PostgresAddress } from '../../postgres/address.ts';
import type { TableName } from '../port.ts';
import { identifier, qualified, text } from './ddl.ts';
import { inTransaction } from './interruptible.ts';
import { rows } from './loads-table.ts';

export interface Readers {
  /** A database that is theirs alone, and a login that may make schemas there. */
  readonly address: PostgresAddress;
  /** DuckDB's postgres extension; without it DuckDB installs its own. */
  readonly extensionFile?: string | undefined;
}

export interface Copied extends TableName {
  readonly rows: number;
}

/** What is written on a schema that was made here: in others nothing is touched. */
const OURS = 'Copied from the warehouse by Sluice. Every copy replaces the rows of its tables.';
const LOCK_TIMEOUT = '60s'; // for a table whose columns have changed, while somebody reads it

/** How a type is copied, where PostgreSQL has no such one or DuckDB's extension does not write it. */
const CASTS: readonly (readonly [type: RegExp, cast: (column: string) => string])[] = [
  [
    /^(BOOLEAN|SMALLINT|INTEGER|BIGINT|FLOAT|DOUBLE|DECIMAL\(.*\)|VARCHAR|DATE|TIME|TIMESTAMP|TIMESTAMP WITH TIME ZONE|UUID|BLOB)$/,
    (column) => column,
  ],
  [/^(TINYINT|UTINYINT)$/, (column) => `${column}::SMALLINT`],
  [/^USMALLINT$/, (column) => `${column}::INTEGER`],
  [/^UINTEGER$/, (column) => `${column}::BIGINT`],
  [/^UBIGINT$/, (column) => `${column}::DECIMAL(20, 0)`],
  [/^U?HUGEINT$/, (column) => `${column}::DECIMAL(38, 0)`],
  [/^TIMESTAMP_M?S$/, (column) => `${column}::TIMESTAMP`],
  [/\[\d*\]$|^(STRUCT|MAP|UNION)\(/, (column) => `to_json(${column})::VARCHAR`],
];

/**
 * Makes the tables and views of some schemas be in a PostgreSQL database as well, as tables: all as they are at one moment, in one
 * transaction, which nobody who reads there waits for. What is no longer in the warehouse goes. May be repeated.
 * @returns what was copied; empty where the schemas have no tables
 * @throws {TerminalError} a schema there that others have made, a table there that others' views need, a value that PostgreSQL cannot hold
 * @throws {TransientError} the database is not to be reached
 */
export async function copySchemas(
  connection: DuckDBConnection,
  schemas: readonly string[],
  { address, extensionFile }: Readers,
  signal: AbortSignal,
): Promise<readonly Copied[]> {
  const tables = await tablesOf(connection, schemas);
  if (!tables.length) return [];
  await loadExtension(connection, 'postgres_scanner', extensionFile);
  try {
    await connection.run(secretStatement('readers', address));
    await connection.run(attachStatement('readers', 'readers', address, ', READ_WRITE'));
    return await inTransaction(connection, signal, async () => {
      await send(connection, `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
      await makeSchemas(connection, [...new Set(tables.map(({ schema }) => schema))], address);
      const copied: Copied[] = [];
      for (const table of tables) copied.push(await copyTable(connection, table));
      await dropOthers(connection, schemas, tables);
      return copied;
    });
  } catch (error) {
    if (signal.aborted || error instanceof PipelineError) throw error;
    throw failure(error, address);
  } finally {
    await connection.run('DETACH DATABASE IF EXISTS readers').catch(() => undefined); // its session ends with the connection
  }
}

async function tablesOf(connection: DuckDBConnection, schemas: readonly string[]): Promise<TableName[]> {
  const found = await rows(
    connection,
    `SELECT table_schema AS schema, table_name AS "table" FROM information_schema.tables
     WHERE table_catalog = current_database() AND table_schema IN (${list(schemas)}) ORDER BY ALL`,
  );
  return found.map(({ schema, table }) => ({ schema: String(schema), table: String(table) }));
}

async function makeSchemas(
  connection: DuckDBConnection,
  schemas: readonly string[],
  { database, host }: PostgresAddress,
): Promise<void> {
  const found = await asked(
    connection,
    `SELECT nspname AS name, coalesce(obj_description(oid, 'pg_namespace'), '') AS comment FROM pg_namespace WHERE nspname IN (${list(schemas)})`,
  );
  for (const { name, comment } of found)
    if (comment !== OURS)
      throw new TerminalError(
        `Schema '${String(name)}' of database '${database}' on ${host} was not made by this command, which replaces what is in it. Name a database of its own in 'readers', or drop the schema there.`,
      );
  for (const schema of schemas) {
    if (found.some(({ name }) => name === schema)) continue;
    await connection.run(`CREATE SCHEMA readers.${identifier(schema)}`);
    await send(connection, `COMMENT ON SCHEMA ${identifier(schema)} IS ${text(OURS)}`);
  }
}

async function copyTable(connection: DuckDBConnection, { schema, table }: TableName): Promise<Copied> {
  const name = qualified(schema, table);
  const columns = await columnsOf(connection, name);
  const select = `SELECT ${columns.map((column) => `${castOf(column)} AS ${identifier(column.name)}`).join(', ')} FROM ${name}`;
  const wanted = await columnsOf(connection, `(${select})`);
  const there = await columnsOf(connection, `readers.${name}`).catch(() => undefined);
  const isSame = there !== undefined && JSON.stringify(there) === JSON.stringify(wanted);
  if (isSame) await send(connection, `DELETE FROM ${name}`);
  else if (there) await connection.run(`DROP TABLE readers.${name}`);
  const reader = await connection.runAndReadAll(
    isSame ? `INSERT INTO readers.${name} ${select}` : `CREATE TABLE readers.${name} AS ${select}`,
  );
  return { schema, table, rows: Number(reader.getRows()[0]?.[0] ?? 0) };
}

async function dropOthers(
  connection: DuckDBConnection,
  schemas: readonly string[],
  tables: readonly TableName[],
): Promise<void> {
  const there = await asked(
    connection,
    `SELECT n.nspname AS schema, c.relname AS "table" FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname IN (${list(schemas)}) AND obj_description(n.oid, 'pg_namespace') = ${text(OURS)}`,
  );
  for (const { schema, table } of there)
    if (!tables.some((each) => each.schema === schema && each.table === table))
      await send(connection, `DROP TABLE ${qualified(String(schema), String(table))}`);
}

interface Column {
  readonly name: string;
  readonly type: string;
}

async function columnsOf(connection: DuckDBConnection, from: string): Promise<readonly Column[]> {
  const found = await rows(connection, `DESCRIBE FROM ${from}`);
  return found.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
}

/** What has no type of its own in PostgreSQL goes as its text. */
function castOf({ name, type }: Column): string {
  const [, cast] = CASTS.find(([pattern]) => pattern.test(type)) ?? [];
  return cast ? cast(identifier(name)) : `${identifier(name)}::VARCHAR`;
}

async function send(connection: DuckDBConnection, sql: string): Promise<void> {
  await connection.run(`CALL postgres_execute('readers', ${text(sql)})`);
}

async function asked(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  return rows(connection, `FROM postgres_query('readers', ${text(sql)})`);
}

const list = (names: readonly string[]) => names.map(text).join(', ');

function failure(error: unknown, { database, host, port }: PostgresAddress): Error {
  const said = messageOf(error);
  const Kind = /unable to connect|connection to server|server closed|lock timeout|no connection/i.test(said)
    ? TransientError
    : TerminalError;
  return new Kind(
    `Copying to database '${database}' on ${host}:${port} for readers failed, and nothing changed there. It says: ${withoutValues(said).slice(0, 2000)}`,
    { cause: error },
  );
}
