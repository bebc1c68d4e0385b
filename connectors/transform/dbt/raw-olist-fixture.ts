/** DDL of `raw_olist` as the loader makes it: the source's names, exact money, our columns at the end. */
const tables = {
  customers:
    'customer_id varchar, customer_unique_id varchar, customer_zip_code_prefix varchar, customer_city varchar, customer_state varchar',
  geolocation:
    'geolocation_zip_code_prefix varchar, geolocation_lat double, geolocation_lng double, geolocation_city varchar, geolocation_state varchar',
  orders:
    'order_id varchar, customer_id varchar, order_status varchar, order_purchase_timestamp timestamp, order_approved_at timestamp, order_delivered_carrier_date timestamp, order_delivered_customer_date timestamp, order_estimated_delivery_date timestamp',
  order_items:
    'order_id varchar, order_item_id integer, product_id varchar, seller_id varchar, shipping_limit_date timestamp, price decimal(10,2), freight_value decimal(10,2)',
  order_payments:
    'order_id varchar, payment_sequential integer, payment_type varchar, payment_installments integer, payment_value decimal(10,2)',
  order_reviews:
    'review_id varchar, order_id varchar, review_score integer, review_comment_title varchar, review_comment_message varchar, review_creation_date timestamp, review_answer_timestamp timestamp',
  products:
    'product_id varchar, product_category_name varchar, product_name_lenght integer, product_description_lenght integer, product_photos_qty integer, product_weight_g integer, product_length_cm integer, product_height_cm integer, product_width_cm integer',
  sellers: 'seller_id varchar, seller_zip_code_prefix varchar, seller_city varchar, seller_state varchar',
  product_category_name_translation: 'product_category_name varchar, product_category_name_english varchar',
  leads_qualified: 'mql_id varchar, first_contact_date date, landing_page_id varchar, origin varchar',
  leads_closed:
    'mql_id varchar, seller_id varchar, sdr_id varchar, sr_id varchar, won_date timestamp, business_segment varchar, lead_type varchar, lead_behaviour_profile varchar, has_company boolean, has_gtin boolean, average_stock varchar, business_type varchar, declared_product_catalog_size decimal(18,2), declared_monthly_revenue decimal(18,2)',
} as const;

export type RawTable = keyof typeof tables;

/** All tables without rows. */
export const emptyRaw = [
  'create schema raw_olist;',
  ...Object.entries(tables).map(
    ([name, columns]) =>
      `create table raw_olist.${name} (${columns}, _load_id varchar, _loaded_at timestamptz, _extracted_at timestamptz);`,
  ),
].join('\n');

const loaded = `'load-1', timestamptz '2018-09-01 03:00:00+00', timestamptz '2018-09-01 02:00:00+00'`;

/**
 * 600 orders of about 400 people: several payments and reviews for some, repeat customers, every status, an order
 * without payment, several points per zip code, an untranslated and a missing category.
 */
export const smallRaw = `${emptyRaw}
insert into raw_olist.customers
  select 'c' || i, 'u' || (i * 7919 % 400), lpad((i % 40)::varchar, 5, '0'), 'são paulo', 'SP', ${loaded} from range(600) t(i);
insert into raw_olist.geolocation
  select lpad((i % 38)::varchar, 5, '0'), -23.5 - i / 1e4, -46.6 + i / 3e4, 'sao paulo', 'SP', ${loaded} from range(200) t(i);
insert into raw_olist.orders
  select 'o' || i, 'c' || i, case when i % 11 = 0 then 'canceled' when i % 13 = 0 then 'shipped' else 'delivered' end, bought,
    bought + interval 1 hour, bought + interval 2 day, case when i % 13 > 0 then bought + interval (i % 30) day end, bought + interval 20 day, ${loaded}
  from (select i, timestamp '2018-01-01' + interval (i * 37 % 240) day + interval (i * 611 % 86400) second as bought from range(600) t(i));
insert into raw_olist.order_items
  select 'o' || i, n, 'p' || ((i + n) % 30), 's' || (i % 5), timestamp '2018-06-01', (i * 131 % 20000) / 100, (i % 900) / 100, ${loaded}
  from range(600) t(i), range(1, 4) r(n) where n <= 1 + i % 3;
insert into raw_olist.order_payments
  select 'o' || i, n, case when n = 1 then 'credit_card' else 'voucher' end, 1, (i * 97 % 30000) / 100 + n * 0.01, ${loaded}
  from range(1, 600) t(i), range(1, 5) r(n) where n <= 1 + i % 4;
insert into raw_olist.order_reviews
  select 'r' || (i // 2), 'o' || i || '', 1 + (i * 31 + n) % 5, null, E'linha\\nlinha', timestamp '2018-07-01', timestamp '2018-07-02', ${loaded}
  from range(600) t(i), range(1, 4) r(n) where i % 10 > 0 and n <= 1 and n <= i % 3 + 1;
insert into raw_olist.order_reviews
  select 'x' || i, 'o' || i, 1 + i % 5, 'again', null, timestamp '2018-07-01', timestamp '2018-07-02', ${loaded}
  from range(600) t(i) where i % 7 = 0;
insert into raw_olist.products
  select 'p' || i, case i % 3 when 0 then 'pc_gamer' when 1 then 'artes' end, 10, 100, 1, 500, 10, 10, 10, ${loaded} from range(30) t(i);
insert into raw_olist.sellers select 's' || i, '1234', 'campinas', 'SP', ${loaded} from range(5) t(i);
insert into raw_olist.product_category_name_translation values ('artes', 'art', ${loaded});
insert into raw_olist.leads_qualified values ('m1', date '2018-01-01', 'page', 'social', ${loaded});
insert into raw_olist.leads_closed (mql_id, seller_id, declared_monthly_revenue, _load_id) values ('m1', 's1', 0.00, 'load-1');
`;

/** Column types of the real files, for a loader of CSV. */
export function columnsOf(table: RawTable): readonly { readonly name: string; readonly type: string }[] {
  return tables[table].split(/, (?=[a-z])/).map((column) => {
    const [name = '', type = ''] = column.split(/ (.*)/);
    return { name, type };
  });
}
