import { definePipeline } from '../core/pipeline.ts';

const changes = { domain: 'shop', extract: { mode: 'changes' } } as const;
const byMonth = { partitionedBy: ['year', 'month'] } as const;

export const olistLakehouse = definePipeline({
  name: 'olist_lakehouse',
  description: 'Olist by its log of changes: bronze, cleaned silver in the lake, one big table of orders',
  schedule: { cron: '*/15 * * * *', timezone: 'UTC' },
  start: '2026-01-01',
  source: 'olist_lakehouse',
  tables: {
    orders: { ...changes, primaryKey: ['order_id'] },
    order_items: { ...changes, primaryKey: ['order_id', 'order_item_id'] },
    order_payments: { ...changes, primaryKey: ['order_id', 'payment_sequential'] },
    order_reviews: { ...changes, primaryKey: ['review_id', 'order_id'] },
    customers: { ...changes, primaryKey: ['customer_id'] },
    products: { ...changes, primaryKey: ['product_id'] },
    sellers: { ...changes, primaryKey: ['seller_id'] },
    product_category_name_translation: { ...changes, primaryKey: ['product_category_name'] },
    // Without a key there is no telling which row has changed.
    geolocation: { domain: 'shop', extract: { mode: 'snapshot' } },
  },
  tasks: {
    silver: {
      spark: 'olist_silver',
      after: ['load'],
      timeout: '2 hours',
      writes: {
        'silver.orders': { from: ['orders'], ...byMonth }, // of the approval; null for what is not approved
        'silver.order_items': { from: ['order_items'] },
        'silver.order_payments': { from: ['order_payments'] },
        'silver.order_reviews': { from: ['order_reviews'], ...byMonth }, // of the creation
        'silver.customers': { from: ['customers'] },
        'silver.products': { from: ['products'] },
        'silver.sellers': { from: ['sellers'] },
        'silver.product_category_name_translation': { from: ['product_category_name_translation'] },
        'silver.geolocation': { from: ['geolocation'] },
      },
    },
  },
  transform: { dbt: { select: 'tag:olist_lakehouse' } },
  freshness: { warnAfter: '2 hours', errorAfter: '1 day' },
});
