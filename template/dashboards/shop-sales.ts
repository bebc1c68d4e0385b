import { defineDashboard } from 'sluice';

/** What `dbt/models/shop/marts/shop_days.sql` counts, as people look at it. Every number links to the run, the checks and the SQL behind it. */
export const shopSales = defineDashboard({
  name: 'shop-sales',
  title: 'Sales of the shop',
  description: 'Orders and revenue, day by day.',
  pipeline: 'shop',
  data: {
    days: {
      mart: 'shop_days',
      dimensions: { day: { by: 'day' }, month: { column: 'day', by: 'month' } },
      measures: { orders: { sum: 'orders' }, revenue: { sum: 'revenue' } },
    },
  },
  filters: ['month'],
  panels: [
    { kind: 'number', title: 'Revenue', data: 'days', measure: 'revenue' },
    { kind: 'number', title: 'Orders', data: 'days', measure: 'orders' },
    { kind: 'line', title: 'Revenue per day', data: 'days', by: 'day', measure: 'revenue' },
  ],
});
