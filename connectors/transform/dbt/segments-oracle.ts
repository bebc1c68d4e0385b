/** The customer segments computed a second time, from rows of the raw tables and without SQL, to compare with. */
export interface RawRow {
  readonly person: string;
  /** Day number of the purchase. */
  readonly day: number;
  readonly cents: bigint;
  readonly scores: readonly number[];
}

export interface Segmented {
  readonly recencyDays: number;
  readonly frequency: number;
  readonly monetary: string;
  readonly r: number;
  readonly f: number;
  readonly m: number;
  readonly segment: string;
}

/** Published rules as `[segment, sm from, sm below, r from, r to]`, in the order of the documentation. */
const rules: readonly (readonly [string, number, number, number, number])[] = [
  ['Champion', 5, Infinity, 4, 5],
  ['Loyal', 4, 6, 3, 5],
  ['Promising', 2, 4, 4, 5],
  ['New Customers', 1, 2, 5, 5],
  ['Warm Leads', 1, 2, 4, 4],
  ['Abandoned Checkouts', 0, 2, 4, 5],
  ['Cold Leads', 1, 2, 3, 3],
  ['Need Attention', 2, 4, 2, 3],
  ['Should Not Lose', 5, Infinity, 1, 3],
  ['Sleepers', 3, 5, 1, 2],
  ['Lost', 0, 3, 0, 3],
];

/** @param orders the delivered ones; @param asOf the day that recency is counted to */
export function segmentsOf(orders: readonly RawRow[], asOf: number): ReadonlyMap<string, Segmented> {
  const people = new Map<string, RawRow[]>();
  for (const order of orders) people.set(order.person, [...(people.get(order.person) ?? []), order]);
  const metrics = [...people].map(([person, own]) => ({
    person,
    recency: asOf - Math.max(...own.map((order) => order.day)),
    frequency: own.length,
    cents: own.reduce((sum, order) => sum + order.cents, 0n),
    scores: own.flatMap((order) => order.scores),
  }));
  const fifths = (before: number) => Math.floor((5 * before) / metrics.length);
  return new Map(
    metrics.map((one) => {
      const r = 5 - fifths(metrics.filter((other) => other.recency < one.recency).length);
      const f = 1 + fifths(metrics.filter((other) => other.frequency < one.frequency).length);
      const m = 1 + fifths(metrics.filter((other) => other.cents < one.cents).length);
      const total = one.scores.reduce((sum, score) => sum + score, 0);
      // sm >= k as integers: total x m >= 2 x count x k.
      const atLeast = (k: number) =>
        k === 0 || (k !== Infinity && one.scores.length > 0 && total * m >= 2 * one.scores.length * k);
      const rule = rules.find(
        ([, from, below, low, high]) => atLeast(from) && !atLeast(below) && r >= low && r <= high,
      );
      const cents = one.cents.toString().padStart(3, '0');
      return [
        one.person,
        {
          recencyDays: one.recency,
          frequency: one.frequency,
          monetary: `${cents.slice(0, -2)}.${cents.slice(-2)}`,
          r,
          f,
          m,
          segment: rule?.[0] ?? 'none',
        },
      ];
    }),
  );
}
