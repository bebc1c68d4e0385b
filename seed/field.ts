import type { DeclaredColumn } from './declared.ts';

/** A text that fits its column, or what is wrong with it, as the end of a sentence about the value. */
type Reading = { readonly text: string | null } | { readonly problem: string };
export type FieldReader = (text: string) => Reading;

/**
 * Reads the values of a column: a blank is NULL; any other text is taken only when PostgreSQL can store it without
 * rounding, cutting or guessing. @throws {RangeError} for a type that the tables do not use
 */
export function fieldReader(column: DeclaredColumn): FieldReader {
  const accept = acceptorOf(column.type);
  return (text) => {
    if (text === '') return column.notNull ? { problem: 'is blank, and the column may not be.' } : NULL;
    const accepted = accept(text);
    return accepted === undefined
      ? { problem: `${quoted(text)} is not ${described(column.type)}.` }
      : { text: accepted };
  };
}

const NULL: Reading = { text: null };

type Acceptor = (text: string) => string | undefined;

function acceptorOf(type: string): Acceptor {
  const [, base = type, first, second] =
    /^([a-z ]+?)(?:\((\d+)(?:,(\d+))?\))?(?: without time zone)?$/.exec(type) ?? [];
  switch (base) {
    case 'text':
      return (text) => (storable(text) ? text : undefined);
    case 'character varying':
      return (text) => (storable(text) && lengthAtMost(text, Number(first)) ? text : undefined);
    case 'integer':
      return integer;
    case 'numeric':
      return (text) => decimal(text, Number(first), Number(second));
    case 'double precision':
      return (text) => (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? text : undefined);
    case 'boolean':
      return (text) => (/^(true|false|0|1)$/i.test(text) ? text : undefined);
    case 'date':
      return (text) => (/^.{10}( 00:00:00)?$/.test(text) && isTime(text) ? text.slice(0, 10) : undefined);
    case 'timestamp':
      return (text) => (isTime(text) ? text : undefined);
    default:
      throw new RangeError(`No reader for columns of type ${type}`);
  }
}

/** No NUL, which PostgreSQL has no place for, and no replacement character, the trace of bytes that are not UTF-8. */
function storable(text: string): boolean {
  return !text.includes('\0') && !text.includes('\ufffd');
}

/** PostgreSQL counts characters, not UTF-16 units. */
function lengthAtMost(text: string, limit: number): boolean {
  return text.length <= limit || Array.from(text).length <= limit;
}

/** Whole numbers, also as spreadsheets write them beside blanks: `3.0`. */
function integer(text: string): string | undefined {
  const whole = /^(-?\d{1,10})(?:\.0+)?$/.exec(text)?.[1];
  return whole !== undefined && Math.abs(Number(whole)) < 2 ** 31 ? whole : undefined;
}

function decimal(text: string, precision: number, scale: number): string | undefined {
  const [, whole, decimals = ''] = /^-?0*(\d+?)(?:\.(\d+?)0*)?$/.exec(text) ?? [];
  const fits = whole !== undefined && whole.length <= precision - scale && decimals.length <= scale;
  return fits ? text : undefined;
}

/** A day of the calendar, with or without a time of day. */
function isTime(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?$/.test(text)) return false;
  const time = new Date(`${text.slice(0, 10)}T${text.slice(11) || '00:00:00'}Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 10));
}

function described(type: string): string {
  if (type === 'text') return 'valid UTF-8 text';
  if (type.startsWith('character varying'))
    return `valid UTF-8 text of at most ${/\d+/.exec(type)?.[0]} characters`;
  if (type === 'date') return 'a day like 2018-08-01';
  if (type.startsWith('timestamp')) return 'a time like 2018-08-01 02:03:04';
  return `of type ${type}`;
}

/** The value as shown in a message, cut when it is long. */
function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
