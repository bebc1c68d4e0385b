import type { Client } from 'pg';
import { dayText, SECONDS_A_DAY, timestampText } from '../calendar.ts';
import { copyRows, type Row } from '../copy.ts';
import { Random } from '../random.ts';
import { opine } from './opinions.ts';

/** Asks some of those who got their order in the last days, and returns the number of reviews written on the day. */
export async function reviewOrders(client: Client, day: number): Promise<number> {
  const { rows } = await client.query<{ id: string; punctual: boolean }>(
    `select order_id as id, order_delivered_customer_date <= order_estimated_delivery_date as punctual
     from public.orders
     where order_delivered_customer_date >= $1::date - 5 and order_delivered_customer_date < $1::date
       and not exists (select from public.order_reviews r where r.order_id = orders.order_id)
     order by order_id collate "C"`,
    [dayText(day)],
  );
  const reviews = rows.flatMap(({ id, punctual }): Row[] => {
    const random = new Random(day, `review of ${id}`, 0);
    if (!random.chance(350)) return [];
    const { score, title, message } = opine(random, punctual);
    const asked = day * SECONDS_A_DAY;
    const answered = asked + random.between(6 * 3600, SECONDS_A_DAY - 1);
    return [[random.id(), id, score, title, message, timestampText(asked), timestampText(answered)]];
  });
  return copyRows(client, 'order_reviews', reviews, { fresh: false });
}
