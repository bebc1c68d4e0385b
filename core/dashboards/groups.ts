import type { DataDefinition } from './definition.ts';
import type { Dataset } from './dataset.ts';

/** Values that were chosen, by dimension; of one that is not named, all. */
export type Chosen = Readonly<Record<string, readonly (string | null)[]>>;

/** A sum in whole units of 10^-scale. */
interface Sum {
  readonly units: number;
  readonly scale: number;
}

/** A number of a panel: a sum, or one sum over another, so that it can be rounded exactly. Null: there is nothing to divide by. */
export type Amount = { readonly value: number; readonly sum: Sum; readonly over?: Sum } | null;

export interface Group {
  readonly key: readonly (string | null)[];
  readonly amounts: readonly Amount[];
}

type Measures = DataDefinition['measures'];

/** Groups of the rows that were chosen, in the order of their values; without dimensions one group of all. Runs in browsers as well. */
export function grouped(
  set: Dataset,
  measures: Measures,
  chosen: Chosen,
  by: readonly string[],
  shown: readonly string[],
): Group[] {
  const rows = rowsChosen(set, chosen);
  const columns = by.map((name) => set.dimensions[name]);
  const index = new Map<number | string, number>();
  const radix = columns.map((column) => (column?.values.length ?? 0) + 1);
  const isSmall = radix.reduce((product, each) => product * each, 1) < Number.MAX_SAFE_INTEGER;
  const first: number[] = [];
  const slots = new Int32Array(rows.length);
  rows.forEach((row, at) => {
    const codes = columns.map((column) => column?.codes[row] ?? 0);
    const key = isSmall ? codes.reduce((sum, each, n) => sum * (radix[n] ?? 1) + each, 0) : codes.join();
    let slot = index.get(key);
    if (slot === undefined) {
      slot = first.length;
      index.set(key, slot);
      first.push(row);
    }
    slots[at] = slot;
  });
  if (!by.length && !first.length) first.push(-1);
  const sums = new Map<string, Float64Array>();
  const sumOf = (name: string) => {
    const found = sums.get(name);
    if (found) return found;
    const made = new Float64Array(first.length);
    const keys = set.keys?.[name];
    if (keys) {
      const numbers = numbersOf(keys);
      // Sorted, those that are the same stand together: faster than a set of them.
      const both = Float64Array.from(rows, (row, at) => {
        const key = numbers[row] ?? -1;
        return key < 0 ? -1 : (slots[at] ?? 0) * keys.length + key;
      }).sort();
      both.forEach((each, at) => {
        if (each < 0 || each === both[at - 1]) return;
        const slot = Math.floor(each / keys.length);
        made[slot] = (made[slot] ?? 0) + 1;
      });
      sums.set(name, made);
      return made;
    }
    const values = set.sums[name]?.values ?? [];
    rows.forEach((row, at) => {
      const slot = slots[at] ?? 0;
      made[slot] = (made[slot] ?? 0) + (values[row] ?? 0);
    });
    sums.set(name, made);
    return made;
  };
  const groups = first.map((row, slot): Group & { readonly codes: readonly number[] } => ({
    codes: columns.map((column) => column?.codes[row] ?? 0),
    key: columns.map((column) => column?.values[column.codes[row] ?? 0] ?? null),
    amounts: shown.map((name) => amountOf(set, measures, name, (sum) => sumOf(sum)[slot] ?? 0)),
  }));
  return groups
    .sort((a, b) => {
      for (const [at, code] of a.codes.entries()) if (code !== b.codes[at]) return code - (b.codes[at] ?? 0);
      return 0;
    })
    .map(({ key, amounts }) => ({ key, amounts }));
}

type Keys = NonNullable<Dataset['keys']>[string];
const numbered = new WeakMap<Keys, Int32Array>();

/** Each key as a number of its own; -1 where a row has none. Once for all panels of a page. */
function numbersOf(keys: Keys): Int32Array {
  const known = numbered.get(keys);
  if (known) return known;
  let newest = -1;
  const numbers = Int32Array.from(keys, (back) => {
    if (back === null) return -1;
    if (back === 0) newest += 1;
    return back === 0 ? newest : newest + 1 - back;
  });
  numbered.set(keys, numbers);
  return numbers;
}

const chosenLast = new WeakMap<Dataset, { readonly chosen: string; readonly rows: Int32Array }>();

/** Indexes of the rows that have one of the chosen values of every dimension. Once for all panels of a page. */
function rowsChosen(set: Dataset, by: Chosen): Int32Array {
  const chosen = JSON.stringify(by);
  const last = chosenLast.get(set);
  if (last?.chosen === chosen) return last.rows;
  const rows = findRows(set, by);
  chosenLast.set(set, { chosen, rows });
  return rows;
}

function findRows(set: Dataset, chosen: Chosen): Int32Array {
  const tests = Object.entries(chosen).flatMap(([name, values]) => {
    const column = set.dimensions[name];
    if (!column || !values.length) return [];
    const isIn = new Uint8Array(column.values.length);
    for (const value of values) {
      const at = column.values.indexOf(value);
      if (at >= 0) isIn[at] = 1;
    }
    return [{ codes: column.codes, isIn }];
  });
  const rows: number[] = [];
  for (let row = 0; row < set.rows; row += 1)
    if (tests.every(({ codes, isIn }) => isIn[codes[row] ?? 0] === 1)) rows.push(row);
  return Int32Array.from(rows);
}

function amountOf(set: Dataset, measures: Measures, name: string, total: (column: string) => number): Amount {
  const measure = measures[name];
  if (!measure) return null;
  const sumOf = (column: string): Sum => ({ units: total(column), scale: set.sums[column]?.scale ?? 0 });
  if ('ratio' in measure) {
    const [above, below] = measure.ratio.map((part) => amountOf(set, measures, part, total));
    if (!above || !below) return null;
    return divided(above.sum, below.sum);
  }
  if ('mean' in measure) return divided(sumOf(`${name}_sum`), sumOf(`${name}_count`));
  const sum = sumOf(name);
  return { value: valueOf(sum), sum };
}

const valueOf = ({ units, scale }: Sum) => units / 10 ** scale;

function divided(sum: Sum, over: Sum): Amount {
  return over.units ? { value: valueOf(sum) / valueOf(over), sum, over } : null;
}
