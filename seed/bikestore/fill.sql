-- Days are those of the head office. What has no time of its own was there when the stores opened.
set local timezone = 'Asia/Bangkok';

insert into public.brands select brand_id, brand_name from public.file_brands;
insert into public.categories select category_id, category_name from public.file_categories;

insert into public.products
select product_id, product_name, brand_id, category_id, model_year, list_price, '2016-01-01', '2016-01-01', 'Y' from public.file_products;

insert into public.stores
select store_id, store_name, phone, email, street, city, state, zip_code, '2016-01-01', '2016-01-01', 'Y' from public.file_stores;

insert into public.staffs
select staff_id, first_name, last_name, email, phone, store_id, manager_id, '2016-01-01', '2016-01-01', 'Y' from public.file_staffs;

-- A customer is there since the first order.
insert into public.customers
select customer_id, first_name, last_name, phone, email, street, city, state, zip_code, since, since, 'Y'
from public.file_customers
left join (select customer_id, min(order_date)::timestamptz as ordered from public.file_orders group by customer_id) as firsts using (customer_id),
  lateral (select coalesce(ordered, '2016-01-01') as since) as times;

insert into public.order_status values (1, 'Pending'), (2, 'Rejected'), (3, 'Completed');

insert into public.orders
select
  order_id,
  customer_id,
  case when order_status <= 2 then 1 when order_status = 3 then 2 else 3 end,
  order_date,
  required_date,
  shipped_date,
  store_id,
  staff_id,
  case order_status when 4 then coalesce(shipped_date, order_date) when 3 then required_date + 1 else order_date end
from public.file_orders;

insert into public.order_items select order_id, item_id, product_id, quantity, list_price, discount from public.file_order_items;
insert into public.stocks select store_id, product_id, quantity from public.file_stocks;
