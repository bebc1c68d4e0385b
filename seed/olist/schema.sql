-- The operational database of the shop, as an application would keep it: schema public, eleven tables.
-- Column names are those of the Kaggle files, misspellings included. Keys, foreign keys and indexes are in
-- keys.sql, which runs after the rows are in.

create table public.customers (
  customer_id varchar(32) not null,
  customer_unique_id varchar(32) not null,
  customer_zip_code_prefix varchar(5) not null check (customer_zip_code_prefix ~ '^[0-9]{5}$'),
  customer_city text not null,
  customer_state varchar(2) not null
);
comment on table public.customers is 'One row per order: the address it went to. A person is a customer_unique_id.';
comment on column public.customers.customer_unique_id is 'The person; repeats when the person buys again.';
comment on column public.customers.customer_zip_code_prefix is 'First five digits, leading zeros kept; not every one is in geolocation.';

create table public.geolocation (
  geolocation_zip_code_prefix varchar(5) not null check (geolocation_zip_code_prefix ~ '^[0-9]{5}$'),
  geolocation_lat double precision not null,
  geolocation_lng double precision not null,
  geolocation_city text not null,
  geolocation_state varchar(2) not null
);
comment on table public.geolocation is 'Points seen in a zip code prefix. Many per prefix, whole rows repeat: there is no key.';
comment on column public.geolocation.geolocation_city is 'As typed: with and without accents, sometimes broken.';

create table public.products (
  product_id varchar(32) not null,
  product_category_name text,
  product_name_lenght integer,
  product_description_lenght integer,
  product_photos_qty integer,
  product_weight_g integer,
  product_length_cm integer,
  product_height_cm integer,
  product_width_cm integer
);
comment on column public.products.product_category_name is 'Portuguese; unset for some products, and not every name has a translation.';
comment on column public.products.product_name_lenght is 'Characters of the name. Spelled as in the source.';
comment on column public.products.product_description_lenght is 'Characters of the description. Spelled as in the source.';

create table public.sellers (
  seller_id varchar(32) not null,
  seller_zip_code_prefix varchar(5) not null check (seller_zip_code_prefix ~ '^[0-9]{5}$'),
  seller_city text not null,
  seller_state varchar(2) not null
);

create table public.product_category_name_translation (
  product_category_name text not null,
  product_category_name_english text not null
);
comment on table public.product_category_name_translation is 'English names of the categories; some categories are missing.';

create table public.orders (
  order_id varchar(32) not null,
  customer_id varchar(32) not null,
  order_status text not null check (
    order_status in ('created', 'approved', 'invoiced', 'processing', 'shipped', 'delivered', 'unavailable', 'canceled')
  ),
  order_purchase_timestamp timestamp not null,
  order_approved_at timestamp,
  order_delivered_carrier_date timestamp,
  order_delivered_customer_date timestamp,
  order_estimated_delivery_date timestamp not null
);
comment on column public.orders.order_approved_at is 'Unset while unpaid, and for some orders for ever, even delivered ones.';

create table public.order_items (
  order_id varchar(32) not null,
  order_item_id integer not null,
  product_id varchar(32) not null,
  seller_id varchar(32) not null,
  shipping_limit_date timestamp not null,
  price numeric(10, 2) not null check (price >= 0),
  freight_value numeric(10, 2) not null check (freight_value >= 0)
);
comment on column public.order_items.order_item_id is 'Line number within the order, one per piece; not a quantity.';

create table public.order_payments (
  order_id varchar(32) not null,
  payment_sequential integer not null,
  payment_type text not null,
  payment_installments integer not null check (payment_installments >= 0),
  payment_value numeric(10, 2) not null check (payment_value >= 0)
);
comment on table public.order_payments is 'One row per means of payment; an order may have none, one or many.';

create table public.order_reviews (
  review_id varchar(32) not null,
  order_id varchar(32) not null,
  review_score integer not null check (review_score between 1 and 5),
  review_comment_title text,
  review_comment_message text,
  review_creation_date timestamp not null,
  review_answer_timestamp timestamp not null
);
comment on table public.order_reviews is 'An order may have several reviews, and one review_id may stand on several orders.';
comment on column public.order_reviews.review_creation_date is 'The day on which the questionnaire was sent.';

create table public.leads_qualified (
  mql_id varchar(32) not null,
  first_contact_date date not null,
  landing_page_id varchar(32) not null,
  origin text
);
comment on table public.leads_qualified is 'Sellers to be: those who asked for contact.';

create table public.leads_closed (
  mql_id varchar(32) not null,
  seller_id varchar(32) not null,
  sdr_id varchar(32) not null,
  sr_id varchar(32) not null,
  won_date timestamp not null,
  business_segment text,
  lead_type text,
  lead_behaviour_profile text,
  has_company boolean,
  has_gtin boolean,
  average_stock text,
  business_type text,
  declared_product_catalog_size integer,
  declared_monthly_revenue numeric(14, 2) not null
);
comment on table public.leads_closed is 'Leads that signed up as sellers.';
comment on column public.leads_closed.seller_id is 'Most of them never sold anything and are not in sellers.';
comment on column public.leads_closed.average_stock is 'A range in words, such as 5-20.';
