import { TerminalError } from '../../core/errors.ts';
import { mayBelong, type Mark, type MarkName } from '../../core/mark.ts';
import { decimalOf, lengthOf, type ColumnType } from '../../core/schema.ts';
import type { LoadRequest } from './port.ts';

/**
 * What a mark stands on: the rows that the loads which have left it brought. `firm`: they are there. `shaken`: others are, but none of the
 * load that left the mark, nor of a later one. `gone`: none of any load is, or no table.
 */
export type Footing = 'firm' | 'shaken' | 'gone';

/**
 * @param landed the greatest sequence of the loads that rows of the target come from, as the warehouse gives it; null where there are none
 * @param marked that of the incremental loads which have left a mark and brought rows; null where there are none
 */
export function footingOf(landed: unknown, marked: unknown): Footing {
  if (landed === null || landed === undefined) return 'gone';
  return Number(landed) >= Number(marked ?? 0) ? 'firm' : 'shaken';
}

type Order = ColumnType | MarkName['type'];

/**
 * The mark that a table has after a load: the greater of the one before and the load's own, as values of the load's cursor. A mark
 * of another cursor is not carried on.
 * @param before the last one that a load of the same mode has left; undefined where the target is new
 * @throws {TerminalError} the load's own mark is no value of its cursor
 */
export function nextMark({ table, manifest }: LoadRequest, before: Mark | undefined): string | null {
  const { highWaterMark, cursor, schema } = manifest;
  const column = 'cursor' in table.extract ? table.extract.cursor : undefined;
  // What `types` makes of the cursor in the warehouse has no say in how its values follow each other.
  const type = cursor?.type ?? schema.columns.find(({ name }) => name === column)?.type;
  if (!type) return null;
  const old = before && (!cursor || mayBelong(before, cursor)) ? before.value : null;
  const kept = old !== null && orderOf(old, type) === undefined ? null : old;
  if (highWaterMark === null) return kept;
  if (orderOf(highWaterMark, type) === undefined) {
    throw new TerminalError(
      `A high-water mark is no ${type}, the type of its cursor. Load the table's history again.`,
    );
  }
  return kept !== null && isGreater(kept, highWaterMark, type) ? kept : highWaterMark;
}

function isGreater(a: string, b: string, type: Order): boolean {
  const left = orderOf(a, type);
  const right = orderOf(b, type);
  if (left instanceof Buffer && right instanceof Buffer) return Buffer.compare(left, right) > 0;
  return left !== undefined && right !== undefined && left > right;
}

const SCALE = 38; // digits after the point that a decimal can have

/** Something that compares as the value does; undefined for no value of the type. */
function orderOf(mark: string, type: Order): bigint | number | Buffer | undefined {
  if (/^int/.test(type)) return /^-?\d+$/.test(mark) ? BigInt(mark) : undefined;
  if (type === 'text' || type === 'position') return Buffer.from(mark);
  if (type === 'number' || decimalOf(type)) return scaled(mark);
  if (type === 'float32' || type === 'float64')
    return mark.trim() === '' || Number.isNaN(Number(mark)) ? undefined : Number(mark);
  if (type === 'date' || type === 'timestamp' || type === 'timestamptz') return microseconds(mark);
  if (lengthOf(type) !== undefined || type === 'uuid' || type === 'json') return Buffer.from(mark);
  return undefined;
}

function scaled(mark: string): bigint | undefined {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(mark);
  if (!match || !(match[2] || match[3])) return undefined;
  const digits = BigInt(`${match[2] ?? ''}${(match[3] ?? '').padEnd(SCALE, '0').slice(0, SCALE)}`);
  return match[1] === '-' ? -digits : digits;
}

const TIME =
  /^(\d{4,6})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?( BC| \(BC\))?$/;

function microseconds(mark: string): bigint | number | undefined {
  if (mark === 'infinity') return Infinity;
  if (mark === '-infinity') return -Infinity;
  const match = TIME.exec(mark);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone = 'Z', before] =
    match;
  const date = new Date(0);
  date.setUTCFullYear(before ? 1 - Number(year) : Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  if (date.getUTCMonth() !== Number(month) - 1) return undefined;
  const offset = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  const minutes = offset
    ? Number(`${offset[1] ?? ''}1`) * (Number(offset[2]) * 60 + Number(offset[3] ?? 0))
    : 0;
  return BigInt(date.getTime() - minutes * 60_000) * 1000n + BigInt(fraction.padEnd(6, '0'));
}
