with

items as (

    select
        order_id,
        product_category_name,
        price,
        freight_value,
        cast(extract(year from order_purchase_timestamp) as integer) as sold_in

    from {{ source('olist_hourly', 'order_items') }}

),

names as (

    select
        product_category_name,
        product_category_name_english

    from {{ source('olist_hourly', 'product_category_name_translation') }}

)

select
    coalesce(names.product_category_name_english, items.product_category_name, 'none') as category,
    items.sold_in as year,
    count(*) as items_sold,
    count(distinct items.order_id) as orders,
    sum(items.price) as price,
    sum(items.freight_value) as freight

from items
left join names on items.product_category_name = names.product_category_name
group by 1, 2
