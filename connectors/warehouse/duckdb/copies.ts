import { rm } from 'node:fs/promises';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { thenCleanUp } from '../../../core/clean-up.ts';
import { messageOf, PipelineError, TerminalError, TransientError } from '../../../core/errors.ts';
import { withoutValues } from '../../../core/values.ts';
import { loadExtension } from '../../duckdb/extension.ts';
import { attachStatement, secretStatement, type PostgresAddress } from '../../postgres/address.ts';
import type { TableName } from '../port.ts';
import { identifier, qualified, text } from './ddl.ts';
import { inTransaction, interruptible } from './interruptible.ts';
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

/** What is written on schemas and tables that were made here: nothing else is touched. */
const OURS = 'Copied from the warehouse by Sluice, which replaces its rows.';
/** For a table whose columns have changed, while somebody reads it: who comes meanwhile waits as long. */
const LOCK_TIMEOUT = '2s';
const LONGEST_NAME = 63; // bytes; PostgreSQL cuts what is longer
const SERVER = '_sluice_readers';
const SNAPSHOT = '_sluice_snapshot';

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
/** Beyond them DuckDB's extension writes other moments. https://www.postgresql.org/docs/current/datatype-datetime.html */
const MOMENTS = [
  { type: /^DATE$/, from: `DATE '4713-01-01 (BC)'`, to: `DATE '5874897-12-31'` },
  {
    type: /^TIMESTAMP/,
    from: `TIMESTAMP '4713-01-01 (BC) 00:00:00'`,
    to: `TIMESTAMP '294246-12-31 00:00:00'`,
  },
];

/**
 * Writes the tables and views of a schema, as they are at one moment and of types that PostgreSQL has, into a file of their own, so that
 * the warehouse's is free again before anything is sent. Replaces that file.
 * @throws {TerminalError} a name that PostgreSQL would cut; a view that fails; a value that no type there holds
 */
export async function takeCopy(connection: DuckDBConnection, schema: string, file: string): Promise<void> {
  await rm(file, { force: true });
  const tables = await tablesOf(connection, schema);
  const problems: string[] = [];
  const selects: (readonly [table: string, select: string])[] = [];
  const database = identifier(
    String((await rows(connection, 'SELECT current_database() AS name'))[0]?.['name']),
  );
  for (const table of tables) {
    const name = `${database}.${qualified(schema, table)}`;
    const columns = await taking(schema, table, () => columnsOf(connection, name));
    problems.push(...[table, ...columns.map((each) => each.name)].filter(isTooLong));
    const list = columns.map((column) => `${castOf(column)} AS ${identifier(column.name)}`);
    selects.push([table, `SELECT ${list.join(', ')} FROM ${name}`]);
  }
  if (problems.length)
    throw new TerminalError(
      `Schema '${schema}' has names of more than ${LONGEST_NAME} bytes, which PostgreSQL would cut: ${problems.join(', ')}. Give them shorter ones to have them copied.`,
    );
  await connection.run(`ATTACH ${text(file)} AS ${SNAPSHOT} (READ_WRITE)`);
  await thenCleanUp(
    async () => {
      await connection.run(`CREATE SCHEMA IF NOT EXISTS ${SNAPSHOT}.${identifier(schema)}`);
      await connection.run('BEGIN TRANSACTION');
      for (const [table, select] of selects)
        await taking(schema, table, () =>
          connection.run(`CREATE TABLE ${SNAPSHOT}.${qualified(schema, table)} AS ${select}`),
        );
      await connection.run('COMMIT');
    },
    async () => {
      await connection.run('ROLLBACK').catch(() => undefined); // where it has ended already
      await connection.run(`DETACH ${SNAPSHOT}`);
    },
  );
}

/**
 * Makes the tables of such a file be those of a schema of a PostgreSQL database, in one transaction. Rows are replaced, which nobody waits
 * for; a table whose columns have changed is made anew, for which those who read it wait for a moment. What is no longer in the file goes. May be repeated.
 * @throws {TerminalError} a schema or a table there that others have made, or that others' views need; a refused login; a value out of bounds
 * @throws {TransientError} the database is not to be reached, another copy is under way, somebody holds a table that must be made anew
 */
