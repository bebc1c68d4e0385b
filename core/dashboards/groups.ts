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
  const { slots, first } = slotsOf(rows, columns);
  if (!by.length && !first.length) first.push(-1);
  const sums = new Map<string, Float64Array>();
  const sumOf = (name: string) => {
    const found = sums.get(name);
    if (found) return found;
    const keys = set.keys?.[name];
    const made = keys
      ? keysPerSlot(rows, slots, first.length, numbersOf(keys))
      : sumsPerSlot(rows, slots, first.length, set.sums[name]?.values ?? []);
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
      for (let at = 0; at < columns.length; at += 1) {
        const apart = (a.codes[at] ?? 0) - (b.codes[at] ?? 0);
        if (apart) return apart;
      }
      return 0;
    })
    .map(({ key, amounts }) => ({ key, amounts }));
}

type Column = Dataset['dimensions'][string] | undefined;

const AT_ONCE = 1 << 20; // places that are looked up in an array; beyond them a map is smaller

/** The group of each row, in the order in which they first come, and the first row of each. */
function slotsOf(rows: Int32Array, columns: readonly Column[]) {
  let slots = new Int32Array(rows.length);
  let first = [...rows.subarray(0, 1)];
  for (const column of columns) {
    const codes = column?.codes ?? [];
    const size = column?.values.length ?? 1;
    const places = first.length * size;
    const known = places <= AT_ONCE ? new Int32Array(places) : undefined; // 1 more than the group, 0 where there is none
    const farther = new Map<number, number>();
    const finer = new Int32Array(rows.length);
    const firstOf: number[] = [];
    for (let at = 0; at < rows.length; at += 1) {
      const row = rows[at] ?? 0;
      const place = (slots[at] ?? 0) * size + (codes[row] ?? 0);
      let slot = known ? known[place] : farther.get(place);
      if (!slot) {
        slot = firstOf.push(row);
        if (known) known[place] = slot;
        else farther.set(place, slot);
      }
      finer[at] = slot - 1;
    }
    slots = finer;
    first = firstOf;
  }
  return { slots, first };
}

function sumsPerSlot(
  rows: Int32Array,
  slots: Int32Array,
  groups: number,
  values: readonly number[],
): Float64Array {
  const sums = new Float64Array(groups);
  for (let at = 0; at < rows.length; at += 1) {
    const slot = slots[at] ?? 0;
    sums[slot] = (sums[slot] ?? 0) + (values[rows[at] ?? 0] ?? 0);
  }
  return sums;
}

/** How many keys each group has: rows go by group, so that a key need only know the last that has counted it. */
function keysPerSlot(rows: Int32Array, slots: Int32Array, groups: number, keys: Int32Array): Float64Array {
  const ends = new Int32Array(groups + 1);
  for (const slot of slots) ends[slot + 1] = (ends[slot + 1] ?? 0) + 1;
  for (let slot = 0; slot < groups; slot += 1) ends[slot + 1] = (ends[slot + 1] ?? 0) + (ends[slot] ?? 0);
  const bySlot = new Int32Array(rows.length);
  slots.forEach((slot, at) => {
    const place = ends[slot] ?? 0;
    bySlot[place] = at;
    ends[slot] = place + 1;
  });
  const counts = new Float64Array(groups);
  const counted = new Int32Array(keys.length).fill(-1);
  for (const at of bySlot) {
    const key = keys[rows[at] ?? 0] ?? -1;
    const slot = slots[at] ?? 0;
    if (key < 0 || counted[key] === slot) continue;
    counted[key] = slot;
    counts[slot] = (counts[slot] ?? 0) + 1;
  }
  return counts;
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
  let rows = Int32Array.from({ length: set.rows }, (_, row) => row);
  for (const { codes, isIn } of tests) rows = rows.filter((row) => isIn[codes[row] ?? 0] === 1);
  return rows;
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
