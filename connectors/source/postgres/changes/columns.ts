import type { Client } from 'pg';
import { CHANGE_COLUMNS } from '../../../../core/changes.ts';
import { InvalidInput } from '../../../../core/errors.ts';
import type { ResolvedTable } from '../../../../core/pipeline.ts';
import type { Column, ColumnType } from '../../../../core/schema.ts';
import type { Relation, SourceColumn } from '../catalog.ts';
import { carryColumns, type CarriedColumn } from '../columns.ts';
import { literal } from '../sql.ts';
import { carriageOf, isRefusal, key } from '../types.ts';

/**
 * Decides how every column of a table travels, as rows and as texts of the stream alike.
 * @throws {InvalidInput} with every problem at once, each with what to do
 */
export async function changeColumns(
  client: Client,
  relation: Relation,
  table: ResolvedTable,
  found: readonly SourceColumn[],
): Promise<readonly CarriedColumn[]> {
  const carried = carryColumns(table, found);
  const { rows } = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attgenerated <> ''`,
    [relation.oid],
  );
  const generated = new Set(rows.map(({ name }) => name));
  const own = new Set(CHANGE_COLUMNS.map(({ name }) => name));
  const problems = carried.flatMap((column) => {
    const { name } = column;
    const leaveOut = `exclude: [${JSON.stringify(name)}]`;
    if (generated.has(name))
      return [
        `column '${name}' is generated, and a stream of changes has no such columns; compute it in a model, and ${leaveOut}.`,
      ];
    if (own.has(name.toLowerCase()))
      return [
        `column '${name}' has the name of a column that changes get; ${leaveOut}, or rename it in the source.`,
      ];
    return overrideProblem(table, found, column);
  });
  if (problems.length) throw new InvalidInput(`Table '${table.name}' (source ${table.from})`, problems);
  return carried;
}

const WHOLE = ['int2', 'int4', 'int8'];

/** The stream has texts only: not every type that `types` may state for a row can be made of them. */
function overrideProblem(
  table: ResolvedTable,
  found: readonly SourceColumn[],
  { name, type }: CarriedColumn,
): string[] {
  const source = found.find((column) => column.name === name)?.type;
  if (table.types[name] === undefined || !source) return [];
  const native = carriageOf(name, source);
  if (type === 'string' || (!isRefusal(native) && native.type === type)) return [];
  if (type.startsWith('decimal') && [...WHOLE, 'numeric'].includes(source.name)) return [];
  if (['int32', 'int64'].includes(type) && WHOLE.includes(source.name)) return [];
  return [
    `types: { ${key(name)}: '${type}' } cannot be had from a stream of changes, where column '${name}' (${source.declared}) is a text; take its own type, or 'string', and cast in a model.`,
  ];
}

/** The columns of a table as changes have them: a DELETE tells no more than the key. */
export function nullableColumns(columns: readonly CarriedColumn[]): readonly Column[] {
  return columns.map(({ name, type }) => ({ name, type, nullable: true }));
}

/** The columns that the rows of a table get where they are read themselves, as of a place in the log. */
export function snapshotColumns(lsn: string, at: string): readonly CarriedColumn[] {
  const values: Readonly<Record<string, string>> = {
    _op: `'R'::text`,
    _commit_lsn: `${literal(lsn)}::text`,
    _seq: '0::int8',
    _commit_time: `${literal(at)}::timestamptz`,
    _unchanged: 'NULL::text',
    _base: 'NULL::text',
  };
  return CHANGE_COLUMNS.map((column) => ({
    ...column,
    carriage: { type: column.type, sql: values[column.name] ?? 'NULL' },
  }));
}

/** The canonical types of columns that a table no longer has, by their names in the stream. */
export async function goneColumns(
  client: Client,
  table: ResolvedTable,
  gone: readonly { readonly name: string; readonly type: number; readonly modifier: number }[],
): Promise<readonly Column[]> {
  const columns: Column[] = [];
  for (const { name, type: oid, modifier } of gone) {
    const { rows } = await client.query<TypeRow>(TYPE, [oid, modifier]);
    const [row] = rows;
    const native = row && carriageOf(name, { ...row, builtIn: row.built_in });
    const type: ColumnType = table.types[name] ?? (native && !isRefusal(native) ? native.type : 'string');
    columns.push({ name, type, nullable: true });
  }
  return columns;
}

interface TypeRow {
  name: string;
  built_in: boolean;
  kind: string;
  modifier: number;
  declared: string;
}

const TYPE = `
WITH RECURSIVE resolved AS (
  SELECT t.oid, t.typtype, t.typbasetype, $2::int AS modifier, pg_catalog.format_type($1::oid, $2::int) AS declared
  FROM pg_catalog.pg_type t WHERE t.oid = $1::oid
  UNION ALL
  SELECT b.oid, b.typtype, b.typbasetype, CASE WHEN t.typtypmod <> -1 THEN t.typtypmod ELSE r.modifier END, r.declared
  FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.oid JOIN pg_catalog.pg_type b ON b.oid = r.typbasetype WHERE r.typtype = 'd'
)
SELECT t.typname AS name, n.nspname = 'pg_catalog' AS built_in, t.typtype AS kind, r.modifier, r.declared
FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.oid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE r.typtype <> 'd'`;
