alter table public.brands add primary key (brand_id);
alter table public.categories add primary key (category_id);
alter table public.products add primary key (product_id),
  add foreign key (brand_id) references public.brands, add foreign key (category_id) references public.categories;
alter table public.stores add primary key (store_id);
alter table public.staffs add primary key (staff_id),
  add foreign key (store_id) references public.stores, add foreign key (manager_id) references public.staffs;
alter table public.customers add primary key (customer_id);
alter table public.order_status add primary key (order_status_id);
alter table public.orders add primary key (order_id),
  add foreign key (customer_id) references public.customers, add foreign key (order_status_id) references public.order_status,
  add foreign key (store_id) references public.stores, add foreign key (staff_id) references public.staffs;
alter table public.order_items add primary key (order_id, item_id),
  add foreign key (order_id) references public.orders, add foreign key (product_id) references public.products;
alter table public.stocks add primary key (store_id, product_id),
  add foreign key (store_id) references public.stores, add foreign key (product_id) references public.products;

create index on public.customers (updated_at);
create index on public.products (updated_at);
create index on public.staffs (updated_at);
create index on public.stores (updated_at);
create index on public.orders (updated_at);
create index on public.order_items (product_id);

create or replace function public.keep_audit_columns() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    new.created_at := now();
    new.is_active := 'Y';
  end if;
  new.updated_at := now();
  return new;
end $$;

create or replace function public.keep_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;

-- An order and its lines are one thing: whichever of them is changed, added or deleted, the order's time moves.
create or replace function public.touch_order() returns trigger language plpgsql as $$
begin
  update public.orders set updated_at = now()
  where order_id in (case when tg_op <> 'INSERT' then old.order_id end, case when tg_op <> 'DELETE' then new.order_id end);
  return null;
end $$;

create trigger keep_audit_columns before insert or update on public.customers for each row execute function public.keep_audit_columns();
create trigger keep_audit_columns before insert or update on public.products for each row execute function public.keep_audit_columns();
create trigger keep_audit_columns before insert or update on public.staffs for each row execute function public.keep_audit_columns();
create trigger keep_audit_columns before insert or update on public.stores for each row execute function public.keep_audit_columns();
create trigger keep_updated_at before insert or update on public.orders for each row execute function public.keep_updated_at();
create trigger touch_order after insert or update or delete on public.order_items for each row execute function public.touch_order();

-- Nobody is forgotten: who is deleted is not active any more.
create rule soft_delete as on delete to public.customers do instead
  update public.customers set is_active = 'N' where customer_id = old.customer_id;
create rule soft_delete as on delete to public.products do instead
  update public.products set is_active = 'N' where product_id = old.product_id;
create rule soft_delete as on delete to public.staffs do instead
  update public.staffs set is_active = 'N' where staff_id = old.staff_id;
create rule soft_delete as on delete to public.stores do instead
  update public.stores set is_active = 'N' where store_id = old.store_id;

analyze public.brands, public.categories, public.products, public.stores, public.staffs, public.customers, public.order_status,
  public.orders, public.order_items, public.stocks;
