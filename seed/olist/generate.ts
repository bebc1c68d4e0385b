import { InvalidInput } from '../../core/errors.ts';
import type { Row } from '../copy.ts';
import { geolocationRows } from './addresses.ts';
import { productRows, sellerRows, translationRows } from './catalog.ts';
import { closedRows, qualifiedRows } from './leads.ts';
import { customerRows, itemRows, orderRows, paymentRows } from './orders.ts';
import { reviewRows } from './order-reviews.ts';
import { scaleOf } from './scale.ts';
import type { OlistTable } from './tables.ts';

/** Orders when none are asked for: enough for every mart, seeded in seconds. */
export const DEFAULT_ORDERS = 5_000;
/** Beyond it the shares of a year no longer fit in a whole number. */
const MOST_ORDERS = 10_000_000;

/**
 * The rows of every table of a shop with this many orders from 2016-09-04 to 2018-10-17, in the columns of
 * schema.sql. They are made as they are asked for and never held; the same orders and seed give the same
 * bytes on every machine. @throws {InvalidInput} when orders or seed are not whole numbers in range
 */
export function generateOlist(orders: number, seed: number): Record<OlistTable, () => Generator<Row>> {
  const problems = [
    ...(Number.isInteger(orders) && orders >= 1 && orders <= MOST_ORDERS
      ? []
      : [`orders is ${orders}; give a whole number from 1 to ${MOST_ORDERS}.`]),
    ...(Number.isSafeInteger(seed) && seed >= 0 ? [] : [`seed is ${seed}; give a whole number, 0 or more.`]),
  ];
  if (problems.length > 0) throw new InvalidInput('What to generate', problems);
  const scale = scaleOf(orders, seed);
  return {
    customers: () => customerRows(scale),
    geolocation: () => geolocationRows(scale),
    products: () => productRows(scale),
    sellers: () => sellerRows(scale),
    product_category_name_translation: () => translationRows(),
    orders: () => orderRows(scale),
    order_items: () => itemRows(scale),
    order_payments: () => paymentRows(scale),
    order_reviews: () => reviewRows(scale),
    leads_qualified: () => qualifiedRows(scale),
    leads_closed: () => closedRows(scale),
  };
}
