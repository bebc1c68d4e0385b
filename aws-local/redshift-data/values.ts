import type { Result } from '../redshift-database/session.ts';

/** PostgreSQL's type ids and Redshift's names for them, as `ColumnMetadata.typeName` has them. */
const TYPE_NAMES: Readonly<Record<number, string>> = {
  16: 'bool',
  17: 'varbyte',
  20: 'int8',
  21: 'int2',
  23: 'int4',
  25: 'varchar',
  26: 'oid',
  700: 'float4',
  701: 'float8',
  705: 'varchar',
  1042: 'bpchar',
  1043: 'varchar',
  1082: 'date',
  1083: 'time',
  1114: 'timestamp',
  1184: 'timestamptz',
  1266: 'timetz',
  1700: 'numeric',
  3802: 'super',
  19: 'name',
};

const LONGS = new Set(['int2', 'int4', 'int8', 'oid']);

export function columnMetadata(column: NonNullable<Result['columns']>[number]): Record<string, unknown> {
  const typeName = TYPE_NAMES[column.type] ?? 'varchar';
  const numeric = typeName === 'numeric' && column.modifier >= 4;
  return {
    isCaseSensitive: typeName === 'varchar' || typeName === 'bpchar',
    isCurrency: false,
    isSigned: LONGS.has(typeName) || ['numeric', 'float4', 'float8'].includes(typeName),
    label: column.name,
    name: column.name,
    nullable: 1,
    precision: numeric
      ? ((column.modifier - 4) >> 16) & 0xffff
      : column.modifier > 4
        ? column.modifier - 4
        : 0,
    scale: numeric ? (column.modifier - 4) & 0xffff : 0,
    schemaName: '',
    tableName: '',
    typeName,
    length: 0,
  };
}

/**
 * A value as JSON text of the API's `Field`. Integers of 64 bits go out digit for digit, as the service writes them.
 * https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_Field.html
 */
export function fieldJson(value: string | null, type: number): string {
  if (value === null) return '{"isNull":true}';
  const name = TYPE_NAMES[type] ?? 'varchar';
  if (LONGS.has(name)) return `{"longValue":${value}}`;
  if (name === 'bool') return `{"booleanValue":${value === 't'}}`;
  if (name === 'float4' || name === 'float8') {
    return /^-?[\d.]/.test(value) ? `{"doubleValue":${value}}` : `{"doubleValue":${JSON.stringify(value)}}`;
  }
  return JSON.stringify({ stringValue: name === 'varbyte' ? value.slice(2) : value });
}