export async function sendCopy(
  file: string,
  schema: string,
  { address, extensionFile }: Readers,
  signal: AbortSignal,
): Promise<readonly Copied[]> {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: '512MB',
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
  });
  const connection = await instance.connect();
  return thenCleanUp(
    async () => {
      await connection.run(`SET TimeZone = 'UTC'`);
      await loadExtension(connection, 'postgres_scanner', extensionFile);
      await connection.run(`ATTACH ${text(file)} AS ${SNAPSHOT} (READ_ONLY)`);
      const tables = await tablesOf(connection, schema, SNAPSHOT);
      for (const table of tables) await mustBeInBounds(connection, schema, table);
      try {
        await interruptible(connection, signal, async () => {
          await connection.run(secretStatement(SERVER, address));
          await connection.run(attachStatement(SERVER, SERVER, address));
        });
        return await inTransaction(connection, signal, () => replace(connection, schema, tables, address));
      } catch (error) {
        if (signal.aborted || error instanceof PipelineError) throw error;
        throw failure(error, address);
      }
    },
    () => {
      connection.closeSync();
      instance.closeSync();
      return Promise.resolve();
    },
  );
}

async function replace(
  connection: DuckDBConnection,
  schema: string,
  tables: readonly string[],
  address: PostgresAddress,
): Promise<readonly Copied[]> {
  const [taken] = await asked(
    connection,
    `SELECT pg_try_advisory_xact_lock(hashtext(${text(`${OURS} ${schema}`)})) AS is_ours`,
  );
  if (taken?.['is_ours'] !== true)
    throw new TransientError(
      `Another copy of '${schema}' to database '${address.database}' is under way. Try again after it.`,
    );
  await send(connection, `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  const there = await copiedBefore(connection, schema, tables, address);
  for (const name of there)
    if (!tables.includes(name)) await connection.run(`DROP TABLE ${SERVER}.${qualified(schema, name)}`);
  const copied: Copied[] = [];
  const anew: (readonly [table: string, beside: string, isThere: boolean])[] = [];
  for (const [at, table] of tables.entries())
    await ofTable(schema, table, async () => {
      const from = `${SNAPSHOT}.${qualified(schema, table)}`;
      const isThere = there.includes(table);
      const isSame =
        isThere && (await haveSameColumns(connection, from, `${SERVER}.${qualified(schema, table)}`));
      const beside = `_sluice_${at}`;
      if (isSame) await send(connection, `DELETE FROM ${qualified(schema, table)}`);
      else anew.push([table, beside, isThere]);
      const reader = await connection.runAndReadAll(
        isSame
          ? `INSERT INTO ${SERVER}.${qualified(schema, table)} FROM ${from}`
          : `CREATE TABLE ${SERVER}.${qualified(schema, beside)} AS FROM ${from}`,
      );
      copied.push({ schema, table, rows: Number(reader.getRows()[0]?.[0] ?? 0) });
      await send(connection, `ANALYZE ${qualified(schema, isSame ? table : beside)}`);
    });
  // Last of all, so that nobody waits for rows to be sent.
  for (const [table, beside, isThere] of anew)
    await ofTable(schema, table, async () => {
      if (isThere) await send(connection, `DROP TABLE ${qualified(schema, table)}`);
      await send(connection, `ALTER TABLE ${qualified(schema, beside)} RENAME TO ${identifier(table)}`);
      await send(connection, `COMMENT ON TABLE ${qualified(schema, table)} IS ${text(OURS)}`);
    });
  return copied;
}

/** Names of tables that were copied before; the schema is made where there is none. @throws {TerminalError} others have made it, or what is called as these */
async function copiedBefore(
  connection: DuckDBConnection,
  schema: string,
  tables: readonly string[],
  { database, host }: PostgresAddress,
): Promise<readonly string[]> {
  const [found] = await asked(
    connection,
    `SELECT coalesce(obj_description(oid, 'pg_namespace'), '') AS comment FROM pg_namespace WHERE nspname = ${text(schema)}`,
  );
  if (!found) {
    if (!tables.length) return [];
    await connection.run(`CREATE SCHEMA ${SERVER}.${identifier(schema)}`);
    await send(connection, `COMMENT ON SCHEMA ${identifier(schema)} IS ${text(OURS)}`);
    return [];
  }
  if (found['comment'] !== OURS) {
    if (!tables.length) return [];
    throw new TerminalError(
      `Schema '${schema}' of database '${database}' on ${host} was not made by this command, which replaces what is in it. Name a database of its own in 'readers', or drop the schema there.`,
    );
  }
  const all = await asked(
    connection,
    `SELECT c.relname AS name, c.relkind::text AS kind, coalesce(obj_description(c.oid, 'pg_class'), '') AS comment
     FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = ${text(schema)} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`,
  );
  const isOurs = ({ kind, comment }: Record<string, unknown>) => kind === 'r' && comment === OURS;
  const taken = all.filter((each) => !isOurs(each) && tables.includes(String(each['name'])));
  if (taken.length)
    throw new TerminalError(
      `In schema '${schema}' of database '${database}' on ${host} somebody has made ${taken.map(({ name }) => `'${String(name)}'`).join(', ')}, as tables of the warehouse are called. Give what was made there another name or schema.`,
    );
  return all.filter(isOurs).map(({ name }) => String(name));
}

async function tablesOf(
  connection: DuckDBConnection,
  schema: string,
  database?: string,
): Promise<readonly string[]> {
  const found = await rows(
    connection,
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_catalog = ${database ? text(database) : 'current_database()'} AND table_schema = ${text(schema)} ORDER BY ALL`,
  );
  return found.map(({ name }) => String(name));
}

