import { parquetOptions, type ParquetVersion } from '../../duckdb/parquet-options.ts';
import type { CarriedColumn } from './columns.ts';
import type { Carriage } from './types.ts';
import type { Leaf } from './catalog.ts';
import type { QualifiedName } from '../qualified-name.ts';
import { duckdbLiteral, identifier, literal, quoted } from './sql.ts';

/** Bytes in the source that make one part; Parquet takes a half to a tenth of them. Smaller ones let streams end closer together. */
const PART_BYTES = 256 * 2 ** 20;
/** Below this a second stream costs more than it saves. Bytes in the source. */
const SMALL_BYTES = 32 * 2 ** 20;
/** Some pages of one relation: `[from, to)`; `to` is open where it is null. */
export interface PageRange {
  readonly name: QualifiedName;
  readonly from: number;
  readonly to: number | null;
}

/** What one file is made of: page ranges, in order; or the relation as PostgreSQL plans it. */
export type Part = readonly PageRange[] | 'as planned';

/**
 * Cuts a table into parts of about equal size, an even number where there is more than one, so that streams end
 * together. Depends on the table's size only: the same table gives the same files, however many streams read them.
 */
export function cutIntoParts(leaves: readonly Leaf[]): PageRange[][] {
  const total = leaves.reduce((sum, leaf) => sum + leaf.bytes, 0);
  const count = total < SMALL_BYTES ? 1 : 2 * Math.ceil(total / (2 * PART_BYTES));
  const size = total / count;
  const parts: PageRange[][] = [[]];
  let room = size;
  for (const leaf of leaves) {
    const perPage = leaf.bytes / Math.max(leaf.pages, 1);
    let from = 0;
    while (parts.length < count && perPage > 0 && (leaf.pages - from) * perPage > room) {
      const to = from + Math.floor(room / perPage);
      if (to > from) parts.at(-1)?.push({ name: leaf.name, from, to });
      parts.push([]);
      room = size;
      from = to;
    }
    // Open at the end: the table may have grown since its pages were counted.
    parts.at(-1)?.push({ name: leaf.name, from, to: null });
    room -= (leaf.pages - from) * perPage;
  }
  return parts.filter((part) => part.length);
}

/**
 * The PostgreSQL query whose rows make a part: columns `c0`, `c1`, …. A value that may not pass raises an error there:
 * in the select list, so that only rows of the result are looked at.
 */
export function partQuery(
  part: Part,
  relation: string,
  columns: readonly CarriedColumn[],
  condition: string | undefined,
): string {
  const values = columns.map(({ carriage }, index) => `${guarded(carriage)} AS c${index}`);
  const select = (from: string, conditions: readonly (string | undefined)[]) => {
    const all = conditions.filter((one) => one !== undefined);
    return `SELECT ${values.join(', ')} FROM ${from}${all.length ? ` WHERE ${all.join(' AND ')}` : ''}`;
  };
  if (part === 'as planned') return select(relation, [condition]);
  return part
    .map((range) => select(`ONLY ${quoted(range.name)}`, [pages(range), condition && `(${condition})`]))
    .join(' UNION ALL ');
}

/** The DuckDB statement that streams a PostgreSQL query into a Parquet file. Its result has the number of rows in the second column, `FileStatistics` in the fifth. */
export function copyStatement(
  database: string,
  query: string,
  columns: readonly CarriedColumn[],
  file: string,
  version: ParquetVersion,
): string {
  const values = columns.map(
    ({ name, carriage }, index) => `c${index}${carriage.asText ? '::VARCHAR' : ''} AS ${identifier(name)}`,
  );
  return (
    `COPY (SELECT ${values.join(', ')} FROM postgres_query(${duckdbLiteral(database)}, ${duckdbLiteral(query)})) ` +
    `TO ${duckdbLiteral(file)} (${parquetOptions(version)}, RETURN_STATS true)`
  );
}

/** The error that a stream ends with when a value would not arrive exactly. */
const LOSS = 'sluice: a value has no exact counterpart';
/** DuckDB's, for a time that has wrapped around, when it writes the file's statistics. */
const WRAPPED = 'out of range in timestamp conversion';

export function tellsOfLoss(message: string): boolean {
  return message.includes(LOSS) || message.includes(WRAPPED);
}

/** Statistics of each column as `copyStatement` returns them: by quoted name, each by its name. */
export type FileStatistics = readonly { key: string; value: readonly { key: string; value: string }[] }[];

/** Whether a file may hold values that were lost although nothing guarded them. */
export function mayHaveLost(statistics: FileStatistics, columns: readonly CarriedColumn[]): boolean {
  return columns.some(({ name, carriage }) => {
    const near = carriage.loss?.notWithin;
    if (!near) return false;
    const found = statistics.find(({ key }) => key === identifier(name))?.value ?? [];
    const of = (key: string) => found.find((entry) => entry.key === key)?.value;
    const onlyNulls = of('num_values') !== undefined && of('num_values') === of('null_count');
    return !onlyNulls && ![of('min'), of('max')].every((value) => value !== undefined && near.test(value));
  });
}

/** The PostgreSQL query that counts the rows each column loses, as `n<i>`. */
export function lossQuery(
  relation: string,
  columns: readonly CarriedColumn[],
  condition: string | undefined,
): string {
  const counts = columns.flatMap(({ carriage }, index) =>
    carriage.loss ? [`count(*) FILTER (WHERE ${carriage.loss.sql}) AS n${index}`] : [],
  );
  return `SELECT ${counts.join(', ')} FROM ${relation}${condition ? ` WHERE ${condition}` : ''}`;
}

function guarded({ sql, loss }: Carriage): string {
  if (!loss || loss.notWithin) return sql;
  // No text is a boolean that begins like this. Because of random() nobody evaluates it before there is such a value.
  const raise = `(${literal(LOSS)} || random())::boolean::text::${loss.of}`;
  return `CASE WHEN ${loss.sql} THEN ${raise} ELSE ${sql} END`;
}

function pages({ from, to }: PageRange): string | undefined {
  const bounds = [
    ...(from > 0 ? [`ctid >= '(${from},0)'::tid`] : []),
    ...(to === null ? [] : [`ctid < '(${to},0)'::tid`]),
  ];
  return bounds.length ? bounds.join(' AND ') : undefined;
}
