import { columnsOf, type NamedFileColumn, type ResolvedFilesExtract } from '../../../core/file-tables.ts';
import type { ColumnType } from '../../../core/schema.ts';
import { globless } from '../../duckdb/parquet.ts';
import { canonicalType, duckDbType } from '../../duckdb/types.ts';
import { decimalOf, lengthOf } from '../../../core/schema.ts';
import { fromText, identifier, literal, type Reading } from './convert.ts';
import { columnsDiffer } from './errors.ts';
import { packingOf, type RecordsAsked } from './records.ts';

/** How a file is read: DuckDB's relation of its rows, numbered from 1 as `_row`, and its columns. */
export interface FileReading {
  readonly relation: string;
  readonly columns: readonly Reading[];
  /** What its rows are held against; absent where the format itself knows how many there are. */
  readonly records?: Omit<RecordsAsked, 'signal' | 'lineOf'>;
  /** Records before the first row. */
  readonly headers: 0 | 1;
}

export interface FileToRead {
  readonly path: string;
  /** Below the root: what its rows say that they are of. */
  readonly key: string;
  /** For messages. */
  readonly name: string;
}

/** Runs a statement and gives its rows as JSON. */
export type Ask = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/** @throws {TerminalError} naming each column that is missing, or not declared */
export async function readingOf(
  extract: ResolvedFilesExtract,
  file: FileToRead,
  zone: string | undefined,
  ask: Ask,
): Promise<FileReading> {
  const columns = columnsOf(extract);
  if (extract.format === 'csv') return csv(extract, columns, file, zone, ask);
  if (extract.format === 'jsonl') return jsonLines(columns, file, zone);
  return parquet(columns, file, zone, ask);
}

async function csv(
  extract: ResolvedFilesExtract,
  columns: readonly NamedFileColumn[],
  file: FileToRead,
  zone: string | undefined,
  ask: Ask,
): Promise<FileReading> {
  const { delimiter, quote, encoding, nulls, quotedNulls, header } = extract;
  const packing = packingOf(file.key);
  const common = `header = ${header}, auto_detect = false, encoding = ${literal(encoding)}, compression = ${literal(packing)}`;
  const names = header ? await headerOf(extract, file, ask) : columns.map(({ from }) => from);
  mustBeDeclared(file, names, columns);
  const fields = names.map((_, at) => `'c${at}': 'VARCHAR'`).join(', ');
  const relation =
    `read_csv(${path(file)}, columns = {${fields}}, delim = ${literal(delimiter)}, quote = ${literal(quote)}, escape = ${literal(quote)}, ` +
    `nullstr = [${nulls.map(literal).join(', ')}], allow_quoted_nulls = ${quotedNulls}, strict_mode = true, parallel = false, ` +
    `store_rejects = ${extract.badRows === 'quarantine'}, ${common})`;
  return {
    relation: `(SELECT row_number() OVER () AS _row, * FROM ${relation})`,
    columns: columns.map((column) => fromText(column, `c${names.indexOf(column.from)}`, zone)),
    records: {
      path: file.path,
      packing,
      width: encoding === 'utf-16' ? 2 : 1,
      csv: { quote, delimiter },
      skipsEmpty: names.length > 1,
    },
    headers: header ? 1 : 0,
  };
}

async function headerOf(
  { delimiter, quote, encoding }: ResolvedFilesExtract,
  file: FileToRead,
  ask: Ask,
): Promise<string[]> {
  const [row] = await ask(
    `SELECT line FROM read_csv(${path(file)}, columns = {'line': 'VARCHAR'}, delim = '\u0001', quote = '', escape = '', header = false, ` +
      `auto_detect = false, nullstr = '\u0002', encoding = ${literal(encoding)}, compression = ${literal(packingOf(file.key))}) LIMIT 1`,
  );
  const line = (typeof row?.[0] === 'string' ? row[0] : '').replace(/^\ufeff/, '').replace(/\r$/, '');
  return line === '' ? [] : fieldsOf(line, delimiter, quote);
}

/** The fields of a line of CSV. */
function fieldsOf(line: string, delimiter: string, quote: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at <= line.length;) {
    if (line[at] !== quote) {
      const end = line.indexOf(delimiter, at);
      fields.push(line.slice(at, end < 0 ? line.length : end));
      at = (end < 0 ? line.length : end) + 1;
      continue;
    }
    let field = '';
    for (at += 1; at < line.length && (line[at] !== quote || line[at + 1] === quote); at += 1) {
      if (line[at] === quote) at += 1;
      field += line.charAt(at);
    }
    fields.push(field);
    at += 2;
  }
  return fields;
}

function mustBeDeclared(
  file: FileToRead,
  names: readonly string[],
  columns: readonly NamedFileColumn[],
): void {
  const declared = columns.map(({ from }) => from);
  const missing = declared.filter((name) => !names.includes(name));
  const extra = names.filter((name) => !declared.includes(name));
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  if (missing.length || extra.length || twice.length)
    throw columnsDiffer(file.name, { missing, extra, twice });
}