async function mustBeInBounds(connection: DuckDBConnection, schema: string, table: string): Promise<void> {
  const from = `${SNAPSHOT}.${qualified(schema, table)}`;
  const checked = (await columnsOf(connection, from)).flatMap(({ name, type }) => {
    const bounds = MOMENTS.find((each) => each.type.test(type));
    const column = identifier(name);
    return bounds
      ? [
          {
            name,
            sql: `bool_or(isfinite(${column}) AND (${column} < ${bounds.from} OR ${column} > ${bounds.to}))`,
          },
        ]
      : [];
  });
  if (!checked.length) return;
  const [found] = await rows(
    connection,
    `SELECT ${checked.map(({ sql }, at) => `${sql} AS c${at}`).join(', ')} FROM ${from}`,
  );
  const beyond = checked.filter((_, at) => found?.[`c${at}`] === true).map(({ name }) => name);
  if (beyond.length)
    throw new TerminalError(
      `Copying ${schema}.${table} for readers: ${beyond.join(', ')} has moments that PostgreSQL has no place for (before 4713 BC, or too late). Leave them out in the model.`,
    );
}

interface Column {
  readonly name: string;
  readonly type: string;
}

async function columnsOf(connection: DuckDBConnection, from: string): Promise<readonly Column[]> {
  const found = await rows(connection, `DESCRIBE FROM ${from}`);
  return found.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']) }));
}

async function haveSameColumns(connection: DuckDBConnection, one: string, other: string): Promise<boolean> {
  const [first, second] = [await columnsOf(connection, one), await columnsOf(connection, other)];
  return JSON.stringify(first) === JSON.stringify(second);
}

/** What has no type of its own in PostgreSQL goes as its text. */
function castOf({ name, type }: Column): string {
  const [, cast] = CASTS.find(([pattern]) => pattern.test(type)) ?? [];
  return cast ? cast(identifier(name)) : `${identifier(name)}::VARCHAR`;
}

const isTooLong = (name: string) => Buffer.byteLength(name) > LONGEST_NAME;

async function taking<T>(schema: string, table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new TerminalError(
      `Copying ${schema}.${table} for readers failed before anything was sent. DuckDB says: ${withoutValues(messageOf(cause)).slice(0, 2000)}`,
      { cause },
    );
  }
}

/** A failure names the table that it is of. */
async function ofTable<T>(schema: string, table: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${schema}.${table}: ${messageOf(error)}`, { cause: error });
  }
}

async function send(connection: DuckDBConnection, sql: string): Promise<void> {
  await connection.run(`CALL postgres_execute(${text(SERVER)}, ${text(sql)})`);
}

async function asked(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  return rows(connection, `FROM postgres_query(${text(SERVER)}, ${text(sql)})`);
}

const REFUSED = /authentication failed|does not exist|no pg_hba|permission denied|no password supplied/i;
const PASSING =
  /unable to connect|connection to server|server closed|lock timeout|no connection|could not serialize|deadlock|terminating connection/i;

function failure(error: unknown, { database, host, port }: PostgresAddress): Error {
  const said = messageOf(error);
  const Kind = PASSING.test(said) && !REFUSED.test(said) ? TransientError : TerminalError;
  return new Kind(
    `Copying to database '${database}' on ${host}:${port} for readers failed, and nothing changed there. It says: ${withoutValues(said).slice(0, 2000)}`,
    { cause: error },
  );
}
