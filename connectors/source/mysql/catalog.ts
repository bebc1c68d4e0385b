import type { Connection, RowDataPacket } from 'mysql2/promise';
import { TerminalError } from '../../../core/errors.ts';
import type { QualifiedName } from '../qualified-name.ts';
import { queryColumns } from './query.ts';
import { identifier } from './sql.ts';
import type { MysqlType } from './types.ts';

/** A table or view, as the catalog has it. */
export interface Relation {
  readonly name: QualifiedName;
  /** As it stands in a FROM. */
  readonly sql: string;
  /** The query that it is, in the place of a table. */
  readonly query?: string;
  /** `InnoDB`, `MyISAM`; null for a view or a query. */
  readonly engine: string | null;
}

export interface SourceColumn {
  readonly name: string;
  readonly type: MysqlType;
  readonly nullable: boolean;
  readonly readable: boolean;
  /** A b-tree index starts with it. */
  readonly indexed: boolean;
}

export const shown = ({ schema, table }: QualifiedName): string => `${schema}.${table}`;

/**
 * @param hint said where the table is not there
 * @throws {TerminalError} when there is no such table, or none that the user may see, naming those that look like it
 */
export async function findRelation(
  client: Connection,
  name: QualifiedName,
  hint?: string,
): Promise<Relation> {
  const [rows] = await client.query<RowDataPacket[]>(
    `SELECT TABLE_SCHEMA AS s, TABLE_NAME AS n, ENGINE AS e FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`,
    [name.schema, name.table],
  );
  const row = rows[0] as { s: string; n: string; e: string | null } | undefined;
  if (row)
    return {
      name: { schema: row.s, table: row.n },
      sql: `${identifier(row.s)}.${identifier(row.n)}`,
      engine: row.e,
    };
  const [near] = await client.query<RowDataPacket[]>(NEAR, [name.table, name.schema, name.table]);
  const known = near.map(({ name }) => String(name)).join(', ');
  throw new TerminalError(
    `Table ${shown(name)} is not in the database, or the connection's user may not see it${known ? `; it sees ${known}` : ''}. ` +
      `Correct 'from' (write it as database.table), GRANT SELECT on it, or create the table.${hint === undefined ? '' : ` ${hint}`}`,
  );
}

/** Columns in their order. */
export async function readColumns(client: Connection, relation: Relation): Promise<SourceColumn[]> {
  const { name } = relation;
  if (relation.query !== undefined) return queryColumns(client, name.table, relation.sql);
  const [rows] = await client.query<RowDataPacket[]>(COLUMNS, [name.schema, name.table]);
  return (rows as ColumnRow[]).map((row) => ({
    name: row.name,
    nullable: row.nullable === 'YES',
    readable: row.readable !== 0,
    indexed: row.indexed !== 0,
    type: {
      name: row.type.toLowerCase(),
      declared: row.declared,
      unsigned: /\bunsigned\b/i.test(row.declared),
      collation: row.collation,
      length: numberOr(row.length),
      precision: numberOr(row.digits),
      scale: numberOr(row.scale),
    },
  }));
}

interface ColumnRow {
  name: string;
  type: string;
  declared: string;
  nullable: string;
  collation: string | null;
  length: string | number | null;
  digits: string | number | null;
  scale: string | number | null;
  readable: number;
  indexed: number;
}

function numberOr(value: string | number | null): number | null {
  return value === null ? null : Number(value);
}

const NEAR = `
SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) AS name FROM information_schema.TABLES
WHERE TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')
ORDER BY LOWER(TABLE_NAME) = LOWER(?) DESC, TABLE_SCHEMA = ? DESC, LEFT(LOWER(TABLE_NAME), 3) = LEFT(LOWER(?), 3) DESC, 1
LIMIT 8`;

const COLUMNS = `
SELECT c.COLUMN_NAME AS name, c.DATA_TYPE AS type, c.COLUMN_TYPE AS declared, c.IS_NULLABLE AS nullable, c.COLLATION_NAME AS collation,
  c.CHARACTER_MAXIMUM_LENGTH AS length, c.NUMERIC_PRECISION AS digits, c.NUMERIC_SCALE AS scale,
  c.PRIVILEGES LIKE '%select%' AS readable,
  EXISTS (SELECT 1 FROM information_schema.STATISTICS i WHERE i.TABLE_SCHEMA = c.TABLE_SCHEMA AND i.TABLE_NAME = c.TABLE_NAME
    AND i.COLUMN_NAME = c.COLUMN_NAME AND i.SEQ_IN_INDEX = 1 AND i.INDEX_TYPE = 'BTREE') AS indexed
FROM information_schema.COLUMNS c WHERE c.TABLE_SCHEMA = ? AND c.TABLE_NAME = ? ORDER BY c.ORDINAL_POSITION`;
