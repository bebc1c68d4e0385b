import { definePipeline } from 'sluice';

/** The orders of a small shop. A script makes them up, so that there is something to extract: take it out when the source is yours. */
export const shop = definePipeline({
  name: 'shop',
  description: 'Orders of a small shop, day by day',
  schedule: { cron: '0 0 * * *', timezone: 'UTC', delay: '2 hours' },
  start: '2026-01-01',
  source: 'shop',
  tables: {
    orders: {
      domain: 'shop',
      from: 'public.orders',
      extract: { mode: 'interval', cursor: 'ordered_at' },
      primaryKey: ['order_id'],
    },
  },
  tasks: {
    make_orders: { script: ['node', 'make-orders.mjs'], before: ['extract'], timeout: '5 minutes' },
  },
  transform: { dbt: { select: 'tag:shop' } },
});
