import { definePipeline } from '../core/pipeline.ts';

/** Every state that a poll has seen: what the dimensions' history is made of. */
const history = {
  domain: 'bikes',
  extract: { mode: 'incremental', cursor: 'updated_at' },
  write: 'append',
} as const;

export const bikestore = definePipeline({
  name: 'bikestore',
  description:
    'Bike stores: orders by line, and what customers, products, staffs and stores were when they were placed',
  schedule: { cron: '0 0 * * *', timezone: 'Asia/Bangkok', delay: '1 hour' },
  start: '2016-01-01',
  source: 'bikestore',
  tables: {
    customers: { ...history, primaryKey: ['customer_id'] },
    products: { ...history, primaryKey: ['product_id'] },
    staffs: { ...history, primaryKey: ['staff_id'] },
    stores: { ...history, primaryKey: ['store_id'] },
    orders: {
      domain: 'bikes',
      extract: { mode: 'incremental', cursor: 'updated_at' },
      primaryKey: ['order_id'],
    },
    // All lines of an order that has moved, which the source's trigger sees to when a line does; line 0 where an order has lost its last.
    // So a line that is not among the newest of its order is gone.
    order_items: {
      domain: 'bikes',
      from: {
        query: `
          SELECT o.order_id, COALESCE(i.item_id, 0) AS item_id, i.product_id, i.quantity, i.list_price, i.discount, o.updated_at
          FROM orders o LEFT JOIN order_items i ON i.order_id = o.order_id`,
      },
      extract: { mode: 'incremental', cursor: 'updated_at' },
      primaryKey: ['order_id', 'item_id'],
    },
    order_status: { domain: 'bikes', extract: { mode: 'snapshot' }, primaryKey: ['order_status_id'] },
    brands: { domain: 'bikes', extract: { mode: 'snapshot' }, primaryKey: ['brand_id'] },
    categories: { domain: 'bikes', extract: { mode: 'snapshot' }, primaryKey: ['category_id'] },
    stocks: { domain: 'bikes', extract: { mode: 'snapshot' }, primaryKey: ['store_id', 'product_id'] },
  },
  transform: { dbt: { select: 'tag:bikestore' } },
  freshness: { warnAfter: '2 days', errorAfter: '4 days' },
});
