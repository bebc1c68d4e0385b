import { decimalOf, lengthOf, type Column, type ColumnType, type TableSchema } from './schema.ts';

/** What must happen to a target table so that it can take rows of an incoming schema. */
export interface SchemaChange {
  /** In the incoming schema, not in the target: added, NULL for the rows already there. */
  readonly added: readonly Column[];
  /** In the target, not in the incoming schema: kept, NULL for the new rows. */
  readonly removed: readonly Column[];
  /** Types that differ and have a common type without loss: the target column takes `to`. */
  readonly widened: readonly { readonly name: string; readonly from: ColumnType; readonly to: ColumnType }[];
  /** Types with no common type without loss: the load must be refused. */
  readonly conflicts: readonly {
    readonly name: string;
    readonly from: ColumnType;
    readonly to: ColumnType;
  }[];
}

const INTEGERS: readonly ColumnType[] = ['int16', 'int32', 'int64'];
const FLOATS: readonly ColumnType[] = ['float32', 'float64'];
const INTEGER_DIGITS: Partial<Record<ColumnType, number>> = { int16: 5, int32: 10, int64: 19 };

/**
 * The narrowest type that holds every value of both without loss, or undefined where there is none.
 * Commutative, and idempotent: `commonType(a, a) === a`.
 */
export function commonType(a: ColumnType, b: ColumnType): ColumnType | undefined {
  if (a === b) return a;
  for (const family of [INTEGERS, FLOATS]) {
    if (family.includes(a) && family.includes(b))
      return family[Math.max(family.indexOf(a), family.indexOf(b))];
  }
  // 16-bit integers fit a float's 24-bit mantissa, 32-bit ones a double's 53-bit one.
  for (const [integer, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (integer === 'int16' && FLOATS.includes(other)) return other;
    if (integer === 'int32' && other === 'float64') return other;
  }
  const left = lengthOf(a);
  const right = lengthOf(b);
  if (left !== undefined && right !== undefined) {
    const length = Math.max(left, right);
    return length === Infinity ? 'string' : `string(${length})`;
  }
  return commonDecimal(a, b);
}

/** Compares a target's columns (ours, that start with `_`, aside) with those that come in. Names compare exactly. */
export function compareSchemas(target: TableSchema, incoming: TableSchema): SchemaChange {
  const known = new Map(target.columns.map((column) => [column.name, column]));
  const coming = new Set(incoming.columns.map((column) => column.name));
  const widened: { name: string; from: ColumnType; to: ColumnType }[] = [];
  const conflicts: { name: string; from: ColumnType; to: ColumnType }[] = [];
  for (const { name, type } of incoming.columns) {
    const current = known.get(name);
    if (!current || current.type === type) continue;
    const common = commonType(current.type, type);
    if (common === undefined) conflicts.push({ name, from: current.type, to: type });
    else if (common !== current.type) widened.push({ name, from: current.type, to: common });
  }
  return {
    added: incoming.columns.filter((column) => !known.has(column.name)),
    removed: target.columns.filter((column) => !coming.has(column.name)),
    widened,
    conflicts,
  };
}

export function isUnchanged(change: SchemaChange): boolean {
  return !change.added.length && !change.removed.length && !change.widened.length && !change.conflicts.length;
}

function commonDecimal(a: ColumnType, b: ColumnType): ColumnType | undefined {
  const left = asDecimal(a);
  const right = asDecimal(b);
  if (!left || !right) return undefined;
  const scale = Math.max(left.scale, right.scale);
  const precision = Math.max(left.precision - left.scale, right.precision - right.scale) + scale;
  return precision <= 38 ? `decimal(${precision},${scale})` : undefined;
}

function asDecimal(type: ColumnType): { precision: number; scale: number } | undefined {
  const digits = INTEGER_DIGITS[type];
  return digits === undefined ? decimalOf(type) : { precision: digits, scale: 0 };
}
