/** What is generated: how much of each thing, all of it following from the number of orders. */
export interface Scale {
  readonly seed: number;
  readonly orders: number;
  readonly products: number;
  readonly sellers: number;
  readonly zips: number;
  readonly leads: number;
}

/** The proportions of the real shop, with a floor so that a handful of orders still has a shop around it. */
export function scaleOf(orders: number, seed: number): Scale {
  return {
    seed,
    orders,
    products: Math.max(40, Math.ceil(orders / 3)),
    sellers: Math.max(12, Math.ceil(orders / 32)),
    zips: Math.min(19_000, Math.max(60, Math.ceil(orders / 5))),
    leads: Math.max(50, Math.ceil(orders / 12)),
  };
}
