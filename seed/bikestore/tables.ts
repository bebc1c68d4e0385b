/** The tables, each with its file; what an order's status means is in none. */
export const bikestoreFiles = {
  brands: 'brands.csv',
  categories: 'categories.csv',
  products: 'products.csv',
  stores: 'stores.csv',
  staffs: 'staffs.csv',
  customers: 'customers.csv',
  orders: 'orders.csv',
  order_items: 'order_items.csv',
  stocks: 'stocks.csv',
} as const;

export type BikestoreFile = keyof typeof bikestoreFiles;
export type BikestoreTable = BikestoreFile | 'order_status';

export const fileTables = Object.keys(bikestoreFiles) as BikestoreFile[];
export const bikestoreTables: readonly BikestoreTable[] = [...fileTables, 'order_status'];
