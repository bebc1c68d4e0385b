-- The operational database of the bike stores, as an application would keep it: schema public, ten tables.
-- Keys, triggers and rules are in behaviour.sql, which runs after the rows are in: they keep the times that these came with.

create table public.brands (
  brand_id integer not null,
  brand_name text not null
);

create table public.categories (
  category_id integer not null,
  category_name text not null
);

create table public.products (
  product_id integer not null,
  product_name text not null,
  brand_id integer not null,
  category_id integer not null,
  model_year integer not null,
  list_price numeric(10, 2) not null check (list_price >= 0),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  is_active varchar(1) not null check (is_active in ('Y', 'N'))
);

create table public.stores (
  store_id integer not null,
  store_name text not null,
  phone text,
  email text,
  street text,
  city text,
  state varchar(10),
  zip_code varchar(5),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  is_active varchar(1) not null check (is_active in ('Y', 'N'))
);

create table public.staffs (
  staff_id integer not null,
  first_name text not null,
  last_name text not null,
  email text not null,
  phone text,
  store_id integer not null,
  manager_id integer,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  is_active varchar(1) not null check (is_active in ('Y', 'N'))
);
comment on column public.staffs.manager_id is 'Another one of them; nobody for the manager of all.';

create table public.customers (
  customer_id integer not null,
  first_name text not null,
  last_name text not null,
  phone text,
  email text not null,
  street text,
  city text,
  state varchar(25),
  zip_code varchar(5),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  is_active varchar(1) not null check (is_active in ('Y', 'N'))
);

create table public.order_status (
  order_status_id integer not null,
  order_status text not null
);

create table public.orders (
  order_id integer not null,
  customer_id integer not null,
  order_status_id integer not null,
  order_date date not null,
  required_date date not null,
  shipped_date date,
  store_id integer not null,
  staff_id integer not null,
  updated_at timestamptz not null
);
comment on column public.orders.updated_at is 'Moves with the order, and with any line of it.';

create table public.order_items (
  order_id integer not null,
  item_id integer not null,
  product_id integer not null,
  quantity integer not null check (quantity > 0),
  list_price numeric(10, 2) not null check (list_price >= 0),
  discount numeric(4, 2) not null check (discount between 0 and 1)
);
comment on column public.order_items.item_id is 'Line number within the order.';

create table public.stocks (
  store_id integer not null,
  product_id integer not null,
  quantity integer
);
