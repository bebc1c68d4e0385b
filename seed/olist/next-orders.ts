import type { Client } from 'pg';
import { dayText, SECONDS_A_DAY } from '../calendar.ts';
import { copyRows, type Row } from '../copy.ts';
import { NotSeeded } from '../errors.ts';
import { Random } from '../random.ts';
import type { Offer } from './catalog.ts';
import { fulfil } from './fulfilment.ts';
import { basketSize, linesOf, orderRow, paidBy, shippingLimit, worthOf, type Order } from './orders.ts';
import { pay } from './payments.ts';
import { timeOfDay } from './purchases.ts';
import type { OlistTable } from './tables.ts';

/**
 * Places the orders of a day, about as many as on the days before it, and returns the rows per table. People, addresses,
 * products, sellers and prices are those that the database knows. @throws {NotSeeded} when it knows none
 */
export async function placeOrders(
  client: Client,
  day: number,
): Promise<readonly (readonly [OlistTable, number])[]> {
  const usual = await usualOrders(client, day);
  const people = await knownPeople(client);
  const offers = await knownOffers(client);
  const count = Math.max(
    1,
    Math.floor((usual * new Random(day, 'orders of the day', 0).between(85, 115)) / 100),
  );
  const rows = { customers: [], orders: [], order_items: [], order_payments: [] } as {
    readonly [table in 'customers' | 'orders' | 'order_items' | 'order_payments']: Row[];
  };
  for (let index = 0; index < count; index++) {
    const random = new Random(day, 'new order', index);
    const order = place(random, day);
    const { pieces, alike } = basketSize(random);
    const first = random.pick(offers);
    const basket = Array.from({ length: pieces }, (_, at) =>
      at === 0 || alike ? first : random.pick(offers),
    );
    const { id, zip, city, state } = random.pick(people);
    rows.customers.push([order.customerId, random.chance(34) ? id : random.id(), zip, city, state]);
    rows.orders.push(orderRow(order));
    rows.order_items.push(...linesOf(order.id, basket, shippingLimit(random, order)));
    rows.order_payments.push(...paidBy(order.id, pay(random, worthOf(basket))));
  }
  const written: (readonly [OlistTable, number])[] = [];
  for (const table of ['customers', 'orders', 'order_items', 'order_payments'] as const) {
    written.push([table, await copyRows(client, table, rows[table], { fresh: false })]);
  }
  return written;
}

interface Person {
  readonly id: string;
  readonly zip: string;
  readonly city: string;
  readonly state: string;
}

/** How many known people and lines a day's orders choose from. */
const CHOICE = 2000;

/** An order placed on the day, as it stands at the end of it. */
function place(random: Random, day: number): Order {
  const id = random.id();
  const customerId = random.id();
  const purchase = day * SECONDS_A_DAY + timeOfDay(random);
  return { id, customerId, purchase, fulfilment: fulfil(random, purchase, (day + 1) * SECONDS_A_DAY - 1) };
}

/** Orders of an ordinary day: the mean of the last four weeks, or of all time where the data thins out at its end. */
async function usualOrders(client: Client, day: number): Promise<number> {
  const { rows } = await client.query<{ usual: number }>(
    `select greatest(
       count(*) filter (where order_purchase_timestamp >= $1::date - 28) / 28.0,
       count(*) / greatest($1::date - min(order_purchase_timestamp)::date, 1)::numeric
     )::float8 as usual from public.orders`,
    [dayText(day)],
  );
  return rows[0]?.usual ?? 0;
}

async function knownPeople(client: Client): Promise<readonly Person[]> {
  const { rows } = await client.query<Person>(
    `select customer_unique_id as id, customer_zip_code_prefix as zip, customer_city as city, customer_state as state
     from public.customers order by customer_id collate "C" limit ${CHOICE}`,
  );
  if (rows.length === 0) throw new NotSeeded('table customers is empty.');
  return rows;
}

async function knownOffers(client: Client): Promise<readonly Offer[]> {
  const { rows } = await client.query<Offer>(
    `select product_id as "productId", seller_id as "sellerId",
       (price * 100)::int as price, (freight_value * 100)::int as freight
     from public.order_items
     where exists (select from public.products p where p.product_id = order_items.product_id)
       and exists (select from public.sellers s where s.seller_id = order_items.seller_id)
     order by order_id collate "C", order_item_id limit ${CHOICE}`,
  );
  if (rows.length === 0)
    throw new NotSeeded('no row of order_items has its product and seller in the tables.');
  return rows;
}
