import type { DuckDBConnection } from '@duckdb/node-api';
import { TerminalError } from '../../../core/errors.ts';
import type { CareDone, CareReport, CareRequest, CareStep, Measurement, TableName } from '../port.ts';
import { qualified } from './ddl.ts';
import { rows } from './loads-table.ts';

/**
 * Statistics of every table that has rows, since DuckDB does not tell how old they are; then what its log holds goes into the file.
 * Keys, sorting and deleted rows are nothing that DuckDB keeps.
 */
export async function careFor(
  connection: DuckDBConnection,
  { schemas, tables, dryRun }: CareRequest,
  onStep: (step: CareDone) => void,
): Promise<CareReport> {
  const present = await tablesIn(connection, schemas);
  const isWanted = ({ schema, table }: TableName) =>
    !tables || tables.some((each) => each.schema === schema && each.table === table);
  const looked = present.filter(isWanted);
  const steps: CareDone[] = [];
  const take = async (step: CareStep) => {
    const done = dryRun ? { ...step, seconds: null, after: null } : await carriedOut(connection, step);
    steps.push(done);
    onStep(done);
  };
  for (const { schema, table } of looked.filter(({ isEmpty }) => !isEmpty))
    await take({
      schema,
      table,
      does: 'analyze',
      why: 'DuckDB does not tell how old statistics are',
      sql: [`ANALYZE ${qualified(schema, table)}`],
    });
  const logged = await logSize(connection);
  if (steps.length || logged !== '0 bytes')
    await take({
      schema: '',
      table: '',
      does: 'checkpoint',
      why: steps.length
        ? 'new statistics are kept with the file'
        : `${logged} are in the log beside the file`,
      sql: ['CHECKPOINT'],
    });
  return { looked: looked.length, steps, passedOver: passedOver(tables ?? [], present) };
}

function passedOver(
  wanted: readonly TableName[],
  present: readonly (TableName & { readonly isEmpty: boolean })[],
): CareReport['passedOver'] {
  return wanted.flatMap(({ schema, table }) => {
    const found = present.find((each) => each.schema === schema && each.table === table);
    if (!found) return [{ schema, table, why: 'there is no such table' }];
    return found.isEmpty ? [{ schema, table, why: 'it is empty' }] : [];
  });
}

async function carriedOut(connection: DuckDBConnection, step: CareStep): Promise<CareDone> {
  const started = performance.now();
  for (const sql of step.sql) await connection.run(sql);
  return { ...step, seconds: (performance.now() - started) / 1000, after: null };
}

async function tablesIn(connection: DuckDBConnection, schemas: readonly string[]) {
  const found = await rows(
    connection,
    `SELECT schema_name AS schema, table_name AS "table", estimated_size AS size FROM duckdb_tables()
     WHERE database_name = current_database() AND NOT temporary ORDER BY schema_name, table_name`,
  );
  return found
    .map(({ schema, table, size }) => ({
      schema: String(schema),
      table: String(table),
      isEmpty: Number(size) === 0,
    }))
    .filter(({ schema }) => schemas.includes(schema));
}

async function logSize(connection: DuckDBConnection): Promise<string> {
  const [row] = await rows(connection, 'SELECT wal_size AS size FROM pragma_database_size()');
  return String(row?.['size'] ?? '0 bytes');
}

/** Figures of DuckDB's own profile of a statement that it carries out. */
interface Profile {
  readonly latency?: number;
  readonly cumulative_rows_scanned?: number;
}

/** @throws {TerminalError} it is not one statement that can be explained */
export async function measured(connection: DuckDBConnection, sql: string): Promise<Measurement> {
  const [row] = await rows(connection, `EXPLAIN (ANALYZE, FORMAT json) ${sql}`);
  const profile = JSON.parse(String(row?.['explain_value'] ?? '{}')) as Profile;
  if (profile.latency === undefined)
    throw new TerminalError('DuckDB gave no figures for the statement. Give a SELECT.');
  return {
    seconds: profile.latency,
    rowsScanned: profile.cumulative_rows_scanned ?? null,
    bytesScanned: null,
    unknown: 'DuckDB does not count the bytes that it reads of its own file',
  };
}
