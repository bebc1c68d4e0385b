import { SECONDS_A_DAY } from '../calendar.ts';
import type { Random } from '../random.ts';

export type OrderStatus =
  'created' | 'approved' | 'invoiced' | 'processing' | 'shipped' | 'delivered' | 'unavailable' | 'canceled';

/** What an order has come to at a moment; times in seconds, unset while it has not happened. */
export interface Fulfilment {
  readonly status: OrderStatus;
  readonly approved: number | undefined;
  readonly carrier: number | undefined;
  readonly delivered: number | undefined;
  /** The midnight of the day promised to the customer. */
  readonly estimated: number;
}

/** How an order placed at `purchase` stands at `now`, the rest of its way still to come. */
export function fulfil(random: Random, purchase: number, now: number): Fulfilment {
  const fate = random.weighted(FATES);
  const approval =
    purchase + (random.chance(200) ? random.between(20, 72) * 3600 : random.between(300, 5400));
  const handover = approval + random.between(4, 110) * 3600 + random.int(3600);
  const arrival = handover + random.weighted(TRANSIT_DAYS) * SECONDS_A_DAY + random.int(SECONDS_A_DAY);
  const promised = Math.floor(purchase / SECONDS_A_DAY) + random.between(14, 38);
  const neverApproved = fate === 'created' || random.chance(fate === 'canceled' ? 300 : 0.2);
  const shipped = fate === 'delivered' || fate === 'shipped' || (fate === 'canceled' && random.chance(130));
  const until = (second: number, happens: boolean) => (happens && second <= now ? second : undefined);
  const approved = until(approval, !neverApproved);
  const carrier = until(handover, shipped);
  const delivered = until(arrival, fate === 'delivered');
  const unrecorded = random.chance(0.2);
  const settled = purchase + 5 * SECONDS_A_DAY <= now;
  return {
    status: statusOf(fate, settled, approved ?? until(approval, neverApproved), carrier, delivered),
    approved,
    carrier,
    delivered: unrecorded ? undefined : delivered,
    estimated: promised * SECONDS_A_DAY,
  };
}

/** What becomes of orders in the end, in ten-thousandths. */
const FATES: readonly (readonly [OrderStatus, number])[] = [
  ['delivered', 9700],
  ['shipped', 110],
  ['canceled', 63],
  ['unavailable', 61],
  ['invoiced', 31],
  ['processing', 30],
  ['created', 3],
  ['approved', 2],
];

const TRANSIT_DAYS: readonly (readonly [number, number])[] = [
  [1, 9],
  [3, 14],
  [5, 18],
  [7, 20],
  [10, 18],
  [14, 12],
  [20, 6],
  [32, 2],
  [60, 1],
];

function statusOf(
  fate: OrderStatus,
  settled: boolean,
  approved: number | undefined,
  carrier: number | undefined,
  delivered: number | undefined,
): OrderStatus {
  if (fate !== 'delivered' && fate !== 'shipped' && settled) return fate;
  if (delivered !== undefined) return 'delivered';
  if (carrier !== undefined) return 'shipped';
  return approved !== undefined ? 'processing' : 'created';
}
