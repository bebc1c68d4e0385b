-- The nine files, as they come. `fill.sql` makes the tables of them, then they go.

create table public.file_brands (brand_id integer not null, brand_name text not null);
create table public.file_categories (category_id integer not null, category_name text not null);
create table public.file_customers (
  customer_id integer not null, first_name text not null, last_name text not null, phone text, email text not null, street text, city text,
  state varchar(25), zip_code varchar(5)
);
create table public.file_stores (
  store_id integer not null, store_name text not null, phone text, email text, street text, city text, state varchar(10), zip_code varchar(5)
);
create table public.file_staffs (
  staff_id integer not null, first_name text not null, last_name text not null, email text not null, phone text, active integer not null,
  store_id integer not null, manager_id integer
);
create table public.file_products (
  product_id integer not null, product_name text not null, brand_id integer not null, category_id integer not null,
  model_year integer not null, list_price numeric(10, 2) not null
);
create table public.file_orders (
  order_id integer not null, customer_id integer not null, order_status integer not null check (order_status between 1 and 4),
  order_date date not null, required_date date not null, shipped_date date, store_id integer not null, staff_id integer not null
);
create table public.file_order_items (
  order_id integer not null, item_id integer not null, product_id integer not null, quantity integer not null,
  list_price numeric(10, 2) not null, discount numeric(4, 2) not null
);
create table public.file_stocks (store_id integer not null, product_id integer not null, quantity integer);
