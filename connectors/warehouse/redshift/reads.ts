import type { Target } from './target.ts';
import { folded, identifier, text } from './text.ts';
import { STAGE } from './write.ts';

/** Statements that look at what is in the warehouse, past the bookkeeping of loads. */

const TOGETHER = 50; // SELECTs in one statement, to stay below its 100 KB

/** SELECTs of the same columns, in as few statements as they fit into. */
export function together(selects: readonly string[]): string[] {
  const statements: string[] = [];
  for (let at = 0; at < selects.length; at += TOGETHER)
    statements.push(selects.slice(at, at + TOGETHER).join(' UNION ALL '));
  return statements;
}

/** The tables in schemas, by the catalog of the leader node. */
export function selectTables(schemas: readonly string[]): string {
  const list = [...new Set(schemas)].map((schema) => text(folded(schema))).join(', ');
  return (
    `SELECT n.nspname AS schema_name, c.relname AS table_name FROM pg_catalog.pg_class AS c ` +
    `INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN (${list})`
  );
}

/** The loads that rows of a table come from. */
export function selectLoadIds({ name }: Target): string {
  return `SELECT DISTINCT "_load_id" AS id FROM ${name}`;
}

/** How many rows of a load are in a table. */
export function countLanded({ name }: Target, loadId: string): string {
  return `SELECT ${text(loadId)} AS id, COUNT(*) AS landed FROM ${name} WHERE "_load_id" = ${text(loadId)}`;
}

/** What COPY says of files in a folder. https://docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html; serverless has no STL_LOAD_ERRORS. */
export function selectLoadErrors(folder: string, limit: number): string {
  return (
    `SELECT TRIM(file_name) AS file, TRIM(column_name) AS name, line_number, TRIM(error_message) AS message FROM sys_load_error_detail ` +
    `WHERE file_name LIKE ${text(`${folder.replace(/[_%]/g, '\\$&')}%`)} ORDER BY start_time DESC LIMIT ${limit}`
  );
}

/** How often each key column of the staged rows is NULL, as `n0`, `n1`. */
export function countNullKeys(key: readonly string[]): string {
  const counts = key.map((name, at) => `COUNT(*) - COUNT(${identifier(name)}) AS n${at}`).join(', ');
  return `SELECT ${counts} FROM ${STAGE}`;
}

/** How many keys several staged rows have, and how many rows those are. */
export function countRepeatedKeys(key: readonly string[]): string {
  const names = key.map(identifier).join(', ');
  return (
    `SELECT COUNT(*) AS keys, COALESCE(SUM(times), 0) AS found FROM ` +
    `(SELECT COUNT(*) AS times FROM ${STAGE} GROUP BY ${names} HAVING COUNT(*) > 1) AS repeated`
  );
}

/** How many staged rows a condition does not hold for. */
export function countOutside(within: string): string {
  return `SELECT SUM(CASE WHEN ${within} THEN 0 ELSE 1 END) AS found FROM ${STAGE}`;
}
