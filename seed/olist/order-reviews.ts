import { SECONDS_A_DAY, timestampText } from '../calendar.ts';
import type { Row } from '../copy.ts';
import { Random } from '../random.ts';
import { NOW, orderOf, type Order } from './orders.ts';
import { oddMessage, opine } from './opinions.ts';
import type { Scale } from './scale.ts';

/** The answered questionnaires of every order: none, one or several; now and then one stands on two orders. */
export function* reviewRows(scale: Scale): Generator<Row> {
  for (let index = 0; index < scale.orders; index++) {
    const order = orderOf(scale, index);
    const random = new Random(scale.seed, 'review', index);
    const count = random.weighted(REVIEWS);
    const shared = index > 0 && random.chance(8);
    for (let nth = 0; nth < count; nth++) {
      const own = random.id();
      const id = shared && nth === 0 ? firstReviewId(scale, index - 1) : own;
      const odd = index % ODD_EVERY === 5 ? oddMessage(Math.floor(index / ODD_EVERY)) : undefined;
      const row = reviewRow(random, order, id, nth, odd);
      if (row !== undefined) yield row;
    }
  }
}

/** Orders from one odd message to the next: even a small shop has them all. */
const ODD_EVERY = 37;
const REVIEWS: readonly (readonly [number, number])[] = [
  [0, 8],
  [1, 985],
  [2, 6],
  [3, 1],
];

/** The id that an order's first review has unless it is shared in its turn. */
function firstReviewId(scale: Scale, index: number): string {
  const random = new Random(scale.seed, 'review', index);
  random.weighted(REVIEWS);
  if (index > 0) random.chance(8);
  return random.id();
}

/** A review in the columns of `order_reviews`; none while the questionnaire is not answered. */
function reviewRow(random: Random, order: Order, id: string, nth: number, odd?: string): Row | undefined {
  const { delivered, estimated } = order.fulfilment;
  const asked = Math.floor((delivered ?? estimated) / SECONDS_A_DAY) + 1 + nth * random.between(1, 9);
  const answered = asked * SECONDS_A_DAY + random.between(8 * 3600, 5 * SECONDS_A_DAY);
  const { score, title, message } = opine(random, delivered !== undefined && delivered <= estimated);
  if (answered > NOW) return undefined;
  return [
    id,
    order.id,
    score,
    title,
    odd ?? message,
    timestampText(asked * SECONDS_A_DAY),
    timestampText(answered),
  ];
}
