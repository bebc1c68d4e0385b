import { definePipeline } from '../core/pipeline.ts';

/** What has changed since lies within it: everything before is settled. */
const window = { span: '180 days', deletes: true } as const;
const byOrder = { dist: { key: 'order_id' }, sort: ['order_purchase_timestamp', 'order_id'] } as const;
const byPurchase = { mode: 'interval', cursor: 'order_purchase_timestamp' } as const;

export const olistHourly = definePipeline({
  name: 'olist_hourly',
  description: 'Olist in MySQL: its history once, then the last 180 days every hour',
  schedule: { cron: '0 * * * *', timezone: 'UTC', delay: '5 minutes' },
  start: '2016-09-01',
  source: 'olist_mysql',
  tables: {
    orders: {
      domain: 'shop',
      from: {
        query: `
          SELECT o.order_id, o.customer_id, o.order_status, o.order_purchase_timestamp, o.order_approved_at,
            o.order_delivered_carrier_date, o.order_delivered_customer_date, o.order_estimated_delivery_date,
            c.customer_city, c.customer_state, c.customer_zip_code_prefix
          FROM orders o LEFT JOIN customers c ON c.customer_id = o.customer_id`,
      },
      extract: byPurchase,
      window,
      primaryKey: ['order_id'],
      warehouse: byOrder,
    },
    order_items: {
      domain: 'shop',
      from: {
        query: `
          SELECT i.order_id, i.order_item_id, i.product_id, i.seller_id, i.shipping_limit_date, i.price, i.freight_value,
            p.product_category_name, o.order_purchase_timestamp
          FROM order_items i JOIN orders o ON o.order_id = i.order_id LEFT JOIN products p ON p.product_id = i.product_id`,
      },
      extract: byPurchase,
      window,
      primaryKey: ['order_id', 'order_item_id'],
      warehouse: byOrder,
    },
    order_payments: {
      domain: 'shop',
      from: {
        query: `
          SELECT y.order_id, y.payment_sequential, y.payment_type, y.payment_installments, y.payment_value, o.order_purchase_timestamp
          FROM order_payments y JOIN orders o ON o.order_id = y.order_id`,
      },
      extract: byPurchase,
      window,
      primaryKey: ['order_id', 'payment_sequential'],
      warehouse: byOrder,
    },
    order_reviews: {
      domain: 'shop',
      extract: { mode: 'interval', cursor: 'review_creation_date' },
      window,
      primaryKey: ['review_id', 'order_id'],
    },
    sellers: { domain: 'shop', extract: { mode: 'snapshot' }, primaryKey: ['seller_id'] },
    geolocation: { domain: 'shop', extract: { mode: 'snapshot' } },
    product_category_name_translation: {
      domain: 'shop',
      extract: { mode: 'snapshot' },
      primaryKey: ['product_category_name'],
    },
  },
  transform: { dbt: { select: 'tag:olist_hourly' } },
  freshness: { warnAfter: '3 hours', errorAfter: '1 day' },
});
