import { decimalOf, lengthOf, type ColumnType } from '../../../core/schema.ts';
import { identifier, literal } from './sql.ts';
import {
  carriageOf,
  farTime,
  isRefusal,
  key,
  refusal,
  type Carriage,
  type PostgresType,
  type Refusal,
} from './types.ts';

const WHOLE: Partial<Record<ColumnType, readonly [string, string, string]>> = {
  int16: ['int2', '-32768', '32767'],
  int32: ['int4', '-2147483648', '2147483647'],
  int64: ['int8', '-9223372036854775808', '9223372036854775807'],
};
const NUMBERS = ['int2', 'int4', 'int8', 'oid', 'numeric', 'float4', 'float8', 'money'];
const FLOATS = ['float4', 'float8'];
const TEXTS = ['text', 'varchar', 'bpchar', 'json', 'jsonb'];
const NOT_A_NUMBER = `('NaN', 'Infinity', '-Infinity')`;
const UUID = `'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'`;

/**
 * The way to carry a column in the type that a pipeline sets in `types`. Every value is checked as it flows:
 * one that would change stops the extraction before it is cast, so no cast here ever rounds or raises.
 */
export function overriddenCarriage(
  name: string,
  type: PostgresType,
  to: ColumnType,
  zone = 'UTC',
): Carriage | Refusal {
  const native = carriageOf(name, type);
  if (!isRefusal(native) && native.type === to) return native;
  const found = type.builtIn && type.kind === 'b' ? builtIn(name, type.name, to, zone) : undefined;
  if (found) return found;
  const limit = lengthOf(to);
  if (limit !== undefined && type.kind !== 'p') return text(name, type, to, limit);
  return refusal(name, type, `cannot become ${to}; correct types: { ${key(name)}: … }, or take it out`);
}

function builtIn(name: string, from: string, to: ColumnType, zone: string): Carriage | undefined {
  const column = identifier(name);
  if (NUMBERS.includes(from)) return number(column, from, to);
  if (TEXTS.includes(from) && to === 'uuid')
    return {
      type: to,
      sql: `${column}::text`,
      loss: { sql: `${column}::text !~ ${UUID}`, of: 'text', what: 'text that is no UUID in lower case' },
    };
  if (TEXTS.includes(from) && to === 'json')
    return {
      type: to,
      sql: `${column}::text`,
      loss: { sql: `NOT (${column}::text IS JSON)`, of: 'text', what: 'text that is no JSON' },
    };
  return time(column, from, to, literal(zone));
}

function number(column: string, from: string, to: ColumnType): Carriage | undefined {
  const exact = FLOATS.includes(from) ? `${column}::text::numeric` : `${column}::numeric`;
  const unbounded =
    FLOATS.includes(from) || from === 'numeric' ? `${column}::text IN ${NOT_A_NUMBER}` : 'false';
  const decimal = decimalOf(to);
  if (decimal) {
    const { precision, scale } = decimal;
    const loss = `CASE WHEN ${unbounded} THEN true ELSE abs(${exact}) >= 1e${precision - scale} OR ${exact} <> round(${exact}, ${scale}) END`;
    const of = `numeric(${precision},${scale})`;
    return {
      type: to,
      sql: `${exact}::${of}`,
      loss: { sql: loss, of, what: `a number that does not fit ${to}` },
    };
  }
  const whole = WHOLE[to];
  if (whole) {
    const [of, least, greatest] = whole;
    const loss = `CASE WHEN ${unbounded} THEN true ELSE ${exact} <> trunc(${exact}) OR ${exact} NOT BETWEEN ${least} AND ${greatest} END`;
    return {
      type: to,
      sql: `${exact}::${of}`,
      loss: { sql: loss, of, what: `a number that does not fit ${to}` },
    };
  }
  if (to !== 'float64' || from === 'money') return undefined;
  if (from === 'float4') return { type: to, sql: `${column}::float8` };
  // A double holds a number exactly enough when its shortest text is that number again.
  const loss = `CASE WHEN ${unbounded} THEN false WHEN abs(${exact}) > 1.7e308 OR (abs(${exact}) < 1e-307 AND ${exact} <> 0) THEN true ELSE ${column}::float8::text::numeric <> ${exact} END`;
  return {
    type: to,
    sql: `${column}::float8`,
    loss: { sql: loss, of: 'float8', what: 'a number that a double does not hold' },
  };
}

/** Days and times turn into each other as UTC. */
function time(column: string, from: string, to: ColumnType, zone: string): Carriage | undefined {
  const utc = from === 'timestamptz' ? `(${column} AT TIME ZONE ${zone})` : column;
  if (from === 'date' && (to === 'timestamp' || to === 'timestamptz')) {
    const stamp = `${column}::timestamp`;
    return {
      type: to,
      sql: to === 'timestamp' ? stamp : `(${stamp} AT TIME ZONE ${zone})`,
      loss: farTime(column, to),
    };
  }
  if (from === 'timestamp' && to === 'timestamptz')
    return { type: to, sql: `(${column} AT TIME ZONE ${zone})`, loss: farTime(column, to) };
  if (from === 'timestamptz' && to === 'timestamp') return { type: to, sql: utc, loss: farTime(column, to) };
  if (from.startsWith('timestamp') && to === 'date')
    return {
      type: to,
      sql: `${utc}::date`,
      loss: { sql: `${utc}::date::timestamp <> ${utc}`, of: 'date', what: 'a time of day' },
    };
  return undefined;
}

function text(name: string, type: PostgresType, to: ColumnType, limit: number): Carriage {
  const column = identifier(name);
  const sql = type.builtIn && type.name === 'bpchar' ? `textin(bpcharout(${column}))` : `${column}::text`;
  if (limit === Infinity) return { type: to, sql };
  return {
    type: to,
    sql,
    loss: { sql: `char_length(${sql}) > ${limit}`, of: 'text', what: `more than ${limit} characters` },
  };
}
