import { SECONDS_A_DAY, timestampText } from '../calendar.ts';
import type { Field, Row } from '../copy.ts';
import { Random } from '../random.ts';
import { addressOf } from './addresses.ts';
import { drawOffer, type Offer } from './catalog.ts';
import { fulfil, type Fulfilment } from './fulfilment.ts';
import { pay, payNothing, type Payment } from './payments.ts';
import { LAST_DAY, purchaseSecond } from './purchases.ts';
import type { Scale } from './scale.ts';

/** The moment at which the generated shop is looked at: the end of its last day. */
export const NOW = (LAST_DAY + 1) * SECONDS_A_DAY - 1;

/** An order as placed and as it stands; times in seconds. */
export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly purchase: number;
  readonly fulfilment: Fulfilment;
}

/** Order number `index`, the same whenever it is asked for. */
export function orderOf(scale: Scale, index: number): Order {
  const random = new Random(scale.seed, 'order', index);
  const id = random.id();
  const customerId = random.id();
  const purchase = purchaseSecond(random, index, scale.orders);
  return { id, customerId, purchase, fulfilment: fulfil(random, purchase, NOW) };
}

/** One row per order; about one in thirty is a person who bought before. */
export function* customerRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.orders; index++) {
    const person = new Random(scale.seed, 'person', personOf(scale, index));
    const { zip, place } = addressOf(scale, person.int(scale.zips));
    yield [orderOf(scale, index).customerId, person.id(), zip, place.city, place.state];
  }
}

export function* orderRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.orders; index++) yield orderRow(orderOf(scale, index));
}

/** An order in the columns of `orders`. */
export function orderRow({ id, customerId, purchase, fulfilment }: Order): Row {
  const { status, approved, carrier, delivered, estimated } = fulfilment;
  return [
    id,
    customerId,
    status,
    timestampText(purchase),
    timestampOrNull(approved),
    timestampOrNull(carrier),
    timestampOrNull(delivered),
    timestampText(estimated),
  ];
}

export function* itemRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.orders; index++) {
    const order = orderOf(scale, index);
    const limit = shippingLimit(new Random(scale.seed, 'limit', index), order);
    yield* linesOf(order.id, basketOf(scale, index, order), limit);
  }
}

/** A basket in the columns of `order_items`, one line per piece. */
export function* linesOf(orderId: string, basket: readonly Offer[], limit: number): Generator<Row> {
  for (const [at, { productId, sellerId, price, freight }] of basket.entries()) {
    yield [orderId, at + 1, productId, sellerId, timestampText(limit), money(price), money(freight)];
  }
}

/** Payments add up to the basket. An order without one has a payment of nothing, or none. */
export function* paymentRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.orders; index++) {
    const order = orderOf(scale, index);
    const basket = basketOf(scale, index, order);
    const random = new Random(scale.seed, 'payment', index);
    if (basket.length > 0) yield* paidBy(order.id, pay(random, worthOf(basket)));
    else if (random.chance(500)) yield* paidBy(order.id, [payNothing()]);
  }
}

/** Payments in the columns of `order_payments`. */
export function* paidBy(orderId: string, payments: readonly Payment[]): Generator<Row> {
  for (const { sequential, type, installments, cents } of payments) {
    yield [orderId, sequential, type, installments, money(cents)];
  }
}

/** Cents to pay for a basket, freight included. */
export function worthOf(basket: readonly Offer[]): number {
  return basket.reduce((sum, { price, freight }) => sum + price + freight, 0);
}

/** When the sellers must have handed the parcel over, in seconds. */
export function shippingLimit(random: Random, order: Order): number {
  return (order.fulfilment.approved ?? order.purchase) + random.between(3, 8) * SECONDS_A_DAY;
}

/** How many pieces an order has, and whether they are all the same. */
export function basketSize(random: Random): { pieces: number; alike: boolean } {
  return { pieces: random.weighted(PIECES), alike: random.chance(650) };
}

const PIECES: readonly (readonly [number, number])[] = [
  [1, 8760],
  [2, 880],
  [3, 200],
  [4, 80],
  [5, 40],
  [6, 28],
  [8, 8],
  [12, 3],
  [21, 1],
];
/** The person behind an order, by the number of that person's first order. */
function personOf(scale: Scale, index: number): number {
  let first = index;
  for (;;) {
    const random = new Random(scale.seed, 'loyalty', first);
    if (first === 0 || !random.chance(34)) return first;
    first = random.int(first);
  }
}

/** Orders that were never fit to be sold have an empty basket. */
function basketOf(scale: Scale, index: number, order: Order): readonly Offer[] {
  const random = new Random(scale.seed, 'basket', index);
  const { status } = order.fulfilment;
  if ((status === 'unavailable' || status === 'canceled') && random.chance(700)) return [];
  const { pieces, alike } = basketSize(random);
  const first = drawOffer(scale, random);
  return Array.from({ length: pieces }, (_, at) => (at === 0 || alike ? first : drawOffer(scale, random)));
}

/** Cents as a decimal with two places. */
function money(cents: number): string {
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
}

function timestampOrNull(second: number | undefined): Field {
  return second === undefined ? null : timestampText(second);
}
