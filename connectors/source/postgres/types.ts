import type { ColumnType } from '../../../core/schema.ts';
import { identifier } from './sql.ts';

/** A column's PostgreSQL type, domains resolved to what they are made of. */
export interface PostgresType {
  /** `pg_type.typname`: `int4`, `numeric`, `_text`. */
  readonly name: string;
  /** Whether it lives in `pg_catalog`; a type of the same name elsewhere is another type. */
  readonly builtIn: boolean;
  /** `pg_type.typtype`: b(ase), c(omposite), e(num), r(ange), m(ultirange), p(seudo). */
  readonly kind: string;
  /** `atttypmod`; −1 for none. */
  readonly modifier: number;
  /** As declared: `numeric(10,2)`, `character varying(20)[]`. For messages. */
  readonly declared: string;
}

/** How a column travels: what PostgreSQL selects, what DuckDB makes of it, and when a value must stop the extraction. */
export interface Carriage {
  readonly type: ColumnType;
  /** PostgreSQL expression that gives the value, in a type that the binary stream carries exactly. */
  readonly sql: string;
  /** DuckDB writes the value's text, not the value (uuid). */
  readonly asText?: boolean;
  readonly loss?: Loss;
}

/** The values that a carriage does not carry exactly. */
export interface Loss {
  /** PostgreSQL condition that is true for them; null and false let a value pass. The carriage's `sql` is evaluated only then. */
  readonly sql: string;
  /** PostgreSQL type of the carriage's `sql`, with its modifier: `numeric(10,2)`. */
  readonly of: string;
  /** Completes "n rows hold …": `NaN`, `a time after the year 290000`. */
  readonly what: string;
  /** A file holds none of them when its least and greatest value match this: PostgreSQL need not look at each value. */
  readonly notWithin?: RegExp;
}

/** Why a column cannot be carried; ends with what to do. */
export interface Refusal {
  readonly refused: string;
}

/** The last whole year that a 64-bit count of microseconds since 1970 holds is 294246; PostgreSQL goes to 294276. */
const LAST_TIMESTAMP = '290000-01-01';

/** As DuckDB writes times of the years 1 to 99999. A far one wraps around to years BC, or to one of the infinities. */
const NEAR_TIMES = /^\d{4,5}-[^(]*$/;

const PLAIN: Readonly<Record<string, ColumnType>> = {
  bool: 'boolean',
  int2: 'int16',
  int4: 'int32',
  int8: 'int64',
  float4: 'float32',
  float8: 'float64',
  text: 'string',
  bytea: 'binary',
  date: 'date',
  json: 'json',
  jsonb: 'json',
};

/** The exact way to carry a column of this type, or why there is none. The table is in docs/postgres-types.md. */
export function carriageOf(name: string, type: PostgresType): Carriage | Refusal {
  const sql = identifier(name);
  const text = { type: 'string', sql: `${sql}::text` } as const;
  if (type.kind === 'p') return refusal(name, type, `has no values of its own; exclude: ['${name}']`);
  if (!type.builtIn || type.kind !== 'b') return text;
  const plain = PLAIN[type.name];
  if (plain) return { type: plain, sql };
  switch (type.name) {
    case 'numeric':
      return numeric(name, type);
    case 'varchar':
      return { type: limited(type), sql };
    case 'bpchar':
      // A cast to text would cut the padding, and so would the stream's own reader.
      return { type: limited(type), sql: `textin(bpcharout(${sql}))` };
    case 'oid':
      return { type: 'int64', sql: `${sql}::int8` };
    case 'uuid':
      return { type: 'uuid', sql, asText: true };
    case 'timestamp':
    case 'timestamptz':
      return { type: type.name, sql, loss: { ...farTime(sql, type.name), notWithin: NEAR_TIMES } };
    default:
      return text;
  }
}

export function isRefusal(carriage: Carriage | Refusal): carriage is Refusal {
  return 'refused' in carriage;
}

/** Precision and scale from a modifier. Scale is an 11-bit signed number since PostgreSQL 15. */
export function numericModifier(modifier: number): { precision: number; scale: number } | undefined {
  if (modifier < 4) return undefined;
  const packed = modifier - 4;
  return { precision: (packed >> 16) & 0xffff, scale: ((packed & 0x7ff) ^ 1024) - 1024 };
}

/** @param of PostgreSQL type of the carriage's `sql` */
export function farTime(sql: string, of: string): Loss {
  return {
    sql: `(${sql} >= '${LAST_TIMESTAMP}' AND ${sql} < 'infinity')`,
    of,
    what: 'a time after the year 290000',
  };
}

export function refusal(name: string, type: PostgresType, why: string): Refusal {
  return { refused: `column '${name}' (${type.declared}) ${why}.` };
}

function numeric(name: string, type: PostgresType): Carriage | Refusal {
  const declared = numericModifier(type.modifier);
  if (!declared) return refusal(name, type, `has no declared precision; ${numericFix(name)}`);
  // numeric(5,-2) holds whole hundreds up to 7 digits; numeric(3,5) holds fractions up to 0.00999.
  const scale = Math.max(declared.scale, 0);
  const precision = Math.max(declared.precision - Math.min(declared.scale, 0), scale);
  if (precision > 38)
    return refusal(name, type, `has more digits than a decimal holds (38); ${numericFix(name)}`);
  const of = `numeric(${precision},${scale})`;
  const sql = identifier(name);
  return {
    type: `decimal(${precision},${scale})`,
    sql: `${sql}::${of}`, // Nothing to do for PostgreSQL, except in a domain, which would hide precision and scale.
    loss: { sql: `${sql} = 'NaN'`, of, what: 'NaN' },
  };
}

function numericFix(name: string): string {
  return `set types: { ${key(name)}: 'decimal(38,9)' } (checked for loss), types: { ${key(name)}: 'string' }, or exclude it`;
}

export function key(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
}

function limited(type: PostgresType): ColumnType {
  return type.modifier < 5 ? 'string' : `string(${type.modifier - 4})`;
}
