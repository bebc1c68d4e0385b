import { defineDashboard } from '../core/dashboards/definition.ts';

export const olistFunnel = defineDashboard({
  name: 'olist-funnel',
  title: 'Looked at, and left in the cart',
  description:
    'What visitors look at by category and year, and the customers who took a product out of the cart and have not bought it since. English names.',
  pipeline: 'olist_funnel',
  data: {
    views: {
      mart: 'views_by_category',
      dimensions: { category: {}, year: {} },
      measures: { views: { sum: 'views' } },
    },
    left: {
      mart: 'left_in_cart',
      dimensions: {
        category: {},
        state: { column: 'customer_state' },
        month: { column: 'removed_at', by: 'month', label: 'Last removed in' },
      },
      measures: {
        products: { label: 'Products left, each customer by itself', count: true },
        removals: { label: 'Times removed', sum: 'removals' },
      },
    },
  },
  filters: ['category', 'year', 'state', 'month'],
  panels: [
    { kind: 'number', title: 'Views', data: 'views', measure: 'views' },
    { kind: 'number', title: 'Left in the cart', data: 'left', measure: 'products' },
    { kind: 'number', title: 'Times removed', data: 'left', measure: 'removals' },
    { kind: 'ranking', title: 'Categories most looked at', data: 'views', by: 'category', measure: 'views' },
    { kind: 'ranking', title: 'Categories most left', data: 'left', by: 'category', measure: 'products' },
    { kind: 'bars', title: 'Views per year', data: 'views', by: 'year', measure: 'views' },
    { kind: 'line', title: 'Left per month', data: 'left', by: 'month', measure: 'products' },
    {
      kind: 'map',
      country: 'BR',
      title: 'Where they live who left something',
      note: '(none): whom the shop does not know.',
      data: 'left',
      by: 'state',
      measure: 'products',
    },
    {
      kind: 'select',
      title: 'Customers who removed from the cart',
      note: 'And have not bought it since, the last first. Filters do not reach this table.',
      select: `select customer_id, product_id, category, removed_at, removals, customer_city, customer_state
from olist_funnel.left_in_cart
order by removed_at desc, customer_id, product_id`,
      rows: 15,
      width: 'full',
    },
  ],
});
