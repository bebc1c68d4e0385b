import type { DuckDBConnection } from '@duckdb/node-api';
import type { Manifest } from '../../../core/manifest.ts';
import type { ResolvedTable } from '../../../core/pipeline.ts';
import type { TableSchema } from '../../../core/schema.ts';
import { globless } from '../../duckdb/parquet.ts';
import { acceptedTypes } from '../../duckdb/types.ts';
import { identifier, text } from './ddl.ts';
import { rows } from './loads-table.ts';
import { files } from './write.ts';
import { CountMismatch, KeyViolated, repeatedRows, rowsWithout } from '../errors.ts';

/** Holds every file's columns against the manifest's: the same names and, type for type, no conversion to come. */
export async function mustHaveColumns(
  connection: DuckDBConnection,
  fileUris: readonly string[],
  schema: TableSchema,
  loadId: string,
): Promise<void> {
  for (const uri of fileUris) {
    const found = await rows(
      connection,
      `SELECT name, coalesce(duckdb_type, 'nested') AS type FROM parquet_schema(${text(globless(uri))}) OFFSET 1`,
    );
    const types = new Map(found.map((row) => [String(row['name']), String(row['type'])]));
    const problems = schema.columns
      .filter(({ name, type }) => !acceptedTypes(type).includes(types.get(name) ?? ''))
      .map(({ name, type }) => `'${name}' is ${types.get(name) ?? 'missing'} instead of ${type}`);
    const known = new Set(schema.columns.map(({ name }) => name));
    problems.push(
      ...[...types.keys()].filter((name) => !known.has(name)).map((name) => `'${name}' is unknown`),
    );
    if (problems.length) {
      throw new CountMismatch(
        loadId,
        `the columns of ${uri} are not those of its manifest: ${problems.join('; ')}.`,
      );
    }
  }
}

/** Holds the number of rows in the files against the manifest's. */
export async function mustHaveRows(
  connection: DuckDBConnection,
  fileUris: readonly string[],
  manifest: Manifest,
): Promise<void> {
  const [row] = await rows(connection, `SELECT count(*) AS rows FROM ${files(fileUris)}`);
  const found = Number(row?.['rows']);
  if (found !== manifest.rows) {
    throw new CountMismatch(
      manifest.loadId,
      `its files hold ${found} rows, its manifest says ${manifest.rows}.`,
    );
  }
}

export async function mustHaveKey(
  connection: DuckDBConnection,
  fileUris: readonly string[],
  schema: TableSchema,
  { primaryKey: key, from }: Pick<ResolvedTable, 'primaryKey' | 'from'>,
  target: string,
): Promise<void> {
  const missing = key.filter((name) => !schema.columns.some((column) => column.name === name));
  if (missing.length) {
    const names = missing.map((name) => `'${name}'`).join(', ');
    throw new KeyViolated(
      target,
      key,
      `names ${names}, which the table does not have: ${schema.columns.map((column) => column.name).join(', ')}.`,
    );
  }
  if (!fileUris.length) return;
  const nulls = await rows(
    connection,
    `SELECT ${key.map((name, at) => `count(*) - count(${identifier(name)}) AS n${at}`).join(', ')} FROM ${files(fileUris)}`,
  );
  for (const [at, name] of key.entries()) {
    const found = Number(nulls[0]?.[`n${at}`]);
    if (!found) continue;
    const problem = `is NULL in column '${name}' of ${found} rows.`;
    throw new KeyViolated(target, key, problem, rowsWithout(from, name));
  }
  const names = key.map(identifier).join(', ');
  const [twice] = await rows(
    connection,
    `SELECT count(*) AS keys, coalesce(sum(times), 0) AS rows
     FROM (SELECT count(*) AS times FROM ${files(fileUris)} GROUP BY ${names} HAVING count(*) > 1)`,
  );
  const repeated = Number(twice?.['keys']);
  if (!repeated) return;
  const problem = `is not unique in the load: ${repeated} keys have ${Number(twice?.['rows'])} rows.`;
  throw new KeyViolated(target, key, problem, repeatedRows(from, key));
}
