import { lengthOf, type ColumnType } from '../../../core/schema.ts';
import { duckDbType } from '../../duckdb/types.ts';
import { identifier } from './sql.ts';

/** A column's type as MySQL declares it. */
export interface MysqlType {
  /** `DATA_TYPE` of the catalog: `int`, `decimal`, `datetime`. */
  readonly name: string;
  /** As declared: `int(10) unsigned`, `enum('a','b')`. For messages. */
  readonly declared: string;
  readonly unsigned: boolean;
  /** Of a text: `utf8mb4_bin`. */
  readonly collation: string | null;
  /** Characters of a char or varchar. */
  readonly length: number | null;
  /** Digits of a decimal, bits of a bit. */
  readonly precision: number | null;
  readonly scale: number | null;
}

/** How a column travels: what MySQL selects, what DuckDB makes of it, and which values must stop the extraction. */
export interface Carriage {
  readonly type: ColumnType;
  /** MySQL expression that gives the value, most often as text: DuckDB's reader changes some values without a word. */
  readonly sql: string;
  /** DuckDB expression over what comes, which is NULL where the value has no exact counterpart. */
  readonly read: (value: string) => string;
  readonly loss?: Loss;
}

/** The values that a carriage does not carry exactly. */
export interface Loss {
  /** MySQL condition that is true for them. */
  readonly sql: string;
  /** Completes "n rows hold …": `a zero or impossible date`. */
  readonly what: string;
  /** Completes "Correct the values, …". */
  readonly advice: string;
}

/** Why a column cannot be carried; ends with what to do. */
export interface Refusal {
  readonly refused: string;
}

export const isRefusal = (carriage: Carriage | Refusal): carriage is Refusal => 'refused' in carriage;

/** What becomes of `0000-00-00`, which is no day. */
export type ZeroDates = 'fail' | 'null';

const WHOLE: Readonly<Record<string, readonly [signed: ColumnType, unsigned: ColumnType]>> = {
  tinyint: ['int16', 'int16'],
  smallint: ['int16', 'int32'],
  mediumint: ['int32', 'int32'],
  int: ['int32', 'int64'],
  bigint: ['int64', 'decimal(20,0)'],
  year: ['int16', 'int16'],
};
const LIMITED = ['char', 'varchar'];
const TEXTS = ['tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set'];
/** What has a text of its own: times go beyond a day, and below zero. */
const SHOWN = ['time', 'inet4', 'inet6'];
/** Character sets that have a collation of this name. */
const GENERAL = [
  'utf8mb4',
  'utf8mb3',
  'utf8',
  'latin1',
  'latin2',
  'ascii',
  'ucs2',
  'utf16',
  'utf32',
  'cp1250',
  'cp1251',
];
const BYTES = ['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'];
const SHAPES = [
  'geometry',
  'point',
  'linestring',
  'polygon',
  'multipoint',
  'multilinestring',
  'multipolygon',
];
const MOST_DIGITS = 38;

/** The exact way to carry a column of this type, or why there is none. The table is in docs/mysql.md. */
export function carriageOf(name: string, type: MysqlType, zeroDates: ZeroDates): Carriage | Refusal {
  const column = identifier(name);
  const whole = WHOLE[type.name];
  if (whole) return plain(whole[type.unsigned ? 1 : 0], `${column} + 0`);
  switch (type.name) {
    case 'bit':
      return plain(bits(type.precision ?? 1), `CAST(${column} + 0 AS CHAR)`);
    case 'decimal':
      return decimal(name, type);
    case 'float':
      // Its own text shows six digits; as a double it keeps all that it has.
      return plain('float32', `${column} * 1e0`);
    case 'double':
      return plain('float64', column);
    case 'date':
      return time('date', name, zeroDates);
    case 'datetime':
      return time('timestamp', name, zeroDates);
    case 'timestamp':
      return time('timestamptz', name, zeroDates);
    case 'json':
      return plain('json', text(name));
    case 'uuid':
      return plain('uuid', text(name));
  }
  if (LIMITED.includes(type.name))
    return plain(type.length === null ? 'string' : `string(${type.length})`, characters(name, type));
  if (TEXTS.includes(type.name)) return plain('string', characters(name, type));
  if (SHOWN.includes(type.name)) return plain('string', text(name));
  if (BYTES.includes(type.name) || SHAPES.includes(type.name)) return plain('binary', column);
  return refusal(name, type, `is of a type that nobody knows here; ${wayOut(name)}`);
}

