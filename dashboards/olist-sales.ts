import { defineDashboard } from '../core/dashboards/definition.ts';

export const olistSales = defineDashboard({
  name: 'olist-sales',
  title: 'Orders and delivery',
  description: 'What is ordered month by month, whether it arrives in time, and what customers say of it.',
  pipeline: 'olist',
  data: {
    orders: {
      mart: 'fct_orders',
      dimensions: {
        month: { column: 'order_purchase_timestamp', by: 'month' },
        status: { column: 'order_status' },
        late: { column: 'is_late', label: 'Late', order: ['no', 'yes'] },
      },
      measures: {
        orders: { count: true },
        revenue: { label: 'Ordered', sum: 'order_total', unit: 'BRL' },
        items: { sum: 'item_count' },
        order_value: { label: 'Average order', ratio: ['revenue', 'orders'], unit: 'BRL' },
        days: { label: 'Days to deliver', mean: 'delivery_days', unit: 'days' },
        score: { label: 'Review score', mean: 'avg_review_score', scale: 4, decimals: 2 },
      },
    },
  },
  filters: ['month', 'status', 'late'],
  panels: [
    { kind: 'number', title: 'Ordered', data: 'orders', measure: 'revenue' },
    { kind: 'number', title: 'Orders', data: 'orders', measure: 'orders' },
    {
      kind: 'number',
      title: 'Days to deliver',
      note: 'Of those delivered.',
      data: 'orders',
      measure: 'days',
    },
    {
      kind: 'line',
      title: 'Ordered per month',
      note: 'Price and freight, by the time of purchase.',
      data: 'orders',
      by: 'month',
      measure: 'revenue',
    },
    { kind: 'share', title: 'Orders by status', data: 'orders', by: 'status', measure: 'orders' },
    {
      kind: 'bars',
      title: 'Review score, in time and late',
      note: 'Mean over orders; (none) were not delivered.',
      data: 'orders',
      by: 'late',
      measure: 'score',
    },
    {
      kind: 'table',
      title: 'Months',
      data: 'orders',
      by: ['month'],
      measures: ['orders', 'items', 'revenue', 'order_value', 'days', 'score'],
      rows: 12,
      sort: { by: 'month', descending: true },
    },
  ],
});
