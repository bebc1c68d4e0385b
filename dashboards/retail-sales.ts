import { defineDashboard } from '../core/dashboards/definition.ts';

const total_sales = { label: 'Sales', sum: 'total_sales', unit: 'BRL' } as const;
const quantity = { label: 'Pieces', sum: 'quantity' } as const;
const sales = { label: 'Number of sales', sum: 'sales' } as const;
const salesperson_name = { label: 'Sales person' } as const;
const product_name = { label: 'Product' } as const;
const client_name = { label: 'Client' } as const;
const sale_month = { label: 'Month', by: 'month' } as const;
const age_group = {
  label: 'Age group',
  order: ['children', 'teenager', 'adult', 'senior', 'unknown'],
} as const;

export const retailSales = defineDashboard({
  name: 'retail-sales',
  title: 'Clothes: sales',
  description:
    'Who sells, what sells and who buys in the shop for clothes; by month, and by age on the day of the sale.',
  pipeline: 'retail_sales',
  data: {
    people: {
      mart: 'sales_people_by_total',
      dimensions: { salesperson_name },
      measures: { total_sales, sales },
    },
    people_months: {
      mart: 'sales_people_by_month',
      dimensions: { salesperson_name, sale_month },
      measures: { total_sales, sales },
    },
    people_products: {
      mart: 'sales_people_by_product',
      dimensions: { salesperson_name, product_name },
      measures: { total_sales, quantity },
    },
    people_products_months: {
      mart: 'sales_people_by_product_month',
      dimensions: { salesperson_name, product_name, sale_month },
      measures: { total_sales, quantity },
    },
    products: {
      mart: 'top_selling_products',
      dimensions: { product_name },
      measures: { total_sales, quantity },
    },
    products_months: {
      mart: 'top_selling_products_by_month',
      dimensions: { product_name, sale_month },
      measures: { total_sales, quantity },
    },
    clients: {
      mart: 'top_spending_clients',
      dimensions: { client_name, state: { label: 'State' } },
      measures: { total_sales, sales },
    },
    clients_ages: {
      mart: 'top_spending_clients_by_age_group',
      dimensions: { client_name, age_group },
      measures: { total_sales, sales },
    },
  },
  panels: [
    { kind: 'number', title: 'Sales', data: 'people', measure: 'total_sales' },
    { kind: 'number', title: 'Number of sales', data: 'people', measure: 'sales' },
    { kind: 'number', title: 'Pieces', data: 'products', measure: 'quantity' },
    {
      kind: 'line',
      title: 'Sales per month',
      data: 'people_months',
      by: 'sale_month',
      measure: 'total_sales',
    },
    {
      kind: 'bars',
      title: 'Sales by age group',
      data: 'clients_ages',
      by: 'age_group',
      measure: 'total_sales',
    },
    {
      kind: 'ranking',
      title: 'Sales people who sell most',
      data: 'people',
      by: 'salesperson_name',
      measure: 'total_sales',
    },
    {
      kind: 'ranking',
      title: 'Products that sell most',
      data: 'products',
      by: 'product_name',
      measure: 'total_sales',
    },
    {
      kind: 'ranking',
      title: 'Clients who spend most',
      data: 'clients',
      by: 'client_name',
      measure: 'total_sales',
    },
    {
      kind: 'map',
      country: 'BR',
      title: 'Where clients live, by what they spend',
      data: 'clients',
      by: 'state',
      measure: 'total_sales',
    },
    {
      kind: 'table',
      title: 'Products, by month',
      data: 'products_months',
      by: ['sale_month', 'product_name'],
      measures: ['total_sales', 'quantity'],
      rows: 12,
      sort: { by: 'sale_month', descending: true },
    },
    {
      kind: 'table',
      title: 'Clients, by age group',
      note: 'A client who has had a birthday may be in two groups.',
      data: 'clients_ages',
      by: ['age_group', 'client_name'],
      measures: ['total_sales', 'sales'],
      rows: 12,
      sort: { by: 'total_sales', descending: true },
    },
    {
      kind: 'table',
      title: 'Sales people and products',
      data: 'people_products',
      by: ['salesperson_name', 'product_name'],
      measures: ['total_sales', 'quantity'],
      rows: 12,
      sort: { by: 'total_sales', descending: true },
    },
    {
      kind: 'table',
      title: 'Sales people and products, by month',
      data: 'people_products_months',
      by: ['sale_month', 'salesperson_name', 'product_name'],
      measures: ['total_sales', 'quantity'],
      rows: 12,
      sort: { by: 'total_sales', descending: true },
    },
  ],
});
