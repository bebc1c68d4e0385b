import {
  DuckDBTypeId,
  JsonDuckDBValueConverter,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
  type Json,
} from '@duckdb/node-api';
import type { QueryBatch, QueryResult } from './port.ts';

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
  for (let left = limit; ;) {
    const chunk = await result.fetchChunk();
    if (!chunk?.rowCount) return { columns, truncated: false };
    const found = chunk.getRows();
    const rows = (found.length > left ? found.slice(0, left) : found).map((row) =>
      Object.fromEntries(names.map((name, at) => [name, jsonValue(row[at] ?? null, types[at])])),
    );
    if (rows.length && !(await take({ columns, rows }))) return { columns, truncated: true };
    if (found.length > left) return { columns, truncated: true };
    left -= found.length;
  }
}

function jsonValue(value: DuckDBValue, type: DuckDBType | undefined): Json {
  if (value === null || type === undefined) return null;
  switch (type.typeId) {
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return isoTime(String(value));
    case DuckDBTypeId.TIMESTAMP_TZ:
      return isoTime(String(value)).replace(/\+00$/, 'Z');
    case DuckDBTypeId.BLOB:
      return Buffer.from((value as { bytes: Uint8Array }).bytes).toString('hex');
    case DuckDBTypeId.DATE:
      return isoDate((value as { days: number }).days, String(value));
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? (value as number) : String(value);
    default:
      return JsonDuckDBValueConverter(value, type, JsonDuckDBValueConverter);
  }
}

/** `infinity` and years before Christ stay as DuckDB writes them. */
function isoTime(text: string): string {
  return text.includes('(BC)') ? text : text.replace(' ', 'T');
}

const INFINITE_DAYS = 2 ** 31 - 1;

function isoDate(days: number, text: string): string {
  if (days === INFINITE_DAYS) return 'infinity';
  return days === -INFINITE_DAYS ? '-infinity' : text;
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