/** What a column becomes that a pipeline sets in `types`: values are checked as they flow, none is rounded or cut. */
export function overriddenCarriage(
  name: string,
  type: MysqlType,
  to: ColumnType,
  zeroDates: ZeroDates,
): Carriage | Refusal {
  const native = carriageOf(name, type, zeroDates);
  if (!isRefusal(native) && native.type === to) return native;
  const limit = lengthOf(to);
  const isBytes = BYTES.includes(type.name) || SHAPES.includes(type.name);
  if (limit !== undefined && !isBytes) {
    const carried = plain(to, text(name));
    if (limit === Infinity) return carried;
    return {
      ...carried,
      read: (value) => `CASE WHEN length(${value}) <= ${limit} THEN ${value} END`,
      loss: lossOf(`CHAR_LENGTH(${text(name)}) > ${limit}`, `more than ${limit} characters`),
    };
  }
  const number = type.name in WHOLE || ['bit', 'decimal'].includes(type.name);
  const target = duckDbType(to);
  if (number && (to.startsWith('decimal(') || /^(int|boolean)/.test(to))) {
    const sql = `CAST(${identifier(name)} + 0 AS CHAR)`;
    return {
      type: to,
      sql,
      // A cast would round: what comes back must be the same number.
      read: (value) =>
        to === 'boolean'
          ? `CASE ${value} WHEN '1' THEN true WHEN '0' THEN false END`
          : `CASE WHEN ${digits(`TRY_CAST(${value} AS ${target})::VARCHAR`)} = ${digits(value)} THEN TRY_CAST(${value} AS ${target}) END`,
      loss: lossOf(
        to === 'boolean' ? `${identifier(name)} NOT IN (0, 1)` : 'FALSE',
        `a number that does not fit ${to}`,
      ),
    };
  }
  if (!isBytes && LIMITED.concat(TEXTS).includes(type.name) && (to === 'json' || to === 'uuid'))
    return {
      type: to,
      sql: text(name),
      read: (value) =>
        to === 'json'
          ? `CASE WHEN json_valid(${value}) THEN ${value} END`
          : `CASE WHEN regexp_full_match(${value}, '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}') THEN ${value} END`,
      loss: lossOf(to === 'json' ? `NOT JSON_VALID(${text(name)})` : 'FALSE', `text that is no ${to}`),
    };
  return refusal(name, type, `cannot become ${to}; correct types: { ${key(name)}: … }, or take it out`);
}

/** MySQL condition for a day or time that is none: zero, of the year 0, or not in the calendar. */
export function noTime(column: string): string {
  const day = `DATE(${column})`;
  return `(${column} IS NOT NULL AND (CAST(${column} AS CHAR) < '0001' OR TO_DAYS(${column}) IS NULL OR FROM_DAYS(TO_DAYS(${column})) <> ${day}))`;
}

/** MySQL condition for `0000-00-00`, with or without a time. */
export function isZeroDate(column: string): string {
  return `CAST(${column} AS CHAR) LIKE '0000-00-00%'`;
}

export function key(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
}

function plain(type: ColumnType, sql: string): Carriage {
  const target = duckDbType(type);
  return { type, sql, read: (value) => (target === 'VARCHAR' ? value : `TRY_CAST(${value} AS ${target})`) };
}

/** DuckDB expression for a number's text without zeros at the end of its fraction. */
function digits(text: string): string {
  return `CASE WHEN contains(${text}, '.') THEN rtrim(rtrim(${text}, '0'), '.') ELSE ${text} END`;
}

/** DuckDB's reader takes a text of a binary collation for bytes. A cast would do, but gives NULL for what is longer than a packet. */
function characters(name: string, { collation }: MysqlType): string {
  const [charset = ''] = (collation ?? '').split('_');
  if (!collation?.endsWith('_bin')) return identifier(name);
  return GENERAL.includes(charset) ? `${identifier(name)} COLLATE ${charset}_general_ci` : text(name);
}

function text(name: string): string {
  return `CAST(${identifier(name)} AS CHAR)`;
}

function bits(count: number): ColumnType {
  if (count < 16) return 'int16';
  if (count < 32) return 'int32';
  return count < 64 ? 'int64' : 'decimal(20,0)';
}

function decimal(name: string, type: MysqlType): Carriage | Refusal {
  const { precision, scale } = type;
  if (precision === null || precision > MOST_DIGITS)
    return refusal(
      name,
      type,
      `has more digits than a decimal holds (${MOST_DIGITS}); set types: { ${key(name)}: 'string' }, or exclude it`,
    );
  return plain(`decimal(${precision},${scale ?? 0})`, text(name));
}

function time(type: 'date' | 'timestamp' | 'timestamptz', name: string, zeroDates: ZeroDates): Carriage {
  const column = identifier(name);
  const shown = text(name);
  const sql = zeroDates === 'null' ? `CASE WHEN ${isZeroDate(column)} THEN NULL ELSE ${shown} END` : shown;
  const read = (value: string) => (type === 'timestamptz' ? `${value} || '+00'` : value);
  return {
    type,
    sql,
    read: (value) => `CASE WHEN ${value} >= '0001' THEN TRY_CAST(${read(value)} AS ${duckDbType(type)}) END`,
    loss: {
      sql: zeroDates === 'null' ? `(${noTime(column)} AND NOT ${isZeroDate(column)})` : noTime(column),
      what: 'a day that is not in the calendar, such as 0000-00-00',
      advice: `set zeroDates: 'null' of the table (for 0000-00-00 alone), set types: { ${key(name)}: 'string' }`,
    },
  };
}

function lossOf(sql: string, what: string): Loss {
  return { sql, what, advice: `set types: { <column>: 'string' }` };
}

function refusal(name: string, type: MysqlType, why: string): Refusal {
  return { refused: `column '${name}' (${type.declared}) ${why}.` };
}

function wayOut(name: string): string {
  return `set types: { ${key(name)}: 'string' }, or exclude it`;
}
