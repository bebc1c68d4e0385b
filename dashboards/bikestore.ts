import { defineDashboard } from '../core/dashboards/definition.ts';

/** Lines of orders with the day and the state of the order, which all three pages are filtered by. */
const joins = {
  day: { mart: 'dim_date', on: { date_key: 'order_date_key' } },
  state_of_order: { mart: 'dim_order_status', on: { order_status_id: 'order_status_id' } },
} as const;
const filters = {
  month: { column: 'date_day', of: 'day', by: 'month', label: 'Ordered in' },
  year: { of: 'day', label: 'Year' },
  status: {
    column: 'order_status',
    of: 'state_of_order',
    label: 'Order status',
    order: ['Completed', 'Pending', 'Rejected'],
  },
} as const;
const measures = {
  revenue: { label: 'Revenue', sum: 'total_price_with_discount', unit: 'USD' },
  units: { label: 'Units sold', sum: 'quantity' },
  lines: { label: 'Lines', count: true },
  discount: { label: 'Discount', sum: 'discount_amount', unit: 'USD' },
  unit_price: { label: 'Revenue per unit', ratio: ['revenue', 'units'], unit: 'USD' },
} as const;

/** Versions of customers and products; whoever they are of is counted once. */
const bought = {
  customer: { mart: 'dim_customers', on: { history_key: 'customer_key' } },
  product: { mart: 'dim_products', on: { history_key: 'product_key' } },
} as const;
const counted = {
  orders: { distinct: 'order_id' },
  customers: { distinct: 'customer_id', of: 'customer' },
  order_value: { label: 'Average order', ratio: ['revenue', 'orders'], unit: 'USD' },
  customer_value: { label: 'Revenue per customer', ratio: ['revenue', 'customers'], unit: 'USD' },
} as const;

export const bikestoreOverview = defineDashboard({
  name: 'bikestore-overview',
  title: 'Bike stores: overview',
  description: 'What the bike stores sell, by day of order and by store, and whether it is shipped in time.',
  pipeline: 'bikestore',
  data: {
    sales: {
      mart: 'fact_sales',
      joins: { ...joins, ...bought, store: { mart: 'dim_stores', on: { history_key: 'store_key' } } },
      dimensions: {
        ...filters,
        store: { column: 'store_name', of: 'store' },
        delivery: { order: ['in time', 'late', 'not shipped'] },
      },
      measures: {
        ...measures,
        ...counted,
        products: { distinct: 'product_id', of: 'product' },
        days_to_ship: { label: 'Days to ship', mean: 'days_to_ship', decimals: 1 },
        days_promised: { label: 'Days promised', mean: 'days_promised', decimals: 1 },
      },
    },
  },
  filters: ['month', 'status', 'store', 'delivery'],
  panels: [
    { kind: 'number', title: 'Revenue', data: 'sales', measure: 'revenue' },
    { kind: 'number', title: 'Units sold', data: 'sales', measure: 'units' },
    { kind: 'number', title: 'Discount', data: 'sales', measure: 'discount' },
    { kind: 'number', title: 'Orders', data: 'sales', measure: 'orders' },
    { kind: 'number', title: 'Average order', data: 'sales', measure: 'order_value' },
    { kind: 'number', title: 'Customers', data: 'sales', measure: 'customers' },
    { kind: 'number', title: 'Products', note: 'That were bought.', data: 'sales', measure: 'products' },
    { kind: 'line', title: 'Revenue per month', data: 'sales', by: 'month', measure: 'revenue' },
    { kind: 'line', title: 'Units per month', data: 'sales', by: 'month', measure: 'units' },
    { kind: 'bars', title: 'Revenue per store', data: 'sales', by: 'store', measure: 'revenue' },
    { kind: 'share', title: 'Revenue by order status', data: 'sales', by: 'status', measure: 'revenue' },
    {
      kind: 'number',
      title: 'Days to ship',
      note: 'Of orders that were shipped.',
      data: 'sales',
      measure: 'days_to_ship',
    },
    { kind: 'number', title: 'Days promised', data: 'sales', measure: 'days_promised' },
    {
      kind: 'table',
      title: 'Delivery, by store',
      note: 'Late is shipped after the day that was required.',
      data: 'sales',
      by: ['store', 'delivery'],
      measures: ['orders', 'days_to_ship', 'days_promised'],
      width: 'half',
    },
    {
      kind: 'table',
      title: 'Delivery, by month',
      data: 'sales',
      by: ['month', 'delivery'],
      measures: ['orders', 'days_to_ship', 'days_promised'],
      width: 'half',
      sort: { by: 'month', descending: true },
    },
    {
      kind: 'table',
      title: 'Months',
      data: 'sales',
      by: ['month', 'status'],
      measures: ['revenue', 'units', 'discount', 'unit_price'],
      rows: 12,
      sort: { by: 'month', descending: true },
    },
  ],
});

