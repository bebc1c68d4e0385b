import { TerminalError } from '../errors.ts';
import { byRank } from './by-rank.ts';
import type { DataDefinition, DimensionDefinition } from './definition.ts';
import { sumColumns } from './sql.ts';

/** A dimension's values once each, and for every row which of them it has. */
export interface Coded {
  /** In the order in which they are shown; null stands last. */
  readonly values: readonly (string | null)[];
  readonly codes: readonly number[];
}

/** What is added up, in whole numbers: `value × 10^scale`. */
export interface Sums {
  readonly scale: number;
  readonly values: readonly number[];
}

/** Rows of a mart grouped by all dimensions, and by the keys that are counted. JSON; the same rows give the same bytes, whatever their order. */
export interface Dataset {
  readonly rows: number;
  readonly dimensions: Readonly<Record<string, Coded>>;
  readonly sums: Readonly<Record<string, Sums>>;
  /**
   * Of each row the key that a measure counts: 0 is one that no row before has, n the n-th newest of those before, null none. Absent where
   * nothing is counted so. (Most rows bring a new one: noughts weigh nothing.)
   */
  readonly keys?: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Of one select, grouped: they are coded on the worker's thread, and a page holds them all. */
export const MOST_ROWS = 300_000;

/** Whether numbers of the one are shown by the other as they are, as far as their selects do not tell. */
export function isCutAlike(one: DataDefinition | undefined, other: DataDefinition): boolean {
  const short = (data: DataDefinition | undefined) =>
    Object.entries(data?.dimensions ?? {}).flatMap(([name, each]) => (each.short ? [name] : []));
  return short(one).join() === short(other).join();
}

interface Result {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Characters of an id that are always shown: fewer nobody would take for one. */
const LEAST = 6;
/** Beyond it a sum of any rows might be off by one: https://tc39.es/ecma262/#sec-number.max_safe_integer */
const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** @throws {TerminalError} a sum of floating point, or one that cannot be added up exactly */
export function toDataset(definition: DataDefinition, { columns, rows }: Result): Dataset {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  const coded = Object.entries(definition.dimensions).map(([name, each]) => {
    const found = code(
      rows.map((row) => textOf(row[name], each)),
      each.order ?? [],
    );
    return [name, each.short ? { ...found, values: beginnings(found.values) } : found] as const;
  });
  const keys = Object.entries(definition.measures).flatMap(([name, measure]) =>
    'distinct' in measure
      ? [
          [
            name,
            code(
              rows.map((row) => textOf(row[name], {})),
              [],
            ),
          ] as const,
        ]
      : [],
  );
  const order = rows
    .map((_, at) => at)
    .sort((a, b) => {
      for (const [, { codes }] of [...coded, ...keys])
        if (codes[a] !== codes[b]) return (codes[a] ?? 0) - (codes[b] ?? 0);
      return 0;
    });
  const inOrder = <T>(values: readonly T[]) => order.map((at) => values[at] as T);
  return {
    rows: rows.length,
    dimensions: Object.fromEntries(
      coded.map(([name, { values, codes }]) => {
        const each = { values, codes: inOrder(codes) };
        return [name, definition.dimensions[name]?.short ? asTheyAppear(each) : each];
      }),
    ),
    sums: Object.fromEntries(
      sumColumns(definition.measures).map(({ name, measure }) => {
        const words = `measure '${measure}' of ${definition.mart}`;
        if (/double|float|real/i.test(typeOf.get(name) ?? ''))
          throw new TerminalError(
            `${words} would add up floating point (${typeOf.get(name) ?? ''}), which gives another sum each time. Make the column a decimal in the mart, or say 'scale: 2' with the measure.`,
          );
        return [name, exact(words, inOrder(rows.map((row) => row[name])))];
      }),
    ),
    ...(keys.length && {
      keys: Object.fromEntries(
        keys.map(([name, { values, codes }]) => [name, backwards({ values, codes: inOrder(codes) })]),
      ),
    }),
  };
}

function textOf(value: unknown, { by }: DimensionDefinition): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (by === undefined) return text;
  const [year = '', month = ''] = text.split('-');
  if (by === 'year') return year;
  if (by === 'quarter') return `${year}-Q${Math.ceil(Number(month) / 3)}`;
  return by === 'month' ? text.slice(0, 7) : text.slice(0, 10);
}

function code(texts: readonly (string | null)[], first: readonly string[]): Coded {
  const values = [...new Set(texts)].sort(byRank(first));
  const codes = new Map(values.map((value, at) => [value, at]));
  return { values, codes: texts.map((text) => codes.get(text) ?? 0) };
}

/** As `Dataset.keys` has them. */
function backwards(keys: Coded): (number | null)[] {
  const { values, codes } = asTheyAppear(keys);
  let newest = -1;
  return codes.map((code) => {
    if (values[code] === null) return null;
    if (code <= newest) return newest + 1 - code;
    newest = code;
    return 0;
  });
}

/** Of each value as much as tells it from all others, all of one length. */
function beginnings(values: Coded['values']): Coded['values'] {
  const ids = values.map((value) => (value === null ? null : Array.from(value))); // by code points: none is cut in two
  const longest = ids.reduce((most, id) => Math.max(most, id?.length ?? 0), 0);
  let length = Math.min(LEAST, longest);
  const cut = (id: readonly string[] | null) => id?.slice(0, length).join('') ?? null;
  while (length < longest && new Set(ids.map(cut)).size < ids.length) length += 1;
  return values.map((value, at) =>
    (ids[at]?.length ?? 0) <= length ? value : `${cut(ids[at] ?? null) ?? ''}…`,
  );
}

/** Ids have no order that people expect: numbered as rows have them, neighbours are alike, and weigh half. Null last. */
function asTheyAppear({ values, codes }: Coded): Coded {
  const seen = [...new Set(codes)].sort((a, b) => Number(values[a] === null) - Number(values[b] === null));
  const places = new Map(seen.map((old, at) => [old, at]));
  return { values: seen.map((old) => values[old] ?? null), codes: codes.map((old) => places.get(old) ?? 0) };
}

/** @throws {TerminalError} what is no number, or too great */
function exact(words: string, given: readonly unknown[]): Sums {
  const parsed = given.map((value) => {
    const text =
      value === null || value === undefined ? '0' : typeof value === 'string' ? value : JSON.stringify(value);
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (!match)
      throw new TerminalError(
        `${words} is a sum that is no plain number. Make the column a decimal in the mart.`,
      );
    return { sign: match[1] === '-' ? -1n : 1n, whole: match[2] ?? '0', rest: match[3] ?? '' };
  });
  const scale = Math.max(0, ...new Set(parsed.map(({ rest }) => rest.length)));
  const values = parsed.map(({ sign, whole, rest }) => sign * BigInt(whole + rest.padEnd(scale, '0')));
  const total = values.reduce((sum, value) => sum + (value < 0n ? -value : value), 0n);
  if (total > MOST)
    throw new TerminalError(
      `${words} adds up to more than 2^53 − 1 (in units of its last digit), beyond which a browser's sums are not exact. Give it fewer digits with 'scale', or a larger unit in the mart.`,
    );
  return { scale, values: values.map(Number) };
}
