import {
  DuckDBTypeId,
  JsonDuckDBValueConverter,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
  type DuckDBVector,
  type Json,
} from '@duckdb/node-api';
import type { QueryBatch, QueryResult } from '../port.ts';

/**
 * Gives a result as JSON values, a chunk at a time. Times become ISO 8601, bytes become hex; columns of one name get `_2`, `_3`.
 * Stops when `take` gives false.
 */
export async function jsonBatches(
  result: DuckDBResult,
  limit: number,
  take: (batch: QueryBatch) => boolean | Promise<boolean>,
): Promise<Omit<QueryResult, 'rows'>> {
  const names = distinct(result.columnNames());
  const types = result.columnTypes();
  const columns = names.map((name, at) => ({ name, type: String(types[at]) }));
  const converters = types.map(converterOf);
  for (let left = limit; ;) {
    const chunk = await result.fetchChunk();
    if (!chunk?.rowCount) return { columns, truncated: false };
    const found = chunk.rowCount;
    const size = Math.min(found, left);
    const values = converters.map((convert, at) => valuesOf(chunk.getColumnVector(at), size, convert));
    if (size && !(await take(new ColumnBatch(columns, values)))) return { columns, truncated: true };
    if (found > left) return { columns, truncated: true };
    left -= found;
  }
}

/** Objects are made for those alone who ask for rows. */
class ColumnBatch implements QueryBatch {
  readonly columns: QueryBatch['columns'];
  readonly values: QueryBatch['values'];

  constructor(columns: QueryBatch['columns'], values: QueryBatch['values']) {
    this.columns = columns;
    this.values = values;
  }

  get rows(): QueryBatch['rows'] {
    const [first = []] = this.values;
    return first.map((_, row) =>
      Object.fromEntries(this.columns.map(({ name }, at) => [name, this.values[at]?.[row]])),
    );
  }
}

type Convert = (value: DuckDBValue) => Json;

function valuesOf(vector: DuckDBVector, size: number, convert: Convert): Json[] {
  const values = new Array<Json>(size);
  for (let row = 0; row < size; row += 1) {
    const value = vector.getItem(row);
    values[row] = value === null ? null : convert(value);
  }
  return values;
}

/** Chosen once for a column: what a type is need not be asked of each of its values. */
function converterOf(type: DuckDBType): Convert {
  switch (type.typeId) {
    case DuckDBTypeId.TIMESTAMP:
      return (value) => isoMicros((value as { micros: bigint }).micros) ?? isoTime(String(value));
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return (value) => isoTime(String(value));
    case DuckDBTypeId.TIMESTAMP_TZ:
      return (value) => isoTime(String(value)).replace(/\+00$/, 'Z');
    case DuckDBTypeId.BLOB:
      return (value) => Buffer.from((value as { bytes: Uint8Array }).bytes).toString('hex');
    case DuckDBTypeId.DATE:
      return (value) => isoDate((value as { days: number }).days, value);
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return (value) =>
        Object.is(value, -0) ? '-0' : Number.isFinite(value) ? (value as number) : String(value);
    case DuckDBTypeId.BOOLEAN:
    case DuckDBTypeId.INTEGER:
    case DuckDBTypeId.VARCHAR:
      return (value) => value as boolean | number | string;
    case DuckDBTypeId.BIGINT:
      return String;
    default:
      return (value) => JsonDuckDBValueConverter(value, type, JsonDuckDBValueConverter);
  }
}

const FIRST_DAY = Date.parse('0001-01-01T00:00:00Z'); // milliseconds; before it years are written otherwise
const AFTER_LAST_DAY = Date.UTC(10_000, 0, 1);

/** Undefined where a number does not hold the microseconds, or a year has not four digits. */
function isoMicros(micros: bigint): string | undefined {
  const all = Number(micros);
  if (!Number.isSafeInteger(all)) return undefined;
  const seconds = Math.floor(all / 1_000_000);
  const day = Math.floor(seconds / 86_400);
  const date = isoDay(day);
  if (date === undefined) return undefined;
  const second = seconds - day * 86_400;
  const [hours, minutes] = [Math.floor(second / 3600), Math.floor(second / 60) % 60];
  const text = `${date}T${two(hours)}:${two(minutes)}:${two(second % 60)}`;
  const rest = all - seconds * 1_000_000;
  return rest === 0 ? text : `${text}.${String(rest).padStart(6, '0').replace(/0+$/, '')}`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

const days = new Map<number, string>();
const MOST_DAYS = 4_096; // that are remembered; columns have few

/** A day since 1970, in a year of four digits; undefined in others. */
function isoDay(day: number): string | undefined {
  const known = days.get(day);
  if (known !== undefined) return known;
  const at = day * 86_400_000;
  if (at < FIRST_DAY || at >= AFTER_LAST_DAY) return undefined;
  if (days.size >= MOST_DAYS) days.clear();
  const text = new Date(at).toISOString().slice(0, 10);
  days.set(day, text);
  return text;
}

/** `infinity` and years before Christ stay as DuckDB writes them. */
function isoTime(text: string): string {
  const dated = withYearOne(text);
  return dated.includes('(BC)') ? dated : dated.replace(' ', 'T');
}

/** There is no year 0, though the binding writes one: it is the last before Christ. */
function withYearOne(text: string): string {
  return text.replace(/^0000-(\d\d-\d\d)/, '0001-$1 (BC)');
}

const INFINITE_DAYS = 2 ** 31 - 1;

function isoDate(day: number, value: DuckDBValue): string {
  if (day === INFINITE_DAYS) return 'infinity';
  if (day === -INFINITE_DAYS) return '-infinity';
  return isoDay(day) ?? withYearOne(String(value));
}

function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let times = 2; taken.has(free); times++) free = `${name}_${times}`;
    taken.add(free);
    return free;
  });
}
