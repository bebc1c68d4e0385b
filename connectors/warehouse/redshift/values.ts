import type { ColumnMetadata, Field } from '@aws-sdk/client-redshift-data';
import type { QueryResult } from '../port.ts';

/** Columns of a result; those of one name get `_2`, `_3`. */
export function columnsOf(metadata: readonly ColumnMetadata[]): { name: string; type: string }[] {
  const taken = new Set<string>();
  return metadata.map(({ label, name, typeName }) => {
    const wanted = label ?? name ?? 'column';
    let free = wanted;
    for (let times = 2; taken.has(free); times++) free = `${wanted}_${times}`;
    taken.add(free);
    return { name: free, type: typeName ?? 'varchar' };
  });
}

/** A row as JSON values. Times become ISO 8601, bytes hex; 64-bit integers and decimals are text. */
export function jsonRow(columns: QueryResult['columns'], row: readonly Field[]): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ name, type }, at) => [name, jsonValue(row[at], type)]));
}

function jsonValue(field: Field | undefined, type: string): unknown {
  if (!field || field.isNull) return null;
  if (field.booleanValue !== undefined) return field.booleanValue;
  if (field.longValue !== undefined) return type === 'int8' ? String(field.longValue) : field.longValue;
  if (field.doubleValue !== undefined) {
    const value = field.doubleValue;
    return Object.is(value, -0) ? '-0' : Number.isFinite(value) ? value : String(value);
  }
  if (field.blobValue !== undefined) return Buffer.from(field.blobValue).toString('hex');
  const value = field.stringValue ?? '';
  if (type === 'timestamp' || type === 'timestamptz') return isoTime(value);
  return value;
}

/** `infinity` and years before Christ stay as the warehouse writes them. */
function isoTime(value: string): string {
  if (!/^\d/.test(value) || value.includes('BC')) return value;
  return value.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z');
}
