import { definePipeline } from '../core/pipeline.ts';

/** Where rows are spread over machines, all of an order lie together: joins and merges are by it. */
const byOrder = { dist: { key: 'order_id' }, sort: ['order_id'] } as const;

export const olist = definePipeline({
  name: 'olist',
  description: 'Olist e-commerce: operational tables to customer segments',
  schedule: { cron: '0 0 * * *', timezone: 'UTC', delay: '2 hours' },
  start: '2016-09-01',
  source: 'olist',
  defaults: { write: 'merge' },
  tables: {
    orders: {
      domain: 'sales',
      extract: { mode: 'interval', cursor: 'order_purchase_timestamp' },
      primaryKey: ['order_id'],
      warehouse: { dist: { key: 'order_id' }, sort: ['order_purchase_timestamp'] },
    },
    order_items: {
      domain: 'sales',
      extract: { mode: 'interval', cursor: 'shipping_limit_date' },
      primaryKey: ['order_id', 'order_item_id'],
      warehouse: byOrder,
    },
    order_reviews: {
      domain: 'sales',
      extract: { mode: 'interval', cursor: 'review_creation_date' },
      primaryKey: ['review_id', 'order_id'],
      warehouse: byOrder,
    },
    order_payments: {
      domain: 'sales',
      extract: { mode: 'snapshot' },
      primaryKey: ['order_id', 'payment_sequential'],
      warehouse: byOrder,
    },
    customers: { domain: 'customer', extract: { mode: 'snapshot' }, primaryKey: ['customer_id'] },
    geolocation: { domain: 'customer', extract: { mode: 'snapshot' } },
    leads_qualified: {
      domain: 'customer',
      extract: { mode: 'interval', cursor: 'first_contact_date' },
      primaryKey: ['mql_id'],
    },
    leads_closed: {
      domain: 'customer',
      extract: { mode: 'interval', cursor: 'won_date' },
      primaryKey: ['mql_id'],
    },
    products: { domain: 'catalog', extract: { mode: 'snapshot' }, primaryKey: ['product_id'] },
    sellers: { domain: 'catalog', extract: { mode: 'snapshot' }, primaryKey: ['seller_id'] },
    product_category_name_translation: {
      domain: 'catalog',
      extract: { mode: 'snapshot' },
      primaryKey: ['product_category_name'],
    },
  },
  transform: { dbt: { select: 'tag:olist' } },
  freshness: { warnAfter: '2 days', errorAfter: '4 days' },
});
