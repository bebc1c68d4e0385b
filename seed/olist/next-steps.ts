import type { Client } from 'pg';
import { dayText, SECONDS_A_DAY, timestampText } from '../calendar.ts';
import { Random } from '../random.ts';
import type { OrderStatus } from './fulfilment.ts';
import { timeOfDay } from './purchases.ts';

/** Takes orders of the last sixty days a step further on a day, some of them, and returns how many. */
export async function moveOrdersOn(client: Client, day: number): Promise<number> {
  const { rows } = await client.query<OpenOrder>(
    `select order_id as id, order_status as status, order_approved_at is not null as approved
     from public.orders
     where order_status in ('created', 'approved', 'invoiced', 'processing', 'shipped')
       and order_purchase_timestamp >= $1::date - 60
       and greatest(order_purchase_timestamp, order_approved_at, order_delivered_carrier_date) < $1::date
     order by order_id collate "C"`,
    [dayText(day)],
  );
  const steps = rows.flatMap((order) => stepOf(order, day) ?? []);
  if (steps.length === 0) return 0;
  const { rowCount } = await client.query(
    `update public.orders set
       order_status = step.status,
       order_approved_at = case when step.event = 'approved' then step.at else order_approved_at end,
       order_delivered_carrier_date = case when step.event = 'shipped' then step.at else order_delivered_carrier_date end,
       order_delivered_customer_date = case when step.event = 'delivered' then step.at else order_delivered_customer_date end
     from unnest($1::text[], $2::text[], $3::text[], $4::timestamp[]) as step (id, status, event, at)
     where order_id = step.id`,
    [
      steps.map(({ id }) => id),
      steps.map(({ status }) => status),
      steps.map(({ event }) => event),
      steps.map(({ second }) => timestampText(second)),
    ],
  );
  return rowCount ?? 0;
}

interface OpenOrder {
  readonly id: string;
  readonly status: OrderStatus;
  readonly approved: boolean;
}

interface Step {
  readonly id: string;
  readonly status: OrderStatus;
  readonly event: 'approved' | 'shipped' | 'delivered' | 'canceled';
  /** When it happened. */
  readonly second: number;
}

/** What happens to an open order on the day: usually nothing. */
function stepOf({ id, status, approved }: OpenOrder, day: number): Step | undefined {
  const random = new Random(day, `step of ${id}`, 0);
  const step = (next: OrderStatus, event: Step['event']): Step => {
    return { id, status: next, event, second: day * SECONDS_A_DAY + timeOfDay(random) };
  };
  if (status === 'shipped') return random.chance(120) ? step('delivered', 'delivered') : undefined;
  if (random.chance(4)) return step('canceled', 'canceled');
  if (!approved && status === 'created')
    return random.chance(800) ? step('processing', 'approved') : undefined;
  return random.chance(350) ? step('shipped', 'shipped') : undefined;
}
