import { definePipeline } from '../core/pipeline.ts';

const whole = { domain: 'shop', extract: { mode: 'snapshot' } } as const;

export const retailSales = definePipeline({
  name: 'retail_sales',
  description:
    'A shop for clothes in MySQL: bronze, silver in the lake, eight tables of who and what sells most',
  schedule: { cron: '0 0 * * *', timezone: 'UTC', delay: '1 hour' },
  start: '2026-01-01',
  source: 'retail',
  tables: {
    clients: { ...whole, primaryKey: ['client_id'] },
    client_addresses: { ...whole, primaryKey: ['address_id'] },
    sales_people: { ...whole, primaryKey: ['salesperson_id'] },
    products: { ...whole, primaryKey: ['product_id'] },
    sales: { ...whole, primaryKey: ['sale_id'] },
    sales_items: { ...whole, primaryKey: ['item_id'] },
  },
  tasks: {
    silver: {
      spark: 'retail_silver',
      after: ['load'],
      timeout: '1 hour',
      writes: {
        'silver.clients': { from: ['clients'] },
        'silver.client_addresses': { from: ['client_addresses'] },
        'silver.sales_people': { from: ['sales_people'] },
        'silver.products': { from: ['products'] },
        // The buyer's age is that of the day of the sale.
        'silver.sales': { from: ['sales', 'clients'], partitionedBy: ['sale_year'] },
        'silver.sales_items': { from: ['sales_items'] },
      },
    },
  },
  transform: { dbt: { select: 'tag:retail_sales' } },
  freshness: { warnAfter: '30 hours', errorAfter: '3 days' },
});
