import { defineDashboard } from '../core/dashboards/definition.ts';

export const salesByCategory = defineDashboard({
  name: 'sales-by-category',
  title: 'Sales by category',
  description: 'What is sold of each category, year by year, by the time of purchase. English names.',
  pipeline: 'olist_hourly',
  data: {
    sales: {
      mart: 'sales_by_category',
      dimensions: { category: {}, year: {} },
      measures: {
        items: { label: 'Items sold', sum: 'items_sold' },
        price: { label: 'Sales', sum: 'price', unit: 'BRL' },
        freight: { sum: 'freight', unit: 'BRL' },
        item_price: { label: 'Price of an item', ratio: ['price', 'items'], unit: 'BRL' },
        freight_share: { label: 'Freight per price', ratio: ['freight', 'price'], unit: '%' },
      },
    },
  },
  filters: ['category', 'year'],
  panels: [
    { kind: 'number', title: 'Sales', data: 'sales', measure: 'price' },
    { kind: 'number', title: 'Items sold', data: 'sales', measure: 'items' },
    { kind: 'number', title: 'Freight per price', data: 'sales', measure: 'freight_share' },
    {
      kind: 'ranking',
      title: 'Categories that sell most',
      data: 'sales',
      by: 'category',
      measure: 'price',
      top: 15,
    },
    { kind: 'share', title: 'Share of sales', data: 'sales', by: 'category', measure: 'price' },
    { kind: 'bars', title: 'Sales per year', data: 'sales', by: 'year', measure: 'price' },
    { kind: 'bars', title: 'Items per year', data: 'sales', by: 'year', measure: 'items' },
    {
      kind: 'table',
      title: 'All categories',
      note: 'An order that has several categories counts in each: orders are not added up here.',
      data: 'sales',
      by: ['category', 'year'],
      measures: ['items', 'price', 'freight', 'item_price'],
      rows: 15,
      sort: { by: 'price', descending: true },
    },
  ],
});
