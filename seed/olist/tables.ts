/** The tables, parents before children, each with the name that Kaggle gives its file. */
export const olistFiles = {
  customers: 'olist_customers_dataset.csv',
  geolocation: 'olist_geolocation_dataset.csv',
  products: 'olist_products_dataset.csv',
  sellers: 'olist_sellers_dataset.csv',
  product_category_name_translation: 'product_category_name_translation.csv',
  orders: 'olist_orders_dataset.csv',
  order_items: 'olist_order_items_dataset.csv',
  order_payments: 'olist_order_payments_dataset.csv',
  order_reviews: 'olist_order_reviews_dataset.csv',
  leads_qualified: 'olist_marketing_qualified_leads_dataset.csv',
  leads_closed: 'olist_closed_deals_dataset.csv',
} as const;

export type OlistTable = keyof typeof olistFiles;

export const olistTables = Object.keys(olistFiles) as OlistTable[];

/** A count of rows for every table, zero at first. */
export type RowCounts = Record<OlistTable, number>;

export function noRows(): RowCounts {
  return Object.fromEntries(olistTables.map((table) => [table, 0])) as RowCounts;
}