/** The kinds of JSON that a type is written as. */
function kindsOf(type: ColumnType): readonly string[] {
  if (type === 'json') return [];
  if (type === 'boolean') return ['BOOLEAN'];
  const isNumber = type.startsWith('int') || type.startsWith('float') || decimalOf(type);
  return isNumber ? ['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'DOUBLE', 'VARCHAR'] : ['VARCHAR'];
}

/** The JSON of a line, or of a part of it, without its texts. */
const bare = (json: string) => `regexp_replace(CAST(${json} AS VARCHAR), '"(\\\\.|[^"\\\\])*"', '', 'g')`;

/**
 * Whether a line has a number that DuckDB alters. It reads those with a point or an exponent, and whole ones beyond 64 bits, as doubles, which
 * hold 15 digits for certain.
 */
const HAS_ROUNDED =
  `len(list_filter(regexp_extract_all(${bare('json')}, '-?[0-9][0-9.eE+-]*'), each -> CASE WHEN regexp_matches(each, '[.eE]') ` +
  `THEN length(ltrim(replace(regexp_extract(each, '[0-9.]+'), '.', ''), '0')) > 15 OR regexp_matches(each, '[eE][+-]?0*[1-9][0-9]{2}') ` +
  `ELSE TRY_CAST(each AS BIGINT) IS NULL AND TRY_CAST(each AS UBIGINT) IS NULL END)) > 0`;

function jsonLines(
  columns: readonly NamedFileColumn[],
  file: FileToRead,
  zone: string | undefined,
): FileReading {
  const packing = packingOf(file.key);
  const known = columns.map(({ from }) => literal(from)).join(', ');
  const unknown: Reading = {
    name: '',
    value: '',
    isBad: `coalesce(json_type(json) <> 'OBJECT' OR len(list_filter(json_keys(json), each -> each NOT IN (${known}))) > 0 OR len(json_keys(json)) <> len(list_distinct(json_keys(json))), true)`,
  };
  const readings = columns.map((column): Reading => {
    const pointer = literal(`/${column.from.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    const kind = `json_type(json, ${pointer})`;
    if (column.type === 'json')
      return {
        name: column.name,
        value: `CASE WHEN ${kind} <> 'NULL' THEN CAST(json -> ${pointer} AS VARCHAR) END`,
        // What is of which part of a line cannot be told: one with such a number anywhere is bad where this part has one that may be it.
        isBad: `coalesce(regexp_matches(${bare(`(json -> ${pointer})`)}, '[0-9][.eE]|[0-9]{19}') AND ${HAS_ROUNDED}, false)`,
      };
    const read = fromText(column, `(json ->> ${pointer})`, zone);
    const kinds = kindsOf(column.type).map(literal).join(', ');
    const isRounded = decimalOf(column.type) ? ` OR (${kind} = 'DOUBLE' AND ${HAS_ROUNDED})` : '';
    return {
      ...read,
      isBad: `(${read.isBad} OR coalesce(${kind} NOT IN (${kinds}, 'NULL')${isRounded}, false))`,
    };
  });
  return {
    relation: `(SELECT row_number() OVER () AS _row, json FROM read_ndjson_objects(${path(file)}, compression = ${literal(packing === 'none' ? 'uncompressed' : packing)}))`,
    columns: [...readings, unknown],
    records: { path: file.path, packing, width: 1, skipsEmpty: true },
    headers: 0,
  };
}

async function parquet(
  columns: readonly NamedFileColumn[],
  file: FileToRead,
  zone: string | undefined,
  ask: Ask,
): Promise<FileReading> {
  const relation = `read_parquet(${path(file)}, hive_partitioning = false)`;
  const found = new Map(
    (await ask(`DESCRIBE SELECT * FROM ${relation}`)).map((row) => [String(row[0]), String(row[1])]),
  );
  mustBeDeclared(file, [...found.keys()], columns);
  const unfit = columns.filter(({ from, type }) => !fits(found.get(from) ?? '', type));
  if (unfit.length)
    throw columnsDiffer(file.name, {
      types: unfit.map(({ from, type }) => `'${from}' is ${found.get(from) ?? ''}, not ${type}`),
    });
  // By numbers: a file may have a column that is called as ours are.
  const fields = columns.map(({ from }, at) => `${identifier(from)} AS c${at}`).join(', ');
  return {
    relation: `(SELECT row_number() OVER () AS _row, ${fields} FROM ${relation})`,
    columns: columns.map((column, at) => {
      const name = `c${at}`;
      if (found.get(column.from) === 'VARCHAR') return fromText(column, name, zone);
      return { name: column.name, value: `CAST(${name} AS ${duckDbType(column.type)})`, isBad: 'false' };
    }),
    headers: 0,
  };
}

const WIDENS: Readonly<Record<string, readonly string[]>> = {
  int16: ['TINYINT', 'UTINYINT'],
  int32: ['TINYINT', 'UTINYINT', 'SMALLINT', 'USMALLINT'],
  int64: ['TINYINT', 'UTINYINT', 'SMALLINT', 'USMALLINT', 'INTEGER', 'UINTEGER'],
  float64: ['FLOAT'],
  timestamp: ['TIMESTAMP_S', 'TIMESTAMP_MS'],
};

/** Whether every value of a column of Parquet is one of a declared type; of text, whether it is so is seen by each value. */
function fits(duckDb: string, type: ColumnType): boolean {
  if (duckDb === 'VARCHAR' || canonicalType(duckDb) === type)
    return type !== 'binary' || duckDb !== 'VARCHAR';
  if (WIDENS[type]?.includes(duckDb)) return true;
  if (duckDb === 'JSON' || duckDb === 'UUID') return lengthOf(type) === Infinity;
  const [from, to] = [decimalOf(canonicalType(duckDb) ?? 'string'), decimalOf(type)];
  return (
    from !== undefined &&
    to !== undefined &&
    to.scale >= from.scale &&
    to.precision - to.scale >= from.precision - from.scale
  );
}

function path({ path }: FileToRead): string {
  return literal(globless(path));
}
