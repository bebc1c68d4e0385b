import { defineDashboard } from '../core/dashboards/definition.ts';

/** Of the big table's rows: an order's lines of one product of one seller. Money is that of the lines, so whatever is chosen adds up. */
const measures = {
  gmv: { label: 'GMV', sum: 'gmv', unit: 'BRL' },
  pieces: { sum: 'quantity' },
} as const;
const month = { column: 'order_purchase_timestamp', by: 'month', label: 'Bought in' } as const;
const category = { column: 'product_category' } as const;
const seller = { column: 'seller_id' } as const;

export const olistGmv = defineDashboard({
  name: 'olist-gmv',
  title: 'Gross merchandise value',
  description: 'What is sold, price and freight: by month, category, seller and type of payment.',
  pipeline: 'olist_lakehouse',
  data: {
    sold: {
      mart: 'orders_obt',
      dimensions: {
        seller,
        category,
        month,
        payment: { column: 'payment_type', label: 'Payment' },
        status: { column: 'order_status', label: 'Order status' },
      },
      measures: {
        ...measures,
        freight: { sum: 'freight', unit: 'BRL' },
        orders: { distinct: 'order_id' },
        sellers: { distinct: 'seller_id' },
        gmv_per_order: { label: 'GMV per order', ratio: ['gmv', 'orders'], unit: 'BRL' },
      },
    },
  },
  filters: ['month', 'category', 'payment', 'status'],
  panels: [
    { kind: 'number', title: 'GMV', data: 'sold', measure: 'gmv' },
    { kind: 'number', title: 'Of it freight', data: 'sold', measure: 'freight' },
    { kind: 'number', title: 'Orders', data: 'sold', measure: 'orders' },
    { kind: 'number', title: 'GMV per order', data: 'sold', measure: 'gmv_per_order' },
    { kind: 'number', title: 'Pieces', data: 'sold', measure: 'pieces' },
    { kind: 'number', title: 'Sellers', data: 'sold', measure: 'sellers' },
    {
      kind: 'line',
      title: 'GMV per month',
      note: 'By the time of purchase; (none) are lines whose order is not in the lake yet.',
      data: 'sold',
      by: 'month',
      measure: 'gmv',
      width: 'full',
    },
    { kind: 'ranking', title: 'Categories that sell most', data: 'sold', by: 'category', measure: 'gmv' },
    {
      kind: 'share',
      title: 'GMV per type of payment',
      note: 'An order counts for the type that most of it was paid by.',
      data: 'sold',
      by: 'payment',
      measure: 'gmv',
    },
    {
      kind: 'ranking',
      title: 'Sellers who sell most',
      note: 'Each leads to what the seller sells.',
      data: 'sold',
      by: 'seller',
      measure: 'gmv',
      top: 20,
      opens: { dashboard: 'olist-seller', filter: 'seller' },
    },
    {
      kind: 'table',
      title: 'Orders, by status',
      note: 'Each order once, whatever it has of sellers and products.',
      data: 'sold',
      by: ['status'],
      measures: ['orders', 'sellers', 'gmv', 'gmv_per_order'],
    },
  ],
});

export const olistSeller = defineDashboard({
  name: 'olist-seller',
  title: 'Seller performance',
  description: 'What a seller sells, month by month and by product, and what customers say of it.',
  pipeline: 'olist_lakehouse',
  data: {
    sold: {
      mart: 'orders_obt',
      // Rows lie by it: what belongs together stands together, and weighs least.
      dimensions: { seller, category, product: { column: 'product_id', short: true }, month },
      measures: {
        ...measures,
        lines: { label: 'Order lines', count: true },
        score: { label: 'Review score', mean: 'review_score', decimals: 2 },
      },
    },
  },
  filters: ['seller', 'month', 'category'],
  panels: [
    { kind: 'number', title: 'GMV', data: 'sold', measure: 'gmv' },
    { kind: 'number', title: 'Pieces', data: 'sold', measure: 'pieces' },
    {
      kind: 'number',
      title: 'Review score',
      note: 'Mean over order lines with a review.',
      data: 'sold',
      measure: 'score',
    },
    { kind: 'line', title: 'GMV per month', data: 'sold', by: 'month', measure: 'gmv', width: 'full' },
    { kind: 'share', title: 'GMV per category', data: 'sold', by: 'category', measure: 'gmv' },
    {
      kind: 'ranking',
      title: 'Products rated best',
      note: 'Mean over the orders that have the product; the table says how many they are.',
      data: 'sold',
      by: 'product',
      measure: 'score',
    },
    {
      kind: 'ranking',
      title: 'Products rated worst',
      data: 'sold',
      by: 'product',
      measure: 'score',
      from: 'least',
    },
    {
      kind: 'table',
      title: 'Products',
      note: 'An order line is a product of a seller in an order, however many pieces; an order of two products has two.',
      data: 'sold',
      by: ['product', 'category'],
      measures: ['pieces', 'lines', 'gmv', 'score'],
      rows: 15,
      sort: { by: 'gmv', descending: true },
    },
  ],
});