export const bikestoreProducts = defineDashboard({
  name: 'bikestore-products',
  title: 'Bike stores: products',
  description: 'What sells, by product, brand and category, as they were called when it was ordered.',
  pipeline: 'bikestore',
  data: {
    sales: {
      mart: 'fact_sales',
      joins: { ...joins, product: { mart: 'dim_products', on: { history_key: 'product_key' } } },
      dimensions: {
        ...filters,
        product: { column: 'product_name', of: 'product' },
        brand: { column: 'brand_name', of: 'product' },
        category: { column: 'category_name', of: 'product' },
      },
      measures,
    },
  },
  filters: ['year', 'status', 'brand', 'category'],
  panels: [
    { kind: 'number', title: 'Revenue', data: 'sales', measure: 'revenue' },
    { kind: 'number', title: 'Units sold', data: 'sales', measure: 'units' },
    { kind: 'number', title: 'Revenue per unit', data: 'sales', measure: 'unit_price' },
    { kind: 'share', title: 'Revenue by category', data: 'sales', by: 'category', measure: 'revenue' },
    { kind: 'bars', title: 'Revenue by brand', data: 'sales', by: 'brand', measure: 'revenue' },
    {
      kind: 'ranking',
      title: 'Products with the most revenue',
      data: 'sales',
      by: 'product',
      measure: 'revenue',
    },
    { kind: 'ranking', title: 'Products sold most', data: 'sales', by: 'product', measure: 'units' },
    { kind: 'line', title: 'Revenue per month', data: 'sales', by: 'month', measure: 'revenue' },
    {
      kind: 'table',
      title: 'All products',
      data: 'sales',
      by: ['product', 'brand', 'category'],
      measures: ['revenue', 'units', 'lines', 'unit_price'],
      rows: 15,
      sort: { by: 'revenue', descending: true },
    },
  ],
});

export const bikestoreCustomers = defineDashboard({
  name: 'bikestore-customers',
  title: 'Bike stores: customers',
  description: 'Who buys, and where they lived when they did.',
  pipeline: 'bikestore',
  data: {
    sales: {
      mart: 'fact_sales',
      joins: { ...joins, customer: bought.customer },
      dimensions: {
        ...filters,
        state: { of: 'customer' },
        zip_code: { of: 'customer', label: 'Zip code' },
        city: { of: 'customer' },
        first_name: { of: 'customer', label: 'First name' },
        last_name: { of: 'customer', label: 'Last name' },
      },
      measures: { ...measures, ...counted },
    },
  },
  filters: ['year', 'status', 'state'],
  panels: [
    { kind: 'number', title: 'Revenue', data: 'sales', measure: 'revenue' },
    { kind: 'number', title: 'Units sold', data: 'sales', measure: 'units' },
    { kind: 'number', title: 'Customers who bought', data: 'sales', measure: 'customers' },
    { kind: 'number', title: 'Orders', data: 'sales', measure: 'orders' },
    { kind: 'number', title: 'Revenue per customer', data: 'sales', measure: 'customer_value' },
    { kind: 'map', country: 'US', title: 'Revenue by state', data: 'sales', by: 'state', measure: 'revenue' },
    {
      kind: 'ranking',
      title: 'Zip codes with the most revenue',
      data: 'sales',
      by: 'zip_code',
      measure: 'revenue',
    },
    { kind: 'line', title: 'Revenue per month', data: 'sales', by: 'month', measure: 'revenue' },
    {
      kind: 'table',
      title: 'Customers',
      note: 'By their names and where they lived: two of one name in one city are one line.',
      data: 'sales',
      by: ['first_name', 'last_name', 'city', 'state'],
      measures: ['revenue', 'units', 'orders'],
      rows: 10,
      sort: { by: 'revenue', descending: true },
    },
  ],
});
