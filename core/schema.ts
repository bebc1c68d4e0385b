import { z } from 'zod';

/**
 * Canonical column types: what a column means, whichever database it comes from or goes to.
 *
 * | type | values |
 * |---|---|
 * | `boolean`, `int16`, `int32`, `int64`, `float32`, `float64` | as named; floats keep NaN, infinities and −0 |
 * | `decimal(p,s)` | exact, 1 ≤ p ≤ 38, 0 ≤ s ≤ p |
 * | `string`, `string(n)` | text; n counts characters |
 * | `binary` | bytes |
 * | `date` | a calendar day |
 * | `timestamp` | a wall-clock time without zone, microseconds |
 * | `timestamptz` | a moment, microseconds, stored as UTC |
 * | `json` | JSON text |
 * | `uuid` | a UUID as text |
 */
export const columnType = z.union(
  [
    z.enum([
      'boolean',
      'int16',
      'int32',
      'int64',
      'float32',
      'float64',
      'string',
      'binary',
      'date',
      'timestamp',
      'timestamptz',
      'json',
      'uuid',
    ]),
    z.templateLiteral(['decimal(', z.int(), ',', z.int(), ')']),
    z.templateLiteral(['string(', z.int(), ')']),
  ],
  { error: 'must be a type such as int64, string, timestamptz or decimal(12,2)' },
);
export type ColumnType = z.infer<typeof columnType>;

export const column = z.strictObject({
  name: z.string().min(1),
  type: columnType,
  nullable: z.boolean(),
});
export type Column = z.infer<typeof column>;

/** The columns of a table, in the order in which they are in its files. */
export const tableSchema = z.strictObject({ columns: z.array(column).min(1).readonly() });
export type TableSchema = z.infer<typeof tableSchema>;

/** Precision and scale of a decimal, or undefined for any other type. */
export function decimalOf(type: ColumnType): { precision: number; scale: number } | undefined {
  const match = /^decimal\((\d+),(\d+)\)$/.exec(type);
  return match ? { precision: Number(match[1]), scale: Number(match[2]) } : undefined;
}

/** Length limit of a string in characters, `Infinity` for an unlimited one, undefined for any other type. */
export function lengthOf(type: ColumnType): number | undefined {
  if (type === 'string') return Infinity;
  const match = /^string\((\d+)\)$/.exec(type);
  return match ? Number(match[1]) : undefined;
}
