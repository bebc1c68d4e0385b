-- Keys, foreign keys and indexes of schema.sql; run when the rows are in.
-- Foreign keys are declared without checking; the seeder then validates each one whose parent table was filled.

alter table public.customers add primary key (customer_id);
alter table public.products add primary key (product_id);
alter table public.sellers add primary key (seller_id);
alter table public.product_category_name_translation add primary key (product_category_name);
alter table public.orders add primary key (order_id);
alter table public.order_items add primary key (order_id, order_item_id);
alter table public.order_payments add primary key (order_id, payment_sequential);
alter table public.order_reviews add primary key (review_id, order_id);
alter table public.leads_qualified add primary key (mql_id);
alter table public.leads_closed add primary key (mql_id);

-- What has no foreign key, and why: zip code prefixes (geolocation has no key, and lacks some of them),
-- products.product_category_name (two categories have no translation), leads_closed.seller_id (most of
-- these sellers never sold anything). Geolocation itself has no key: whole rows repeat.
alter table public.orders add foreign key (customer_id) references public.customers not valid;
alter table public.order_items add foreign key (order_id) references public.orders not valid;
alter table public.order_items add foreign key (product_id) references public.products not valid;
alter table public.order_items add foreign key (seller_id) references public.sellers not valid;
alter table public.order_payments add foreign key (order_id) references public.orders not valid;
alter table public.order_reviews add foreign key (order_id) references public.orders not valid;
alter table public.leads_closed add foreign key (mql_id) references public.leads_qualified not valid;

create unique index orders_customer_id_key on public.orders (customer_id);
create index orders_order_purchase_timestamp_idx on public.orders (order_purchase_timestamp);
create index order_items_shipping_limit_date_idx on public.order_items (shipping_limit_date);
create index order_items_product_id_idx on public.order_items (product_id);
create index order_items_seller_id_idx on public.order_items (seller_id);
create index order_reviews_review_creation_date_idx on public.order_reviews (review_creation_date);
create index order_reviews_order_id_idx on public.order_reviews (order_id);
create index leads_qualified_first_contact_date_idx on public.leads_qualified (first_contact_date);
create index leads_closed_won_date_idx on public.leads_closed (won_date);
create index customers_customer_unique_id_idx on public.customers (customer_unique_id);
create index geolocation_geolocation_zip_code_prefix_idx on public.geolocation (geolocation_zip_code_prefix);
