import { formatHasZone, type NamedFileColumn } from '../../../core/file-tables.ts';
import { decimalOf, lengthOf, type ColumnType } from '../../../core/schema.ts';
import { duckDbType } from '../../duckdb/types.ts';

/** A column as it is read: what it gives, NULL where it gives nothing, and whether that is right. */
export interface Reading {
  readonly name: string;
  readonly value: string;
  /** A condition for rows whose value does not fit the type. Never NULL. */
  readonly isBad: string;
}

/**
 * Exact text of a column's type as a value of it. DuckDB's own casts round, trim and take `1_000`: what is not written as the type is, is bad.
 * @param text SQL of a VARCHAR
 * @param zone of times without zone, where a moment is asked for
 */
export function fromText(column: NamedFileColumn, text: string, zone: string | undefined): Reading {
  const { type } = column;
  const limit = lengthOf(type);
  if (limit !== undefined) {
    const isLong = limit === Infinity ? 'false' : `coalesce(length(${text}) > ${limit}, false)`;
    return { name: column.name, value: text, isBad: isLong };
  }
  const value = converted(column, text, zone);
  return { name: column.name, value, isBad: `(${text} IS NOT NULL AND ${value} IS NULL)` };
}

function converted({ type, format }: NamedFileColumn, text: string, zone: string | undefined): string {
  if (format !== undefined) return inFormat(type, text, format, zone);
  const decimal = decimalOf(type);
  if (decimal)
    return where(text, `[+-]?(\\d+(\\.\\d{0,${decimal.scale}}0*)?|\\.${fraction(decimal.scale)})`, type);
  switch (type) {
    case 'int16':
    case 'int32':
    case 'int64':
      return where(text, '[+-]?\\d+', type);
    case 'float32':
    case 'float64':
      return (
        `coalesce(${where(text, '(?i)[+-]?(inf|infinity|nan)', type)}, ` +
        `nullif(nullif(${where(text, '(?i)[+-]?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?', type)}, 'inf'), '-inf'))`
      );
    case 'boolean':
      return where(text, '(?i)true|false|t|f|1|0', type);
    case 'date':
      return where(text, '\\d{4}-\\d\\d-\\d\\d', type);
    case 'timestamp':
      return where(text, TIME, type);
    case 'timestamptz':
      return zone === undefined
        ? where(text, `${TIME}(Z|[+-]\\d\\d(:?\\d\\d)?)`, type)
        : `coalesce(${where(text, `${TIME}(Z|[+-]\\d\\d(:?\\d\\d)?)`, type)}, ${inZone(where(text, TIME, 'timestamp'), zone)})`;
    case 'uuid':
      return `CASE WHEN TRY_CAST(${text} AS UUID) IS NOT NULL THEN ${text} END`;
    case 'json':
      return `CASE WHEN json_valid(${text}) THEN ${text} END`;
    default:
      return text;
  }
}

const TIME = '\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d(:\\d\\d(\\.\\d{1,6}0*)?)?';

function inFormat(type: ColumnType, text: string, format: string, zone: string | undefined): string {
  const read = `try_strptime(${text}, ${literal(format)})`;
  // It takes blanks around, and the year 24.
  const isWritten = `regexp_full_match(${text}, '(?s)\\S(.*\\S)?') AND year(${read}) >= 1000`;
  if (type === 'date')
    return `CASE WHEN ${isWritten} AND ${read} = date_trunc('day', ${read}) THEN CAST(${read} AS DATE) END`;
  const time = `CASE WHEN ${isWritten} THEN ${read} END`;
  return type === 'timestamp' || formatHasZone(format) ? time : inZone(time, zone ?? 'UTC');
}

/** The moment that a clock of a zone has shown a time, the second one where it showed it twice (as core/local-time.ts has it); NULL where it has skipped it. */
function inZone(time: string, zone: string): string {
  const moment = `timezone(${literal(zone)}, ${time})`;
  return `CASE WHEN timezone(${literal(zone)}, ${moment}) = ${time} THEN ${moment} END`;
}

/** Digits after a point that nothing is before: those of the scale, then zeros, one at least. */
function fraction(scale: number): string {
  return scale === 0 ? '0+' : `\\d{1,${scale}}0*`;
}

function where(text: string, pattern: string, type: ColumnType): string {
  return `CASE WHEN regexp_full_match(${text}, ${literal(pattern)}) THEN TRY_CAST(${text} AS ${duckDbType(type)}) END`;
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
